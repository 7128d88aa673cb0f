// What stands for the records of a batch that is not read, since it expands to more than the memory that a batch may take: their
// offsets, so that they are given up by the rules for a record too large, and told.

import type { KafkaHeader, KafkaRow, TimestampType } from '../../../lib/event/kafka-row.ts'

/** The records of one batch; `offset` is that of the last one. */
export class OversizedRow implements KafkaRow {
  /** Set once, when the partition of the fetch is known. */
  topic = ''
  partition = 0
  readonly key = null
  readonly value = null
  readonly timestampType: TimestampType = 0
  readonly headers: readonly KafkaHeader[] = []
  readonly firstOffset: number
  readonly offset: number
  readonly timestamp: number
  /** How many records the batch says it has. */
  readonly count: number

  /** @param timestamp the latest of the batch, epoch milliseconds */
  constructor(firstOffset: number, lastOffset: number, timestamp: number, count: number) {
    this.firstOffset = firstOffset
    this.offset = lastOffset
    this.timestamp = timestamp
    this.count = count
  }
}
