// What a query is: a plain immutable description. Building one does no I/O and runs nothing; micro-batch.ts carries it
// out over a stream, batch-mode.ts over a bounded range: one plan, the same rows.

import type { Codec, ManyCodec } from '../../decode/codec.ts'
import type { Column, Schema } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'
import type { KafkaRow } from '../../event/kafka-row.ts'
import type { OutputColumns } from '../../sink/output-columns.ts'
import type { ColumnKind } from '../../types/column-type.ts'
import type { KafkaColumn } from './columns/added-columns.ts'
import type { AggregationStep, OneRowOperator, PlanRow, RowOperator, TableOperator } from './operator.ts'
import type { Stage } from './stages/stage.ts'

export type {
  AggregationStep,
  OneRowOperator,
  PlanRow,
  RowGenerator,
  RowOperator,
  TableOperator,
  WindowStep,
} from './operator.ts'
export { isGenerator, replaces } from './operator.ts'

export type Source =
  | {
      readonly kind: 'kafka'
      /** One or more, each once. */
      readonly topics: readonly string[]
      /** The column whose text is the key of each record: all records of a key are in one partition. */
      readonly keyedBy: string | null
      /** Null where the codec says what a record without a value is. */
      readonly tombstones: Tombstones | null
      readonly decode: DecodeStep | null
    }
  | {
      readonly kind: 'rows'
      readonly schema: Schema<unknown>
      /** What stands for the topic of its rows. */
      readonly topic: string
    }

/** What becomes of a record without a value: a dead letter, nothing, or a row in which every column of the codec is null. */
export type Tombstones = 'deadLetter' | 'drop' | 'row'

export interface DecodeStep {
  /** The conditions that a record must meet to be decoded at all. */
  readonly before: readonly OneRowOperator[]
  readonly codec: Codec<unknown> | ManyCodec<unknown>
  /** Makes the row from the decoded value and its record; `undefined` leaves the record out. */
  readonly map: ((value: PlanRow, record: KafkaRow) => unknown) | null
  /** What its rows take from their records. */
  readonly added: readonly KafkaColumn<string, unknown>[]
  /** The columns of its rows: those of the codec, those that were declared beside the function, and those of the record. */
  readonly columns: ReadonlyMap<string, Column<unknown>>
  readonly declared: ReadonlySet<string>
}

/** The event time of a query's rows, and how long it waits for those that come late. */
export interface WatermarkStep {
  readonly column: string
  readonly delayMs: number
  /** How many row operators come before it: they run first, and what they leave out does not move the watermark. */
  readonly position: number
  /** The same for all sources that one `withWatermark` stands behind. */
  readonly definition: object
}

/** A source beside the plan's own, with what its rows go through alone. */
export interface OtherSource {
  readonly source: Source
  readonly operators: readonly RowOperator[]
  readonly watermark: WatermarkStep | null
  /** The columns of its rows where they meet the others. */
  readonly columns: OutputColumns
  /** The number of the stage that takes its rows as those of the right side of a join; null for a source of a union. */
  readonly joinedAt: number | null
}

export interface Plan {
  readonly name: string
  readonly source: Source
  /** Sources beside it: of a union, or of the other side of a join. */
  readonly others: readonly OtherSource[]
  /** Row by row, before everything that keeps state. */
  readonly operators: readonly RowOperator[]
  readonly watermark: WatermarkStep | null
  /** Stateful operators, but for an aggregation that is the last of them. */
  readonly stages: readonly Stage[]
  /** The column that has the event time after all operators so far; null where there is none, or it was replaced or left out. */
  readonly eventTime: string | null
  /** The event time of the other side, behind a join that bounds both. */
  readonly otherEventTime: string | null
  readonly aggregation: AggregationStep | null
  /** After the aggregation; without one, after everything else. */
  readonly after: readonly (OneRowOperator | TableOperator)[]
  /** The columns after the last operator, as far as they are known. */
  readonly columns: OutputColumns
  /** Rows may have columns beyond `columns`: those that a function of `decode` added. */
  readonly isOpen: boolean
}

/**
 * Refuses a column that the plan does not have, in Spark's words (UNRESOLVED_COLUMN.WITH_SUGGESTION).
 * @throws MicrobatchError QUERY_INVALID
 */
export function requireColumns(plan: Plan, names: readonly string[]): void {
  if (plan.isOpen) return
  for (const name of names) {
    if (plan.columns.has(name)) continue
    const known = Array.from(plan.columns.keys(), (column) => `\`${column}\``).join(', ')
    refuse(
      `${plan.name}: A column or function parameter with name \`${name}\` cannot be resolved. ` +
        `Did you mean one of the following? [${known}] (A column that the function of decode adds needs its type there.)`,
    )
  }
}

/**
 * Refuses an event time that is none, in Spark's words (EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE).
 * @throws MicrobatchError QUERY_INVALID
 */
export function requireTimestamp(
  plan: Plan,
  name: string,
  kinds: readonly ColumnKind[] = ['timestamp', 'window'],
): void {
  requireColumns(plan, [name])
  const column = plan.columns.get(name)
  if (column === undefined || kinds.includes(column.kind)) return
  refuse(
    `${plan.name}: The event time \`${name}\` has the invalid type "${column.type.sparkName}", but expected "TIMESTAMP". ` +
      'Declare the column as timestamp() in the schema.',
  )
}
