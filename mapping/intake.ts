// What the source reads, on its way in: through the filter, into the batcher. Records that are not to be sent, filtered out or
// too large, count as processed here. Neither sends nor commits, and keeps nothing of what it filters out.

import type { KafkaRow } from '../lib/event/kafka-row.ts'
import type { Batcher } from './batch/batcher.ts'
import { recordSize } from './batch/payload-size.ts'
import type { AssignedPartitions } from './commit/assigned-partitions.ts'
import type { PartitionOffsets } from './commit/offsets.ts'
import { type DiscardOptions, discard } from './destination/discards.ts'
import type { Condition } from './destination/failure-record.ts'
import { RecordList } from './events/record-list.ts'
import { filterValueOf, RefusedRow } from './registry/registered-row.ts'
import * as limits from './settings/limits.ts'
import { FetchedRow } from './source/fetch/fetched-row.ts'
import { OversizedRow } from './source/fetch/oversized-row.ts'

/** Which records the function gets; the others count as processed. */
export interface RecordFilter {
  readonly matches: (value: Buffer | null) => boolean
}

export interface IntakeOptions extends DiscardOptions {
  readonly filter: RecordFilter | undefined
  /** Whether records may come refused by a schema registry. @default false */
  readonly isRegistered?: boolean
  readonly batcher: Batcher<KafkaRow>
  readonly assigned: AssignedPartitions
  /** Something counts as processed that no invocation will handle: there may be something to commit. */
  readonly processed: () => void
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
}

/** @example const intake = new Intake(options); intake.take(0, rows, 18, 40) */
export class Intake {
  readonly #options: IntakeOptions
  /** Too large ones on their way to the destination. */
  readonly #discards = new Set<Promise<void>>()

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** Resolves when no record is on its way to the destination. */
  async idle(): Promise<void> {
    await Promise.all(this.#discards)
  }

  /** Takes what SourceListener.records is given; nothing of a partition that is not assigned. */
  take(partition: number, rows: readonly KafkaRow[], nextOffset: number, endOffset: number): void {
    const { assigned, batcher, filter } = this.#options
    let offsets = assigned.offsets.get(partition)
    if (offsets === undefined) return
    const first = rows[0]?.offset ?? nextOffset
    if (first < offsets.position()) offsets = this.#rewound(partition, first)
    assigned.logEnds(partition, endOffset)

    // What the registry refused has no value that a filter could look at.
    const isMatched = (row: KafkaRow) => row instanceof RefusedRow || filter?.matches(filterValueOf(row)) !== false
    const matched = filter === undefined ? rows : rows.filter(isMatched)
    const kept = matched.length * 2 < rows.length ? matched.map(detached) : matched
    const refused = this.#options.isRegistered === true ? kept.filter((row) => row instanceof RefusedRow) : []
    const sent = refused.length === 0 ? kept : kept.filter((row) => !(row instanceof RefusedRow))
    const tooLarge = batcher.add(partition, sent, this.#options.nowMs())
    // What was filtered out is a gap like those that compaction leaves: it is committed with the record before it.
    offsets.received(kept, nextOffset)
    this.#tellPolled(partition, rows, matched, nextOffset)
    for (const row of tooLarge) this.#discardTooLarge(row, offsets)
    for (const row of refused) this.#discardRefused(row, offsets)
    // Nothing to send, yet something to commit: control records, aborted transactions, records filtered out.
    if (matched.length === tooLarge.length + refused.length) this.#options.processed()
  }

  /** "Offsets of matched and unmatched records are committed" (local-mapping.md 5): unmatched ones count as processed. */
  #tellPolled(partition: number, rows: readonly KafkaRow[], matched: readonly KafkaRow[], nextOffset: number): void {
    const { assigned, events } = this.#options
    const filteredOut = rows.length - matched.length
    if (filteredOut > 0 && matched.length > 0) assigned.filteredOut(partition, filteredOut)
    const lag = assigned.lag(partition)
    events.publish({ kind: 'polled', partition, records: new RecordList(rows), filteredOut, nextOffset, lag })
  }

  /** The topic was made anew under the same name: kafkajs begins again, and what was read before is of another topic. */
  #rewound(partition: number, offset: number): PartitionOffsets {
    this.#options.events.publish({ kind: 'rewound', partition, offset })
    return this.#options.assigned.rewind(partition, offset)
  }

  #tellTooLarge(row: KafkaRow): void {
    const records = new RecordList([row])
    if (row instanceof OversizedRow) {
      const { firstOffset, offset: lastOffset, count } = row
      const maxBytes = limits.maxExpandedBatchBytes
      this.#options.events.publish({ kind: 'recordBatchTooLarge', records, firstOffset, lastOffset, count, maxBytes })
    } else {
      const bytes = recordSize(row.topic)(row)
      this.#options.events.publish({ kind: 'recordTooLarge', records, bytes, maxBytes: limits.maxPayloadBytes })
    }
  }

  /** AWS drops such a record, or sends it to an on-failure destination as MaximumPayloadSizeExceeded (local-mapping.md 2.1). */
  #discardTooLarge(row: KafkaRow, offsets: PartitionOffsets): void {
    this.#tellTooLarge(row)
    this.#discard(row, 'MaximumPayloadSizeExceeded', offsets)
  }

  /** AWS sends it to an on-failure destination with this reason, or drops it (local-mapping.md 1). */
  #discardRefused(row: RefusedRow, offsets: PartitionOffsets): void {
    const { condition, problem: message } = row
    this.#options.events.publish({ kind: 'recordRefused', records: new RecordList([row]), condition, message })
    this.#discard(row, condition, offsets)
  }

  #discard(row: KafkaRow, condition: Condition, offsets: PartitionOffsets): void {
    const reason = { condition, invokeCount: 0, functionError: undefined }
    const discarding = discard([row], reason, this.#options).then(() => {
      offsets.handled(row.offset)
      this.#discards.delete(discarding)
      this.#options.processed()
    })
    this.#discards.add(discarding)
  }
}

/** One record of many would keep the bytes of all of them. */
const detached = (row: KafkaRow): KafkaRow => (row instanceof FetchedRow ? row.detached() : row)
