// `groupBy(…).agg(…)` as a function from plan to plan, and its checks. What an aggregation keeps in state must have a type, so
// this is where the types of columns that functions made are settled.

import { compileAggregates } from '../../aggregate/aggregation.ts'
import { sessionGap } from '../../aggregate/duration.ts'
import type { Aggregates } from '../../aggregate/functions/aggregate.ts'
import { requireGroupable } from '../../aggregate/group-key.ts'
import type { SessionWindowDefinition } from '../../aggregate/session-window.ts'
import type { WindowDefinition } from '../../aggregate/window.ts'
import { boolean, type Column, double, windowColumn } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'
import { valueText } from '../../types/text/value-text.ts'
import { hasKind } from './given.ts'
import {
  type AggregationStep,
  type Plan,
  type PlanRow,
  type RowOperator,
  requireColumns,
  requireTimestamp,
  type WindowStep,
} from './plan.ts'
import { topicsOf } from './sources.ts'
import type { SessionStep } from './stages/stage.ts'
import { withoutTable, withStage } from './stages/staged.ts'

type Window = WindowDefinition<string, string> | SessionWindowDefinition<string, string, unknown>
type Key = string | Window

export function aggregate(before: Plan, grouping: readonly Key[], aggregates: unknown): Plan {
  const isFirst = before.aggregation === null && before.after.length === 0
  const given = isFirst ? before : withoutTable(before, 'groupBy')
  for (const key of grouping) {
    if (typeof key !== 'string' && !hasKind(key)) {
      refuse(`${given.name}: groupBy takes columns and windows, and was given ${valueText(key)}.`)
    }
  }
  requireAggregates(given, aggregates)
  const windows = grouping.filter((key) => typeof key !== 'string')
  const keys = grouping.filter((key) => typeof key === 'string')
  if (windows.length > 1) {
    refuse(
      `${given.name}: Multiple time/session window expressions would result in a cartesian product of rows, ` +
        'therefore they are currently not supported.',
    )
  }
  // Also where the plan is open: a key is kept in state, so its type must be known.
  requireColumns({ ...given, isOpen: false }, keys)
  for (const key of keys) requireType(given, key)
  const [definition] = windows
  if (definition !== undefined) requireTimestamp(given, definition.column)
  const window = definition?.kind === 'window' ? windowStep(definition) : null
  const plan = withTypes(given, argumentsOf(aggregates as Aggregates<PlanRow>))
  const order = grouping.map((key) => (typeof key === 'string' ? key : key.name))
  const results = compileAggregates(aggregates as Aggregates<PlanRow>, plan.columns).columns
  const names = [...order, ...results.keys()]
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) refuse(`${plan.name}: two output columns are named \`${twice}\`. Rename one of them.`)
  const output = new Map([...order.map((name) => [name, groupingColumn(plan, name, definition)] as const), ...results])
  const by = finalBy(plan, definition, keys)
  const aggregation: AggregationStep = {
    window,
    keys,
    order,
    aggregates: aggregates as Aggregates<PlanRow>,
    hasTopics: topicsOf(plan).length > 1,
    input: plan.columns,
    output,
    finalBy: by,
  }
  const eventTime = by !== null && by === definition?.column ? definition.name : by
  if (definition?.kind === 'sessionWindow') {
    const step = { kind: 'sessionAggregate', session: sessionStep(definition), aggregation } as const
    return withStage(plan, step, { columns: output, eventTime })
  }
  return { ...plan, aggregation, columns: output, otherEventTime: null, eventTime, isOpen: false }
}

function requireAggregates({ name }: Plan, given: unknown): void {
  if (typeof given !== 'object' || given === null) {
    refuse(`${name}: agg takes aggregates by the names of their columns, and was given ${valueText(given)}.`)
  }
  const stranger = Object.entries(given).find(([, aggregate]) => !hasKind(aggregate))
  if (stranger === undefined) return
  const [column, aggregate] = stranger
  refuse(
    `${name}: \`${column}\` of agg is ${valueText(aggregate)}, and no aggregate. Give it one: { ${column}: count() }.`,
  )
}

function groupingColumn({ columns }: Plan, name: string, window: Window | undefined): Column<unknown> {
  return (name === window?.name ? undefined : columns.get(name)) ?? windowColumn()
}

function requireType({ name, columns }: Plan, key: string): void {
  const column = columns.get(key)
  if (column !== undefined) requireGroupable(key, column)
  if (column?.kind !== 'inferred') return
  refuse(
    `${name}: \`${key}\` has no type, and a grouping column is kept in state. Give it one: ` +
      `withColumn('${key}', fn, string()).`,
  )
}

/** The columns whose values an aggregate takes, as what; any value at all will do for a count. */
const argumentsOf = (aggregates: Aggregates<PlanRow>): ReadonlyMap<unknown, Column<unknown>> =>
  new Map(
    Object.values(aggregates).flatMap((aggregate) => {
      if (aggregate.kind === 'custom' || aggregate.kind === 'count') return []
      const given: readonly unknown[] = 'by' in aggregate ? [aggregate.argument, aggregate.by] : [aggregate.argument]
      const taken = 'takes' in aggregate && aggregate.takes === 'boolean' ? booleans : numbers
      return given.map((argument) => [argument, taken] as const)
    }),
  )

/** A column without a type that an aggregate takes is one of what it takes: it is held to that from where it is made. */
function withTypes(plan: Plan, taken: ReadonlyMap<unknown, Column<unknown>>): Plan {
  const typeOf = (name: string): Column<unknown> | undefined =>
    plan.columns.get(name)?.kind === 'inferred' ? taken.get(name) : undefined
  const typed = (operator: RowOperator): RowOperator => {
    if (operator.kind === 'withColumn') return { ...operator, column: typeOf(operator.name) ?? operator.column }
    if (operator.kind === 'explodeMap') return { ...operator, element: typeOf(operator.as[1]) ?? operator.element }
    return operator.kind === 'explode' ? { ...operator, element: typeOf(operator.as) ?? operator.element } : operator
  }
  return {
    ...plan,
    operators: plan.operators.map(typed),
    others: plan.others.map((other) => ({ ...other, operators: other.operators.map(typed) })),
    columns: new Map(Array.from(plan.columns, ([name, column]) => [name, typeOf(name) ?? column])),
  }
}

const numbers: Column<unknown> = double().nullable()
const booleans: Column<unknown> = boolean().nullable()

const windowStep = ({ column, name, sizeMs, slideMs, startMs }: WindowDefinition<string, string>): WindowStep => ({
  column,
  name,
  sizeMs,
  slideMs,
  startMs,
})

const sessionStep = ({ column, name, gap }: SessionWindowDefinition<string, string, unknown>): SessionStep => ({
  column,
  name,
  gap: typeof gap === 'string' ? sessionGap(gap) : (gap as (row: PlanRow) => unknown),
})

/** The column that has the event time, if groups are made by it. */
function finalBy(plan: Plan, window: Window | undefined, keys: readonly string[]): string | null {
  const times = [plan.eventTime, plan.otherEventTime]
  return times.find((time) => time !== null && (window?.column === time || keys.includes(time))) ?? null
}
