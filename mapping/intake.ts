// What the source reads, on its way in: through the filter, into the batcher. Records that are not to be sent, filtered out or
// too large, count as processed here. Neither sends nor commits, and keeps nothing of what it filters out.

import type { KafkaRow } from '../lib/event/kafka-row.ts'
import type { Batcher } from './batch/batcher.ts'
import { recordSize } from './batch/payload-size.ts'
import type { HeldPartitions } from './commit/held-partitions.ts'
import type { PartitionOffsets } from './commit/offsets.ts'
import { type DiscardOptions, discard } from './destination/discards.ts'
import { nameOf } from './journal.ts'
import * as limits from './settings/limits.ts'
import { FetchedRow } from './source/fetch/fetched-row.ts'

/** Which records the function gets; the others count as processed. */
export interface RecordFilter {
  readonly matches: (value: Buffer | null) => boolean
}

export interface IntakeOptions extends DiscardOptions {
  readonly filter: RecordFilter | undefined
  readonly batcher: Batcher<KafkaRow>
  readonly held: HeldPartitions
  /** Something counts as processed that no invocation will handle: there may be something to commit. */
  readonly passed: () => void
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

  /** As SourceListener.records; of a partition that is not held it takes nothing. */
  take(partition: number, rows: readonly KafkaRow[], nextOffset: number, endOffset: number): void {
    const { held, batcher, filter, metrics } = this.#options
    let offsets = held.offsets.get(partition)
    if (offsets === undefined) return
    const first = rows[0]?.offset ?? nextOffset
    if (first < offsets.position()) offsets = this.#rewound(partition, first)
    held.logEnds(partition, endOffset)
    metrics.add('PolledEventCount', rows.length)

    const matched = filter === undefined ? rows : rows.filter(({ value }) => filter.matches(value))
    const kept = matched.length * 2 < rows.length ? matched.map(detached) : matched
    const tooLarge = batcher.add(partition, kept, this.#options.nowMs())
    // What was filtered out is a gap like those that compaction leaves: passed with the record before it.
    offsets.received(kept, nextOffset)
    if (matched.length < rows.length) this.#sayFiltered(partition, rows, matched)
    for (const row of tooLarge) this.#discardTooLarge(row, offsets)
    // Nothing to send, yet something to pass: control records, aborted transactions, records filtered out.
    if (matched.length === tooLarge.length) this.#options.passed()
  }

  /** "Offsets of matched and unmatched records are committed" (local-mapping.md 5): unmatched ones count as processed. */
  #sayFiltered(partition: number, rows: readonly KafkaRow[], matched: readonly KafkaRow[]): void {
    const { held, log, metrics, settings } = this.#options
    const count = rows.length - matched.length
    metrics.add('FilteredOutEventCount', count)
    if (matched.length > 0) held.filteredOut(partition, count)
    else log.info(`${nameOf(settings, rows)} | ${count} filtered out, none to send`)
  }

  /** The topic was made anew under the same name: kafkajs begins again, and what was read before is of another topic. */
  #rewound(partition: number, offset: number): PartitionOffsets {
    const { held, log, settings } = this.#options
    log.warning(`${settings.topic}-${partition}: reading went back to offset ${offset}; was the topic made anew?`)
    return held.rewind(partition, offset)
  }

  /** AWS drops such a record, or sends it to an on-failure destination as MaximumPayloadSizeExceeded (local-mapping.md 2.1). */
  #discardTooLarge(row: KafkaRow, offsets: PartitionOffsets): void {
    this.#options.log.error(
      `${row.topic}-${row.partition} offset ${row.offset}: ${recordSize(row.topic)(row)} bytes encoded do not fit a payload of ` +
        `${limits.maxPayloadBytes}`,
    )
    const reason = { condition: 'MaximumPayloadSizeExceeded', invokeCount: 0, functionError: undefined } as const
    const discarding = discard([row], reason, this.#options).then(() => {
      offsets.handled(row.offset)
      this.#discards.delete(discarding)
      this.#options.passed()
    })
    this.#discards.add(discarding)
  }
}

/** One record of many would keep the bytes of all of them. */
const detached = (row: KafkaRow): KafkaRow => (row instanceof FetchedRow ? row.detached() : row)
