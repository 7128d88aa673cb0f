// What comes of the records of a batch before anything is grouped: rows, and the records that are none. Only types; the reader of
// a query has two forms, row-reader.ts where a record is one row at the most, and several-rows.ts where it can be many.

import type { KafkaRow } from '../../event/kafka-row.ts'
import type { LocatedRow } from '../../event/located-row.ts'
import type { DeadLetter } from '../../sink/dead-letter.ts'
import type { PlanRow } from '../plan/plan.ts'
import type { RecordClock } from '../run/batch-clock.ts'
import type { EventTimes } from './event-times.ts'

/** What came of the records, or rows, of a batch. */
export interface ReadRows {
  readonly rows: readonly LocatedRow<PlanRow>[]
  readonly eventTimes: EventTimes
  readonly deadLetters: readonly DeadLetter[]
  /** Bad records, or rows of one, left out under the policy `drop`; and tombstones that the query drops. */
  readonly numDropped: number
}

export interface RowReader {
  /** Lets the codec fetch what it needs for these records. @throws MicrobatchError PREPARE_FAILED */
  prepare(records: readonly KafkaRow[]): Promise<void>
  /**
   * @param clock of each record, for `currentTimestamp()`
   * @throws MicrobatchError RECORD_MALFORMED under the policy `fail`, FUNCTION_FAILED with onFunctionError `fail`; both name the
   *   record
   */
  fromRecords(records: readonly KafkaRow[], clock: RecordClock): ReadRows
  /** Rows that are decoded already, as tests have them. @throws MicrobatchError FUNCTION_FAILED as `fromRecords` */
  fromRows(rows: readonly LocatedRow<PlanRow>[], clock: RecordClock): ReadRows
}
