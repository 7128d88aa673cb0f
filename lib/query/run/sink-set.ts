// The sinks of a query in one container: each is opened once, before the first batch, and closed where there is an end. On
// Lambda there is none, since a container ends without notice; the test driver has one.

import type { Sink, SinkBatch } from '../../sink/sink.ts'

type AnySink = Pick<Sink<never>, 'open' | 'close'>

export class SinkSet {
  readonly #opened = new Map<AnySink, Promise<void>>()

  /**
   * One batch to some sinks, one after the other.
   * @throws what the first sink that fails rejects with; the batch comes again, and a sink that did not open is opened again
   */
  async write<Row>(sinks: readonly Sink<Row>[], batch: SinkBatch<Row>): Promise<void> {
    // All of them first: rows that only some of the sinks can take are better not written at all.
    for (const sink of sinks) await this.#open(sink)
    for (const sink of sinks) await sink.write(batch)
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
