// A RecordSource in front of which the schema registry stands: what is read is decoded before the mapping gets it. Records whose
// schemas are not there yet wait, with what comes after them in their partition, which is paused meanwhile; no order is lost.

import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import { messageOf } from '../error.ts'
import type { EventPublisher } from '../events/channel.ts'
import { backoff } from '../settings/limits.ts'
import { OversizedRow } from '../source/fetch/oversized-row.ts'
import type { RecordSource, SourceListener } from '../source/record-source.ts'
import type { RecordRegistry } from './record-registry.ts'

interface Read {
  readonly rows: readonly KafkaRow[]
  readonly nextOffset: number
  readonly endOffset: number
}

/** What waits of one partition, from one assignment on. */
interface Waiting {
  readonly reads: Read[]
  isLoading: boolean
}

/** @example const source = registeredSource(kafkaSource(options), recordRegistry(settings, registry), events) */
export function registeredSource(source: RecordSource, registry: RecordRegistry, events: EventPublisher): RecordSource {
  const waiting = new Map<number, Waiting>()
  /** Those that the mapping itself has paused. */
  const paused = new Set<number>()
  const closing = new AbortController()
  const closed = new Promise((resolve) => closing.signal.addEventListener('abort', resolve, { once: true }))
  let listener: SourceListener | undefined

  function take(partition: number, read: Read): void {
    const queue = waiting.get(partition) ?? { reads: [], isLoading: false }
    waiting.set(partition, queue)
    queue.reads.push(read)
    if (!queue.isLoading) drain(partition, queue)
  }

  /** Hands over what can be decoded, in order; what cannot yet is loaded, and then it goes on. */
  function drain(partition: number, queue: Waiting): void {
    for (let read = queue.reads[0]; read !== undefined; read = queue.reads[0]) {
      const { rows, nextOffset, endOffset } = read
      const framed = rows.filter((row) => !(row instanceof OversizedRow))
      if (!registry.isReady(framed)) {
        queue.isLoading = true
        source.pause(partition)
        void load(partition, queue, framed)
        return
      }
      queue.reads.shift()
      const decoded = rows.map((row) => (row instanceof OversizedRow ? row : registry.decode(row)))
      listener?.records(partition, decoded, nextOffset, endOffset)
      // The mapping may have been given, and have lost, the partition meanwhile.
      if (waiting.get(partition) !== queue) return
    }
  }

  async function load(partition: number, queue: Waiting, rows: readonly KafkaRow[]): Promise<void> {
    let hasFailed = false
    for (let delayMs: number = backoff.firstMs; ; delayMs = Math.min(2 * delayMs, backoff.maxMs)) {
      try {
        await registry.load(rows)
        break
      } catch (error) {
        if (closing.signal.aborted || waiting.get(partition) !== queue) return
        hasFailed = true
        events.publish({ kind: 'registryFailed', message: messageOf(error) })
        await Promise.race([new Promise((resolve) => setTimeout(resolve, delayMs).unref()), closed])
      }
      if (closing.signal.aborted || waiting.get(partition) !== queue) return
    }
    if (closing.signal.aborted || waiting.get(partition) !== queue) return
    if (hasFailed) events.publish({ kind: 'registryAnswered' })
    queue.isLoading = false
    drain(partition, queue)
    if (!queue.isLoading && !paused.has(partition)) source.resume(partition)
  }

  /** Reading goes on at the mapping's own position, before which all that waited is. */
  function forget(partitions: Iterable<number>): void {
    for (const partition of partitions) {
      const isLoading = waiting.get(partition)?.isLoading === true
      waiting.delete(partition)
      if (isLoading && !paused.has(partition)) source.resume(partition)
    }
  }

  return {
    ...source,
    start(given) {
      listener = given
      source.start({
        assigned(assignment) {
          forget([assignment.partition])
          return given.assigned(assignment)
        },
        joined: () => given.joined(),
        revoked(partitions) {
          forget(partitions)
          given.revoked(partitions)
        },
        topicMissing() {
          forget([...waiting.keys()])
          given.topicMissing()
        },
        records: (partition, rows, nextOffset, endOffset) => take(partition, { rows, nextOffset, endOffset }),
      })
    },
    pause(partition) {
      paused.add(partition)
      source.pause(partition)
    },
    resume(partition) {
      paused.delete(partition)
      if (waiting.get(partition)?.isLoading !== true) source.resume(partition)
    },
    async close() {
      closing.abort()
      await source.close()
    },
  }
}
