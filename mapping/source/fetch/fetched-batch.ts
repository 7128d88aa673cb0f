// What one fetch brought of one partition, in place of kafkajs's `consumer/batch.js`: which records are to be seen (committed
// ones from the asked offset up), and where reading goes on, also behind records that compaction took away.

import type { ReadRow, RecordBatch } from './record-batches.ts'

/** One partition in kafkajs's fetch response; numbers of 64 bits are text. */
export interface PartitionData {
  readonly partition: number
  readonly highWatermark: string
  readonly abortedTransactions: ReadonlyArray<{ readonly producerId: string; readonly firstOffset: string }> | null
  readonly messages: readonly RecordBatch[]
}

/** The members are those that kafkajs's runner and consumer group call. */
export class FetchedBatch {
  readonly topic: string
  readonly partition: number
  readonly highWatermark: string
  readonly fetchedOffset: string
  readonly messages: readonly ReadRow[]
  readonly #lastOffset: number | undefined

  constructor(topic: string, fetchedOffset: string, data: PartitionData) {
    this.topic = topic
    this.partition = data.partition
    this.highWatermark = data.highWatermark
    this.fetchedOffset = fetchedOffset
    this.messages = committedRows(data).filter(({ offset }) => offset >= Number(fetchedOffset))
    for (const row of this.messages) {
      row.topic = topic
      row.partition = data.partition
    }
    this.#lastOffset = data.messages.at(-1)?.lastOffset
  }

  isEmpty(): boolean {
    return this.messages.length === 0
  }

  isEmptyIncludingFiltered(): boolean {
    return this.#lastOffset === undefined
  }

  isEmptyDueToFiltering(): boolean {
    return this.isEmpty() && !this.isEmptyIncludingFiltered()
  }

  firstOffset(): string | null {
    return this.isEmptyIncludingFiltered() ? null : String(this.messages[0]?.offset ?? this.fetchedOffset)
  }

  /** The last that needs no second fetch: of the last batch, whatever is left in it. */
  lastOffset(): string {
    if (this.#lastOffset === undefined) return String(Number(this.highWatermark) - 1)
    return String(Math.max(this.#lastOffset, Number(this.fetchedOffset)))
  }

  offsetLag(): string {
    return String(Number(this.highWatermark) - 1 - Number(this.lastOffset()))
  }

  offsetLagLow(): string {
    return this.isEmptyIncludingFiltered() ? '0' : String(Number(this.highWatermark) - 1 - Number(this.firstOffset()))
  }
}

/** KIP-98: a batch of a producer with an aborted transaction is unseen from its first offset up to the abort marker. */
function committedRows({ messages, abortedTransactions }: PartitionData): ReadRow[] {
  const aborted = [...(abortedTransactions ?? [])]
    .map(({ producerId, firstOffset }) => ({ producerId: BigInt(producerId), firstOffset: Number(firstOffset) }))
    .sort((a, b) => a.firstOffset - b.firstOffset)
  if (aborted.length === 0) return messages.flatMap(({ rows }) => rows)
  const aborting = new Set<bigint>()
  const seen: ReadRow[] = []
  for (const { rows, lastOffset, producerId, isTransactional, marker } of messages) {
    for (let next = aborted[0]; next !== undefined && next.firstOffset <= lastOffset; next = aborted[0]) {
      aborting.add(next.producerId)
      aborted.shift()
    }
    if (marker === 'abort') aborting.delete(producerId)
    else if (!(isTransactional && aborting.has(producerId))) for (const row of rows) seen.push(row)
  }
  return seen
}
