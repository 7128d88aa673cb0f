// The records of a range of a topic in the order of time, over its partitions, as a mapping that kept up would have got them. However
// Kafka hands them out, the order is the same; of each partition only so much is held.
import type { KafkaRow } from 'microbatch'
import type { OffsetRange } from '../kafka/offset-range.ts'
import type { Flow } from '../kafka/range-reading.ts'
import type { TopicReader } from '../kafka/topic-reader.ts'

/** Records of one partition that arrived together. */
export interface Arrivals {
  readonly partition: number
  readonly rows: readonly KafkaRow[]
  /** By their timestamps, which never go back in a partition here; epoch milliseconds. */
  readonly arrivedAtMs: number
}

/** Records of a partition that are read ahead: beyond so many it waits for the others. */
const maxAhead = 4_000

class Queue {
  readonly partition: number
  rows: readonly KafkaRow[] = []
  at = 0
  timeMs = Number.NEGATIVE_INFINITY
  isRead = false
  readonly #more: (readonly KafkaRow[])[] = []
  #numMore = 0
  #flow: Flow | undefined

  constructor(partition: number) {
    this.partition = partition
  }

  get size(): number {
    return this.rows.length - this.at + this.#numMore
  }

  put(rows: readonly KafkaRow[], flow: Flow): void {
    this.#more.push(rows)
    this.#numMore += rows.length
    if (this.size <= maxAhead) return
    flow.pause(this.partition)
    this.#flow = flow
  }

  /** When its next record arrived; undefined where there is none yet. */
  headMs(): number | undefined {
    if (this.#flow !== undefined && this.size <= maxAhead / 2) {
      this.#flow.resume(this.partition)
      this.#flow = undefined
    }
    if (this.at === this.rows.length) {
      const next = this.#more.shift()
      if (next === undefined) return undefined
      this.rows = next
      this.at = 0
      this.#numMore -= next.length
    }
    // A record without a time comes with the one before it.
    return Math.max(this.timeMs, this.rows[this.at]?.timestamp ?? Number.NEGATIVE_INFINITY)
  }

  /** Takes its head, and what of it arrived in the same millisecond. */
  take(timeMs: number): readonly KafkaRow[] {
    const from = this.at
    do this.at += 1
    while (this.at < this.rows.length && (this.rows[this.at]?.timestamp ?? 0) <= timeMs)
    this.timeMs = timeMs
    return this.rows.slice(from, this.at)
  }
}

/**
 * @throws LocalError KAFKA_UNAVAILABLE
 * @example for await (const { partition, rows, arrivedAtMs } of mergedRecords(reader, ranges)) …
 */
export async function* mergedRecords(
  reader: Pick<TopicReader, 'read'>,
  ranges: readonly OffsetRange[],
): AsyncGenerator<Arrivals> {
  const queues = new Map(
    ranges.filter(({ from, to }) => from < to).map((it) => [it.partition, new Queue(it.partition)]),
  )
  let failure: { readonly error: unknown } | undefined
  const ending = new AbortController()
  let wake = Promise.withResolvers<void>()
  const changed = () => wake.resolve()
  const put = (rows: readonly KafkaRow[], flow: Flow) => {
    const [first] = rows
    if (first !== undefined) queues.get(first.partition)?.put(rows, flow)
    changed()
  }
  const end = (partition: number) => {
    const queue = queues.get(partition)
    if (queue !== undefined) queue.isRead = true
    changed()
  }
  const reading = reader
    .read(ranges, put, { onEnd: end, signal: ending.signal })
    .catch((error: unknown) => {
      failure = { error }
    })
    .finally(() => {
      for (const queue of queues.values()) queue.isRead = true
      changed()
    })
  try {
    for (;;) {
      if (failure !== undefined) throw failure.error
      const next = earliest(queues)
      if (next === 'none') return
      if (next !== 'waiting') {
        yield { partition: next.queue.partition, rows: next.queue.take(next.timeMs), arrivedAtMs: next.timeMs }
        continue
      }
      await wake.promise
      wake = Promise.withResolvers()
    }
  } finally {
    ending.abort()
    await reading
  }
}

/** The queue whose head arrived first; the lower partition where two arrived together. */
function earliest(queues: Map<number, Queue>) {
  let best: { readonly queue: Queue; readonly timeMs: number } | undefined
  for (const [partition, queue] of queues) {
    const timeMs = queue.headMs()
    if (timeMs === undefined) {
      if (!queue.isRead) return 'waiting'
      queues.delete(partition)
    } else if (best === undefined || timeMs < best.timeMs) best = { queue, timeMs }
  }
  return best ?? 'none'
}
