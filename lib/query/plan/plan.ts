// What a query is: a plain immutable description. Building one does no I/O and runs nothing; micro-batch.ts carries it
// out over a stream, batch-mode.ts over a bounded range: one plan, the same rows.

import type { Aggregates } from '../../aggregate/functions/aggregate.ts'
import type { WindowSpec } from '../../aggregate/window.ts'
import type { Codec, ManyCodec } from '../../decode/codec.ts'
import type { Column, Schema } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'
import type { KafkaRow } from '../../event/kafka-row.ts'
import type { OutputColumns } from '../../sink/output-columns.ts'
import type { ColumnKind, ColumnType } from '../../types/column-type.ts'
import type { CurrentTimestamp } from '../operators/current-timestamp.ts'
import type { KafkaColumn } from './added-columns.ts'
import type { Stage } from './stage.ts'

/** A row inside a plan: the builder (stream.ts) knows the types of its columns, the plan does not. */
export type PlanRow = Readonly<Record<string, unknown>>

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
  | { readonly kind: 'rows'; readonly schema: Schema<unknown> }

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

/** One row in, any number of rows out. */
export type RowGenerator =
  | {
      readonly kind: 'flatMap'
      readonly run: (row: PlanRow) => unknown
      /** The columns of its rows, as far as they are known, and those of them that were declared beside the function. */
      readonly columns: ReadonlyMap<string, Column<unknown>>
      readonly declared: ReadonlySet<string>
    }
  | {
      readonly kind: 'explode'
      readonly column: string
      /** Where an element goes. */
      readonly as: string
      readonly element: Column<unknown>
      /** Whether a row without elements stays, with a null in their place. */
      readonly isOuter: boolean
    }

/** What stands before an aggregation. */
export type RowOperator = OneRowOperator | RowGenerator

/** One row in, at most one row out. */
export type OneRowOperator =
  | { readonly kind: 'where'; readonly predicate: (row: PlanRow) => unknown }
  | { readonly kind: 'select'; readonly columns: readonly string[] }
  | {
      readonly kind: 'withColumn'
      readonly name: string
      readonly value: ((row: PlanRow) => unknown) | CurrentTimestamp
      /** What its values are held to; null where no type was given. */
      readonly column: Column<unknown> | null
    }
  | { readonly kind: 'drop'; readonly columns: readonly string[] }

/** The event time of a query's rows, and how long it waits for those that come late. */
export interface WatermarkStep {
  readonly column: string
  readonly delayMs: number
  /** How many row operators come before it: they run first, and what they leave out does not move the watermark. */
  readonly position: number
}

/** A window of `groupBy`, by the column it looks at and the name it prints under. */
export interface WindowStep extends WindowSpec {
  readonly column: string
  readonly name: string
}

export interface AggregationStep {
  readonly window: WindowStep | null
  /** The grouping columns other than the window. */
  readonly keys: readonly string[]
  /** The names of all grouping columns, in the order of `groupBy`, which they print in. */
  readonly order: readonly string[]
  readonly aggregates: Aggregates<PlanRow>
  /** Whether its rows are from several topics. */
  readonly hasTopics: boolean
  /** The columns of the rows that are grouped, and those of the groups. */
  readonly input: ReadonlyMap<string, Column<unknown>>
  readonly output: ReadonlyMap<string, Column<unknown>>
  /** The watermark's column, where rows are grouped by it or by a window over it: only such groups are ever final. */
  readonly finalBy: string | null
}

/** Many rows in, many out: in a stream only after an aggregation in complete mode, but for a limit in append. */
export type TableOperator =
  | {
      readonly kind: 'orderBy'
      /** The first decides, then the next. */
      readonly by: readonly { readonly column: string; readonly type: ColumnType; readonly direction: 'asc' | 'desc' }[]
    }
  | ({ readonly kind: 'limit'; readonly count: number } & Pick<Plan, 'columns' | 'eventTime'>)

export interface Plan {
  readonly name: string
  readonly source: Source
  /** Row by row, before everything that keeps state. */
  readonly operators: readonly RowOperator[]
  readonly watermark: WatermarkStep | null
  /** Stateful operators, but for an aggregation that is the last of them. */
  readonly stages: readonly Stage[]
  /** The column that has the event time after all operators so far; null where there is none, or it was replaced or left out. */
  readonly eventTime: string | null
  readonly aggregation: AggregationStep | null
  /** After the aggregation; without one, after everything else. */
  readonly after: readonly (OneRowOperator | TableOperator)[]
  /** The columns after the last operator, as far as they are known. */
  readonly columns: OutputColumns
  /** Rows may have columns beyond `columns`: those that a function of `decode` added. */
  readonly isOpen: boolean
}

export const isGenerator = (operator: RowOperator): operator is RowGenerator =>
  operator.kind === 'flatMap' || operator.kind === 'explode'

/** Whether an operator may put something else where a column was. */
export function replaces(operator: RowOperator, column: string): boolean {
  switch (operator.kind) {
    case 'withColumn':
      return operator.name === column
    case 'explode':
      return operator.as === column
    case 'flatMap':
      return true
    default:
      return false
  }
}

/** The topics that rows come from; rows that no Kafka delivered are given the first. */
export const topicsOf = ({ source }: Plan): readonly string[] => (source.kind === 'kafka' ? source.topics : ['rows'])

/** All of them, as one text: the same in whatever order the query names them. */
export const topicsText = (plan: Plan): string => topicsOf(plan).toSorted().join(',')

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
