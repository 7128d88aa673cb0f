// When a batch closes, and which partitions it is made of: by size, by payload or by the window, whichever comes first (AWS
// developer guide, "Batching behavior"). Pure: it looks at what waits, and takes nothing.

import { type ArrivalQueue, earliest } from './arrival-queue.ts'

export interface BatchLimits {
  readonly maxRecords: number
  /** From the arrival of the first record; 0 takes what is there at once. */
  readonly windowMs: number
  readonly maxPayloadBytes: number
  /** The size of an event without records. */
  readonly envelopeBytes: number
}

/** The partitions that may be sent, with something waiting. */
export interface Waiting<R> {
  /** Those that fill a batch by themselves. */
  readonly full: readonly ArrivalQueue<R>[]
  readonly others: readonly ArrivalQueue<R>[]
  /** The records of the others, the bytes of an event with all of them, and when the first of them arrived. */
  readonly records: number
  readonly payloadBytes: number
  readonly openedAtMs: number
}

/**
 * A partition that fills a batch by itself goes alone: were it mixed with others, each backlog would be worked off by one
 * invocation at a time.
 *
 * @param inFlight partitions of which an invocation is in flight: none of them is waiting
 * @param partitionBytes what a partition adds to the payload beside its records
 */
export function waiting<R>(
  queues: Iterable<ArrivalQueue<R>>,
  inFlight: ReadonlySet<number>,
  limits: BatchLimits,
  partitionBytes: (partition: number) => number,
): Waiting<R> {
  const full: ArrivalQueue<R>[] = []
  const others: ArrivalQueue<R>[] = []
  let records = 0
  let payloadBytes = limits.envelopeBytes
  let openedAtMs = Number.POSITIVE_INFINITY
  for (const queue of queues) {
    const [first] = queue.arrivals
    if (first === undefined || inFlight.has(queue.partition)) continue
    const ownBytes = queue.bytes + partitionBytes(queue.partition)
    // The last record of an event has no separator after it, hence the byte less.
    if (queue.records >= limits.maxRecords || limits.envelopeBytes + ownBytes - 1 > limits.maxPayloadBytes) {
      full.push(queue)
      continue
    }
    others.push(queue)
    records += queue.records
    payloadBytes += ownBytes
    openedAtMs = Math.min(openedAtMs, first.arrivedAtMs)
  }
  return { full, others, records, payloadBytes, openedAtMs }
}

/** Those that the next batch is made of; none where nothing closes now. */
export function closing<R>(found: Waiting<R>, limits: BatchLimits, nowMs: number): readonly ArrivalQueue<R>[] {
  const { full, others, records, payloadBytes, openedAtMs } = found
  const isClosing =
    openedAtMs + limits.windowMs <= nowMs || records >= limits.maxRecords || payloadBytes - 1 > limits.maxPayloadBytes
  const first = earliest(isClosing ? [...full, ...others] : full)
  return first === undefined ? [] : full.includes(first) ? [first] : others
}

/** When the window of what waits ends; undefined where nothing does. */
export function windowEndsAtMs<R>({ full, others }: Waiting<R>, limits: BatchLimits): number | undefined {
  const first = earliest([...full, ...others])?.arrivals[0]
  return first === undefined ? undefined : first.arrivedAtMs + limits.windowMs
}
