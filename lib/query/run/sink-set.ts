// The sinks of a query in one container: each is opened once, before the first batch, and closed where there is an end. On
// Lambda there is none, since a container ends without notice; the test driver has one.

import { MicrobatchError, messageOf } from '../../error.ts'
import type { DeadLetter } from '../../sink/dead-letter.ts'
import { oversizedLetter } from '../../sink/oversized.ts'
import type { Sink, SinkBatch, SinkCall } from '../../sink/sink.ts'
import type { MicroBatchPorts } from './delivery.ts'

type AnySink = Pick<Sink<never>, 'description' | 'open' | 'close'>

export class SinkSet {
  readonly #ports: Pick<MicroBatchPorts, 'deadLetters' | 'remainingMs'>
  readonly #opened = new Map<AnySink, Promise<void>>()

  constructor(ports: Pick<MicroBatchPorts, 'deadLetters' | 'remainingMs'>) {
    this.#ports = ports
  }

  /**
   * One batch to some sinks, one after the other.
   * @returns the dead letters of rows that were too large for one of them; they are safe
   * @throws MicrobatchError naming the first sink that fails, with what it rejects with as its cause; the batch comes again, and a
   *   sink that did not open is opened again
   */
  async write<Row>(sinks: readonly Sink<Row>[], batch: SinkBatch<Row>): Promise<readonly DeadLetter[]> {
    const each = async (does: string, run: (sink: Sink<Row>) => Promise<void>): Promise<void> => {
      for (const [i, sink] of sinks.entries()) {
        const place = sinks.length === 1 ? '' : ` (${i + 1} of ${sinks.length})`
        await run(sink).catch((cause: unknown) => {
          const problem = `${batch.query}: the sink ${sink.description}${place} did not ${does} ${batch.key || 'a batch'}`
          const code = cause instanceof MicrobatchError ? cause.code : 'SINK_FAILED'
          throw new MicrobatchError(code, `${problem}: ${messageOf(cause)}`, { cause })
        })
      }
    }
    const { deadLetters, remainingMs } = this.#ports
    const letters: DeadLetter[] = []
    const call: SinkCall = {
      remainingMs,
      async setAside(rows) {
        const found = rows.map((row) => oversizedLetter(batch.query, row))
        await deadLetters.send(found)
        letters.push(...found)
      },
    }
    // All of them first: rows that only some of the sinks can take are better not written at all.
    await each('open for', (sink) => this.#open(sink))
    // A sink of a caller without types may throw in place of rejecting.
    await each('take', async (sink) => sink.write(batch, call))
    return letters
  }

  /** Closes what was opened, the last one first, also when one of them fails. @throws what the first of those rejects with */
  async close(): Promise<void> {
    const opened = [...this.#opened].reverse()
    this.#opened.clear()
    const failures: unknown[] = []
    for (const [sink, isOpen] of opened) {
      try {
        await isOpen
        await sink.close?.()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  async #open(sink: AnySink): Promise<void> {
    if (sink.open === undefined && sink.close === undefined) return
    const opening = this.#opened.get(sink) ?? Promise.resolve(sink.open?.())
    this.#opened.set(sink, opening)
    try {
      await opening
    } catch (error) {
      this.#opened.delete(sink)
      throw error
    }
  }
}
