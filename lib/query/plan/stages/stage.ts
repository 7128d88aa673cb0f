// A stateful operator of a plan that other operators follow, or that is no aggregation: rows in, rows out. An aggregation that
// nothing but operators of its table follow is the plan's own (Plan.aggregation).

import type { Gap } from '../../../aggregate/duration.ts'
import type { Column } from '../../../decode/schema.ts'
import type { TransformWithStateStep } from '../../custom-state/transform-with-state-step.ts'
import type { JoinStep } from '../joins/join-step.ts'
import type { AggregationStep, OneRowOperator, PlanRow } from '../operator.ts'

type Columns = ReadonlyMap<string, Column<unknown>>

export interface DropDuplicatesStep {
  readonly kind: 'dropDuplicates'
  /** What rows are told apart by. */
  readonly columns: readonly string[]
  /** How long a key is remembered after its first row's time, milliseconds; null where event time itself says. */
  readonly withinMs: number | null
}

export interface AggregateStep {
  readonly kind: 'aggregate'
  readonly aggregation: AggregationStep
}

/** Sessions of `groupBy`, by the column that they look at and the name that they print under. */
export interface SessionStep {
  readonly column: string
  readonly name: string
  readonly gap: Gap | ((row: PlanRow) => unknown)
}

/** An aggregation by sessions; its own window is null. */
export interface SessionAggregateStep {
  readonly kind: 'sessionAggregate'
  readonly session: SessionStep
  readonly aggregation: AggregationStep
}

export interface LimitStep {
  readonly kind: 'limit'
  /** How many rows go through, of all batches. */
  readonly count: number
}

export type StageStep =
  | DropDuplicatesStep
  | AggregateStep
  | JoinStep
  | LimitStep
  | SessionAggregateStep
  | TransformWithStateStep

export interface Stage {
  readonly step: StageStep
  /** The columns of the rows that it takes. */
  readonly input: Columns
  /** The column of those that has the event time; null where none does any more. */
  readonly eventTime: string | null
  /** What the watermark's own delay is, milliseconds; null where the query has none. */
  readonly delayMs: number | null
  /** The columns of the rows that it gives. */
  readonly output: Columns
  /** Row by row, before the next stage. */
  readonly following: readonly OneRowOperator[]
}
