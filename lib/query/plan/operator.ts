// The operators of a plan, as data: those of single rows, the aggregation, those of a table. What stands in which order is the plan's.

import type { Aggregates } from '../../aggregate/functions/aggregate.ts'
import type { WindowSpec } from '../../aggregate/window.ts'
import type { Column } from '../../decode/schema.ts'
import type { ColumnType } from '../../types/column-type.ts'
import type { Refusal } from '../held/refusal.ts'
import type { LookupAnswers } from '../lookup/lookup-answers.ts'
import type { CurrentTimestamp } from '../operators/current-timestamp.ts'

/** A row inside a plan: the builder (stream.ts) knows the types of its columns, the plan does not. */
export type PlanRow = Readonly<Record<string, unknown>>

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
  | {
      readonly kind: 'explodeMap'
      readonly column: string
      /** Where a key and its value go. */
      readonly as: readonly [key: string, value: string]
      readonly element: Column<unknown>
      readonly isOuter: boolean
    }
  | {
      readonly kind: 'lookup'
      readonly answers: LookupAnswers
      readonly generate: (row: PlanRow) => readonly PlanRow[] | Refusal
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
  | ({ readonly kind: 'limit'; readonly count: number } & {
      /** The columns of the rows that it takes. */
      readonly columns: ReadonlyMap<string, Column<unknown>>
      readonly eventTime: string | null
    })

export const isGenerator = (operator: RowOperator): operator is RowGenerator =>
  ['flatMap', 'explode', 'explodeMap', 'lookup'].includes(operator.kind)

/** Whether an operator may put something else where a column was. */
export function replaces(operator: RowOperator, column: string): boolean {
  switch (operator.kind) {
    case 'withColumn':
      return operator.name === column
    case 'explode':
      return operator.as === column
    case 'explodeMap':
      return operator.as.includes(column)
    case 'flatMap':
      return true
    default:
      return false
  }
}
