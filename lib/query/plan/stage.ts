// A stateful operator of a plan that other operators follow, or that is no aggregation: rows in, rows out. An aggregation that
// nothing but operators of its table follow is the plan's own (Plan.aggregation).

import type { Gap } from '../../aggregate/duration.ts'
import type { Column } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'
import type { TransformWithStateStep } from '../custom-state/transform-with-state-step.ts'
import type { AggregationStep, OneRowOperator, Plan, PlanRow } from './plan.ts'

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

export type StageStep = DropDuplicatesStep | AggregateStep | LimitStep | SessionAggregateStep | TransformWithStateStep

/** Operators that keep nothing of rows but what they have types for by themselves. */
const keepsNoRows: ReadonlySet<StageStep['kind']> = new Set(['sessionAggregate', 'transformWithState'])

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
  readonly then: readonly OneRowOperator[]
}

/**
 * A plan with one more stage. An aggregation before it becomes a stage of its own.
 * @param columns that the stage gives, and which of them has the event time
 */
export function withStage(
  given: Plan,
  step: StageStep,
  { columns, eventTime }: Pick<Plan, 'columns' | 'eventTime'>,
): Plan {
  const plan = keepsNoRows.has(step.kind) ? given : withoutTable(given, step.kind)
  const stage: Stage = {
    step,
    input: plan.columns,
    eventTime: plan.eventTime,
    delayMs: plan.watermark?.delayMs ?? null,
    output: columns,
    then: [],
  }
  return { ...plan, stages: [...plan.stages, stage], columns, eventTime, isOpen: false }
}

/**
 * The plan with its aggregation and its limits among the stages.
 * @param what comes after them
 * @throws MicrobatchError QUERY_INVALID after a sort, and for columns without a type
 */
export function withoutTable(plan: Plan, what: string): Plan {
  if (plan.isOpen) {
    refuse(
      `${plan.name}: ${what} keeps rows in state, so the type of each column must be known. Declare those that a function adds, ` +
        'or select the ones that are declared.',
    )
  }
  const untyped = [...plan.columns].find(([, { kind }]) => kind === 'inferred')
  if (untyped !== undefined) {
    refuse(
      `${plan.name}: \`${untyped[0]}\` has no type, and ${what} keeps rows in state. Give it one: ` +
        `withColumn('${untyped[0]}', fn, string()).`,
    )
  }
  const { aggregation, after } = plan
  const delayMs = plan.watermark?.delayMs ?? null
  const stages = [...plan.stages]
  if (aggregation !== null) {
    const { input, output, finalBy } = aggregation
    stages.push({ step: { kind: 'aggregate', aggregation }, input, eventTime: finalBy, delayMs, output, then: [] })
  }
  for (const operator of after) {
    const last = stages.at(-1)
    if (operator.kind === 'orderBy') refuse(`${plan.name}: ${what} after orderBy is not supported.`)
    else if (operator.kind === 'limit') {
      const { count, columns, eventTime } = operator
      stages.push({ step: { kind: 'limit', count }, input: columns, eventTime, delayMs, output: columns, then: [] })
    } else if (last !== undefined) stages[stages.length - 1] = { ...last, then: [...last.then, operator] }
  }
  return { ...plan, stages, aggregation: null, after: [] }
}

/** Whether anything of a query is kept between batches. */
export const isStateful = ({ aggregation, stages }: Plan): boolean => aggregation !== null || stages.length > 0

/** What is done to rows when they go out: behind the last stage, where no aggregation follows, and on the table. */
export function outgoing({ stages, aggregation, after }: Plan): Plan['after'] {
  const last = stages.at(-1)
  return aggregation === null && last !== undefined ? [...last.then, ...after] : after
}
