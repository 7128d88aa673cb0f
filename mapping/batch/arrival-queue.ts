// The records of one partition that wait for a batch: fetched batch by fetched batch, in order of arrival. Pure data and its moves.

/** What arrived together, one fetched batch. It stays as it came, since a million records a second go through here. */
export interface Arrival<R> {
  readonly records: readonly R[]
  /** What each adds to the payload, its separator included. */
  readonly bytes: readonly number[]
  readonly arrivedAtMs: number
  /** Order of arrival over all partitions. */
  readonly sequence: number
  taken: number
}

export interface ArrivalQueue<R> {
  readonly partition: number
  readonly arrivals: Arrival<R>[]
  records: number
  bytes: number
}

export const emptyQueue = <R>(partition: number): ArrivalQueue<R> => ({ partition, arrivals: [], records: 0, bytes: 0 })

export function append<R>(queue: ArrivalQueue<R>, arrival: Omit<Arrival<R>, 'taken'>): void {
  queue.arrivals.push({ ...arrival, taken: 0 })
  queue.records += arrival.records.length
  for (const size of arrival.bytes) queue.bytes += size
}

/** The queue whose head arrived first. */
export function earliest<R>(queues: readonly ArrivalQueue<R>[]): ArrivalQueue<R> | undefined {
  let best: ArrivalQueue<R> | undefined
  let bestSequence = Number.POSITIVE_INFINITY
  for (const queue of queues) {
    const sequence = queue.arrivals[0]?.sequence ?? Number.POSITIVE_INFINITY
    if (sequence >= bestSequence) continue
    best = queue
    bestSequence = sequence
  }
  return best
}

/** Marks the records of an arrival below `to` as taken. */
export function take<R>(queue: ArrivalQueue<R>, arrival: Arrival<R>, to: number): void {
  for (let index = arrival.taken; index < to; index += 1) queue.bytes -= arrival.bytes[index] ?? 0
  queue.records -= to - arrival.taken
  arrival.taken = to
  if (to === arrival.records.length) queue.arrivals.shift()
}
