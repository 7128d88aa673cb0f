// The records that wait, and the batches made of them (closing.ts says when, filling.ts of what). Pure: the time comes in. It
// keeps the order of each partition, gives out no partition that is in flight, and neither fetches, invokes nor commits.

import { type ArrivalQueue, append, emptyQueue } from './arrival-queue.ts'
import { type BatchLimits, closing, waiting, windowEndsAtMs } from './closing.ts'
import { type Filled, fill } from './filling.ts'

/** One batch of a mapping; its records are in order of arrival, hence ascending inside each partition. */
export interface Batch<R> extends Filled<R> {
  /** Arrival of its first record: where its window began. */
  readonly openedAtMs: number
}

export interface Batcher<R> {
  /** Takes what arrived of one partition; answers the records that alone exceed the payload limit and are not kept. */
  readonly add: (partition: number, records: readonly R[], nowMs: number) => readonly R[]
  /** The next batch if one closes now. Its partitions count as in flight until `release`. */
  readonly next: (nowMs: number) => Batch<R> | undefined
  /** When a window closes by itself; undefined where nothing waits that could be sent. */
  readonly dueAtMs: () => number | undefined
  readonly release: (partitions: readonly number[]) => void
  /** Forgets what waits of a partition that is no longer assigned. Answers how many records that were. */
  readonly drop: (partition: number) => number
  readonly waiting: (partition: number) => { readonly records: number; readonly bytes: number }
}

export interface PayloadSizes<R> {
  /** What a record adds to the payload, its separator included. */
  readonly recordBytes: (record: R) => number
  /** What a partition adds beside its records. */
  readonly partitionBytes: (partition: number) => number
}

/**
 * @example
 * const batcher = createBatcher({ maxRecords: 100, windowMs: 500, maxPayloadBytes, envelopeBytes: 90 }, { recordBytes, partitionBytes })
 * batcher.add(0, rows, Date.now())
 */
export function createBatcher<R>(limits: BatchLimits, sizes: PayloadSizes<R>): Batcher<R> {
  const { recordBytes, partitionBytes } = sizes
  const queues = new Map<number, ArrivalQueue<R>>()
  const inFlight = new Set<number>()
  let sequence = 0
  const found = () => waiting(queues.values(), inFlight, limits, partitionBytes)

  function queueOf(partition: number): ArrivalQueue<R> {
    const queue = queues.get(partition) ?? emptyQueue<R>(partition)
    queues.set(partition, queue)
    return queue
  }

  return {
    add: (partition, records, arrivedAtMs) => {
      // One record has no separator after it, hence the byte given back.
      const maxRecordBytes = limits.maxPayloadBytes - limits.envelopeBytes - partitionBytes(partition) + 1
      const bytes = records.map(recordBytes)
      const isTooLarge = (size: number): boolean => size > maxRecordBytes
      const refused = records.filter((_record, index) => isTooLarge(bytes[index] ?? 0))
      if (refused.length === records.length) return refused
      const kept =
        refused.length === 0
          ? { records, bytes }
          : {
              records: records.filter((_record, index) => !isTooLarge(bytes[index] ?? 0)),
              bytes: bytes.filter((size) => !isTooLarge(size)),
            }
      append(queueOf(partition), { ...kept, arrivedAtMs, sequence })
      sequence += 1
      return refused
    },

    next: (nowMs) => {
      const closed = closing(found(), limits, nowMs)
      if (closed.length === 0) return undefined
      const openedAtMs = Math.min(...closed.map(({ arrivals }) => arrivals[0]?.arrivedAtMs ?? Number.POSITIVE_INFINITY))
      const filled = fill(closed, limits, partitionBytes)
      for (const partition of filled.partitions) inFlight.add(partition)
      return { ...filled, openedAtMs }
    },

    dueAtMs: () => windowEndsAtMs(found(), limits),

    release: (partitions) => {
      for (const partition of partitions) inFlight.delete(partition)
    },

    drop: (partition) => {
      const queue = queues.get(partition)
      queues.delete(partition)
      return queue?.records ?? 0
    },

    waiting: (partition) => {
      const { records = 0, bytes = 0 } = queues.get(partition) ?? {}
      return { records, bytes }
    },
  }
}
