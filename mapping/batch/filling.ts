// How a batch that closes is filled: records in order of arrival over its partitions, up to its size or to the payload limit. What
// ended the filling is why the batch closed. It takes the records out of their queues, and nothing else.

import { type Arrival, type ArrivalQueue, earliest, take } from './arrival-queue.ts'
import type { BatchLimits } from './closing.ts'

/** Why a batch closed: BatchSize was reached, the batching window ended, or the next record would not fit the payload. */
export type CloseReason = 'size' | 'window' | 'payload'

export interface Filled<R> {
  readonly records: readonly R[]
  readonly partitions: readonly number[]
  readonly reason: CloseReason
  readonly payloadBytes: number
}

/** @example fill(closing(found, limits, nowMs), limits, partitionBytes).reason // 'window' */
export function fill<R>(
  queues: readonly ArrivalQueue<R>[],
  limits: BatchLimits,
  partitionBytes: (partition: number) => number,
): Filled<R> {
  const parts: Array<readonly R[]> = []
  const partitions = new Set<number>()
  let count = 0
  let payloadBytes = limits.envelopeBytes
  let reason: CloseReason = 'window'
  while (reason === 'window') {
    const queue = earliest(queues)
    const arrival = queue?.arrivals[0]
    if (queue === undefined || arrival === undefined) break
    const from = arrival.taken
    const most = Math.min(arrival.records.length, from + limits.maxRecords - count)
    const ownBytes = partitions.has(queue.partition) ? 0 : partitionBytes(queue.partition)
    const { to, bytes } = fitting(arrival, most, payloadBytes + ownBytes, limits.maxPayloadBytes)
    if (to > from) {
      parts.push(from === 0 && to === arrival.records.length ? arrival.records : arrival.records.slice(from, to))
      partitions.add(queue.partition)
      payloadBytes = bytes
      count += to - from
      take(queue, arrival, to)
    }
    if (count >= limits.maxRecords) reason = 'size'
    else if (to < most) reason = 'payload'
  }
  const [only] = parts
  const records = parts.length === 1 && only !== undefined ? only : parts.flat()
  // The separator after the last record is not written.
  return { records, partitions: [...partitions], reason, payloadBytes: payloadBytes - 1 }
}

/** How far into an arrival the payload reaches, and how large it is then. */
function fitting<R>({ taken, bytes }: Arrival<R>, most: number, begunBytes: number, maxPayloadBytes: number) {
  let to = taken
  let payloadBytes = begunBytes
  while (to < most) {
    const size = bytes[to] ?? 0
    if (payloadBytes + size - 1 > maxPayloadBytes) break
    payloadBytes += size
    to += 1
  }
  return { to, bytes: payloadBytes }
}
