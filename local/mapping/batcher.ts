// Records that wait, and when a batch of them closes: by size, by payload or by the window, whichever comes first (AWS
// developer guide, "Batching behavior"). Pure: the time comes in. It keeps the order of each partition, hands out no
// partition that is in flight, and neither fetches, invokes nor commits.

/** Why a batch was closed. */
export type CloseReason = 'size' | 'window' | 'payload'

export interface Waiting<R> {
  readonly partition: number
  readonly record: R
  /** What it adds to the payload, its separator included. */
  readonly bytes: number
  readonly arrivedAtMs: number
  /** Order of arrival over all partitions. */
  readonly sequence: number
}

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
  /** Takes a record; false (and nothing kept) where it alone exceeds the payload limit. */
  readonly add: (partition: number, record: R, bytes: number, nowMs: number) => boolean
  /** The next batch if one closes now. Its partitions count as in flight until `release`. */
  readonly next: (nowMs: number) => Batch<R> | undefined
  /** When a window closes by itself; undefined where nothing waits that could be sent. */
  readonly dueAtMs: () => number | undefined
  readonly release: (partitions: readonly number[]) => void
  /** Forgets what waits of a partition that is no longer held. Answers how many records that were. */
  readonly drop: (partition: number) => number
  readonly waiting: (partition: number) => { readonly records: number; readonly bytes: number }
}

interface Queue<R> {
  entries: Waiting<R>[]
  head: number
  bytes: number
}

/**
 * @param partitionBytes what a partition adds to the payload beside its records
 * @example
 * const batcher = createBatcher<KafkaRow>({ maxRecords: 100, windowMs: 500, maxPayloadBytes, envelopeBytes: 90 }, () => 15)
 * batcher.add(0, row, recordBytes(row), Date.now())
 */
export function createBatcher<R>(limits: BatchLimits, partitionBytes: (partition: number) => number): Batcher<R> {
  const queues = new Map<number, Queue<R>>()
  const inFlight = new Set<number>()
  let sequence = 0

  const headOf = (queue: Queue<R>): Waiting<R> | undefined => queue.entries[queue.head]

  /** The free partitions with something waiting, and the totals over them. */
  const open = () => {
    const free: Array<{ partition: number; queue: Queue<R> }> = []
    let records = 0
    let bytes = limits.envelopeBytes
    let openedAtMs = Number.POSITIVE_INFINITY
    for (const [partition, queue] of queues) {
      const first = headOf(queue)
      if (first === undefined || inFlight.has(partition)) continue
      free.push({ partition, queue })
      records += queue.entries.length - queue.head
      bytes += queue.bytes + partitionBytes(partition)
      openedAtMs = Math.min(openedAtMs, first.arrivedAtMs)
    }
    return { free, records, bytes, openedAtMs }
  }

  const shift = (queue: Queue<R>, entry: Waiting<R>): void => {
    queue.head += 1
    queue.bytes -= entry.bytes
    if (queue.head > 1024 && queue.head * 2 > queue.entries.length) {
      queue.entries = queue.entries.slice(queue.head)
      queue.head = 0
    }
  }

  return {
    add: (partition, record, bytes, nowMs) => {
      // One record has no separator after it, hence the byte given back.
      const alone = limits.envelopeBytes + partitionBytes(partition) + bytes - 1
      if (alone > limits.maxPayloadBytes) return false
      let queue = queues.get(partition)
      if (queue === undefined) {
        queue = { entries: [], head: 0, bytes: 0 }
        queues.set(partition, queue)
      }
      queue.entries.push({ partition, record, bytes, arrivedAtMs: nowMs, sequence })
      queue.bytes += bytes
      sequence += 1
      return true
    },

    next: (nowMs) => {
      const { free, records: available, bytes: availableBytes, openedAtMs } = open()
      if (available === 0) return undefined
      const isDue = openedAtMs + limits.windowMs <= nowMs
      if (!isDue && available < limits.maxRecords && availableBytes - 1 <= limits.maxPayloadBytes) return undefined

      const records: R[] = []
      const partitions = new Set<number>()
      let payloadBytes = limits.envelopeBytes
      let reason: CloseReason = 'window'
      while (true) {
        const source = earliest(free)
        if (source === undefined) break
        if (records.length >= limits.maxRecords) {
          reason = 'size'
          break
        }
        const added = source.entry.bytes + (partitions.has(source.partition) ? 0 : partitionBytes(source.partition))
        if (payloadBytes + added - 1 > limits.maxPayloadBytes) {
          reason = 'payload'
          break
        }
        shift(source.queue, source.entry)
        records.push(source.entry.record)
        partitions.add(source.partition)
        payloadBytes += added
      }
      if (records.length >= limits.maxRecords) reason = 'size'
      for (const partition of partitions) inFlight.add(partition)
      return { records, partitions: [...partitions], reason, payloadBytes: payloadBytes - 1, openedAtMs }
    },

    dueAtMs: () => {
      const { records, openedAtMs } = open()
      return records === 0 ? undefined : openedAtMs + limits.windowMs
    },

    release: (partitions) => {
      for (const partition of partitions) inFlight.delete(partition)
    },

    drop: (partition) => {
      const queue = queues.get(partition)
      queues.delete(partition)
      return queue === undefined ? 0 : queue.entries.length - queue.head
    },

    waiting: (partition) => {
      const queue = queues.get(partition)
      return queue === undefined
        ? { records: 0, bytes: 0 }
        : { records: queue.entries.length - queue.head, bytes: queue.bytes }
    },
  }
}

function earliest<R>(
  free: ReadonlyArray<{ readonly partition: number; readonly queue: Queue<R> }>,
): { partition: number; queue: Queue<R>; entry: Waiting<R> } | undefined {
  let best: { partition: number; queue: Queue<R>; entry: Waiting<R> } | undefined
  for (const { partition, queue } of free) {
    const entry = queue.entries[queue.head]
    if (entry !== undefined && (best === undefined || entry.sequence < best.entry.sequence))
      best = { partition, queue, entry }
  }
  return best
}
