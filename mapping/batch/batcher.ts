// Records that wait, and when a batch of them closes: by size, by payload or by the window, whichever comes first (AWS
// developer guide, "Batching behavior"). Pure: the time comes in. It keeps the order of each partition, hands out no
// partition that is in flight, and neither fetches, invokes nor commits.

import { type ArrivalQueue, earliest, take } from './arrival-queue.ts'

/** Why a batch was closed. */
export type CloseReason = 'size' | 'window' | 'payload'

export interface Batch<R> {
  /** In order of arrival, hence ascending inside each partition. */
  readonly records: readonly R[]
  readonly partitions: readonly number[]
  readonly reason: CloseReason
  readonly payloadBytes: number
  /** Arrival of its first record: where its window began. */
  readonly openedAtMs: number
}

export interface BatchLimits {
  readonly maxRecords: number
  /** From the arrival of the first record; 0 takes what is there at once. */
  readonly windowMs: number
  readonly maxPayloadBytes: number
  /** Of an event without records. */
  readonly envelopeBytes: number
}

export interface Batcher<R> {
  /** Takes what arrived of one partition; answers the records that alone exceed the payload limit and are not kept. */
  readonly add: (partition: number, records: readonly R[], nowMs: number) => readonly R[]
  /** The next batch if one closes now. Its partitions count as in flight until `release`. */
  readonly next: (nowMs: number) => Batch<R> | undefined
  /** When a window closes by itself; undefined where nothing waits that could be sent. */
  readonly dueAtMs: () => number | undefined
  readonly release: (partitions: readonly number[]) => void
  /** Forgets what waits of a partition that is no longer held. Answers how many records that were. */
  readonly drop: (partition: number) => number
  readonly waiting: (partition: number) => { readonly records: number; readonly bytes: number }
}

/**
 * @param sizes what a record adds to the payload, its separator included, and what its partition adds beside its records
 * @example
 * const batcher = createBatcher({ maxRecords: 100, windowMs: 500, maxPayloadBytes, envelopeBytes: 90 }, { recordBytes, partitionBytes })
 * batcher.add(0, rows, Date.now())
 */
export function createBatcher<R>(
  limits: BatchLimits,
  sizes: { readonly recordBytes: (record: R) => number; readonly partitionBytes: (partition: number) => number },
): Batcher<R> {
  const queues = new Map<number, ArrivalQueue<R>>()
  const inFlight = new Set<number>()
  let sequence = 0

  /**
   * The free partitions with something waiting. One that fills a batch by itself goes alone: were it mixed with others, each
   * backlog would be worked off by one invocation at a time.
   */
  const open = () => {
    const full: ArrivalQueue<R>[] = []
    const others: ArrivalQueue<R>[] = []
    let records = 0
    let bytes = limits.envelopeBytes
    let openedAtMs = Number.POSITIVE_INFINITY
    for (const queue of queues.values()) {
      const [first] = queue.arrivals
      if (first === undefined || inFlight.has(queue.partition)) continue
      const own = queue.bytes + sizes.partitionBytes(queue.partition)
      if (queue.records >= limits.maxRecords || limits.envelopeBytes + own - 1 > limits.maxPayloadBytes) {
        full.push(queue)
        continue
      }
      others.push(queue)
      records += queue.records
      bytes += own
      openedAtMs = Math.min(openedAtMs, first.arrivedAtMs)
    }
    return { full, others, records, bytes, openedAtMs }
  }

  /** Those that the next batch is made of; none where nothing closes now. */
  const closing = (nowMs: number): readonly ArrivalQueue<R>[] => {
    const { full, others, records, bytes, openedAtMs } = open()
    const isClosing =
      openedAtMs + limits.windowMs <= nowMs || records >= limits.maxRecords || bytes - 1 > limits.maxPayloadBytes
    const first = earliest(isClosing ? [...full, ...others] : full)
    return first === undefined ? [] : full.includes(first) ? [first] : others
  }

  return {
    add: (partition, records, nowMs) => {
      // One record has no separator after it, hence the byte given back.
      const maxRecordBytes = limits.maxPayloadBytes - limits.envelopeBytes - sizes.partitionBytes(partition) + 1
      const bytes = records.map(sizes.recordBytes)
      const refused = records.filter((_record, index) => (bytes[index] ?? 0) > maxRecordBytes)
      const isKept = (_: unknown, index: number): boolean => (bytes[index] ?? 0) <= maxRecordBytes
      const kept = refused.length === 0 ? records : records.filter(isKept)
      if (kept.length === 0) return refused
      let queue = queues.get(partition)
      if (queue === undefined) {
        queue = { partition, arrivals: [], records: 0, bytes: 0 }
        queues.set(partition, queue)
      }
      const keptBytes = refused.length === 0 ? bytes : bytes.filter(isKept)
      queue.arrivals.push({ records: kept, bytes: keptBytes, arrivedAtMs: nowMs, sequence, taken: 0 })
      queue.records += kept.length
      for (const size of keptBytes) queue.bytes += size
      sequence += 1
      return refused
    },

    next: (nowMs) => {
      const free = closing(nowMs)
      const openedAtMs = Math.min(...free.map(({ arrivals }) => arrivals[0]?.arrivedAtMs ?? Number.POSITIVE_INFINITY))
      if (free.length === 0) return undefined

      const parts: Array<readonly R[]> = []
      const partitions = new Set<number>()
      let count = 0
      let payloadBytes = limits.envelopeBytes
      let reason: CloseReason = 'window'
      while (reason === 'window') {
        const queue = earliest(free)
        const arrival = queue?.arrivals[0]
        if (queue === undefined || arrival === undefined) break
        const from = arrival.taken
        let bytes = partitions.has(queue.partition) ? 0 : sizes.partitionBytes(queue.partition)
        const most = Math.min(arrival.records.length, from + limits.maxRecords - count)
        let to = from
        while (to < most) {
          const size = arrival.bytes[to] ?? 0
          if (payloadBytes + bytes + size - 1 > limits.maxPayloadBytes) break
          bytes += size
          to += 1
        }
        if (to > from) {
          parts.push(from === 0 && to === arrival.records.length ? arrival.records : arrival.records.slice(from, to))
          partitions.add(queue.partition)
          payloadBytes += bytes
          count += to - from
          take(queue, arrival, to)
        }
        if (count >= limits.maxRecords) reason = 'size'
        else if (to < most) reason = 'payload'
      }
      for (const partition of partitions) inFlight.add(partition)
      const [only] = parts
      const records = parts.length === 1 && only !== undefined ? only : parts.flat()
      return { records, partitions: [...partitions], reason, payloadBytes: payloadBytes - 1, openedAtMs }
    },

    dueAtMs: () => {
      const { full, others } = open()
      const first = earliest([...full, ...others])?.arrivals[0]
      return first === undefined ? undefined : first.arrivedAtMs + limits.windowMs
    },

    release: (partitions) => {
      for (const partition of partitions) inFlight.delete(partition)
    },

    drop: (partition) => {
      const queue = queues.get(partition)
      queues.delete(partition)
      return queue?.records ?? 0
    },

    waiting: (partition) => {
      const queue = queues.get(partition)
      return queue === undefined ? { records: 0, bytes: 0 } : { records: queue.records, bytes: queue.bytes }
    },
  }
}
