// The operators of the builder as functions from plan to plan, and their checks. A plan's columns are known by name and by
// how they print; the types of rows are stream.ts's.

import { compileAggregates } from '../../aggregate/aggregation.ts'
import { delayMs } from '../../aggregate/duration.ts'
import type { Aggregates } from '../../aggregate/functions/aggregate.ts'
import type { WindowDefinition } from '../../aggregate/window.ts'
import type { Codec } from '../../decode/codec.ts'
import type { Column, Schema } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'
import type { CellKind } from '../../sink/cell.ts'
import { outputColumnsOf } from '../../sink/output-columns.ts'
import { kafkaColumns } from './kafka-columns.ts'
import {
  columnsOfPlan,
  type DecodeStep,
  type Plan,
  type PlanRow,
  type RowOperator,
  requireColumns,
  requireTimestamp,
  type TableOperator,
  type WindowStep,
} from './plan.ts'

const empty = { operators: [], watermark: null, aggregation: null, after: [], isOpen: false } as const

export const kafkaPlan = (name: string, topic: string, keyedBy: string | null): Plan => ({
  ...empty,
  name,
  source: { kind: 'kafka', topic, keyedBy, decode: null },
  columns: kafkaColumns,
})

export const rowsPlan = (name: string, schema: Schema<unknown>): Plan => ({
  ...empty,
  name,
  source: { kind: 'rows', schema },
  columns: outputColumnsOf(schema.columns),
})

export function decoded(
  plan: Plan,
  codec: Codec<unknown>,
  map: unknown,
  added: Readonly<Record<string, Column<unknown>>> = {},
): Plan {
  if (plan.source.kind !== 'kafka') return refuse(`${plan.name}: only a Kafka source has records to decode.`)
  const step: DecodeStep = { codec, map: (map as DecodeStep['map'] | undefined) ?? null }
  return {
    ...plan,
    source: { ...plan.source, decode: step },
    columns: outputColumnsOf(new Map([...codec.schema.columns, ...Object.entries(added)])),
    isOpen: map !== undefined,
  }
}

/** A row operator comes before the aggregation, or after it among the operators of the table. */
function rowOperator(plan: Plan, operator: RowOperator, change: Partial<Plan> = {}): Plan {
  const isAfter = plan.aggregation !== null || plan.after.length > 0
  return isAfter
    ? { ...plan, after: [...plan.after, operator], ...change }
    : { ...plan, operators: [...plan.operators, operator], ...change }
}

export const where = (plan: Plan, predicate: unknown): Plan =>
  rowOperator(plan, { kind: 'where', predicate: predicate as (row: PlanRow) => boolean })

export function select(plan: Plan, columns: readonly string[]): Plan {
  requireColumns(plan, columns)
  const kinds = columns.map((name): [string, CellKind] => [name, plan.columns.get(name) ?? 'inferred'])
  return rowOperator(plan, { kind: 'select', columns }, { columns: new Map(kinds), isOpen: false })
}

export function withColumn(plan: Plan, name: string, value: unknown, type: Column<unknown> | undefined): Plan {
  const columns = new Map([...plan.columns, [name, type?.kind ?? 'inferred'] as const])
  return rowOperator(plan, { kind: 'withColumn', name, value: value as (row: PlanRow) => unknown }, { columns })
}

export function drop(plan: Plan, names: readonly string[]): Plan {
  requireColumns(plan, names)
  const columns = new Map([...plan.columns].filter(([name]) => !names.includes(name)))
  return rowOperator(plan, { kind: 'drop', columns: names }, { columns })
}

export function withWatermark(plan: Plan, column: string, delay: string): Plan {
  if (plan.watermark !== null) refuse(`${plan.name}: Redefining watermark is disallowed.`)
  if (plan.aggregation !== null || plan.after.length > 0) {
    refuse(`${plan.name}: withWatermark comes before groupBy, on the rows whose event time it names.`)
  }
  requireTimestamp(plan, column)
  return { ...plan, watermark: { column, delayMs: delayMs(delay), position: plan.operators.length } }
}

type Key = string | WindowDefinition<string, string>

export function aggregate(plan: Plan, grouping: readonly Key[], aggregates: unknown): Plan {
  if (plan.aggregation !== null || plan.after.length > 0) {
    refuse(`${plan.name}: a second aggregation, or one over sorted or limited rows, is not supported.`)
  }
  const windows = grouping.filter((key) => typeof key !== 'string')
  const keys = grouping.filter((key) => typeof key === 'string')
  if (windows.length > 1) {
    refuse(
      `${plan.name}: Multiple time/session window expressions would result in a cartesian product of rows, ` +
        'therefore they are currently not supported.',
    )
  }
  // Also where the plan is open: a key is kept in state, so its type must be known.
  requireColumns({ ...plan, isOpen: false }, keys)
  const [definition] = windows
  if (definition !== undefined) requireTimestamp(plan, definition.column)
  const window: WindowStep | null = definition === undefined ? null : windowStep(definition)
  const input = columnsOfPlan(plan)
  const order = grouping.map((key) => (typeof key === 'string' ? key : key.name))
  const results = compileAggregates(aggregates as Aggregates<PlanRow>, input).columns
  const names = [...order, ...results.keys()]
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) refuse(`${plan.name}: two output columns are named \`${twice}\`. Rename one of them.`)
  return {
    ...plan,
    aggregation: {
      window,
      keys,
      order,
      aggregates: aggregates as Aggregates<PlanRow>,
      input,
      finalBy: finalBy(plan, window, keys),
    },
    columns: new Map([
      ...order.map((name): [string, CellKind] => [
        name,
        name === window?.name ? 'window' : (plan.columns.get(name) ?? 'inferred'),
      ]),
      ...outputColumnsOf(results),
    ]),
    isOpen: false,
  }
}

const windowStep = ({ column, name, sizeMs, slideMs, startMs }: WindowDefinition<string, string>): WindowStep => ({
  column,
  name,
  sizeMs,
  slideMs,
  startMs,
})

/** The watermark's column, if groups are made by it and no operator has put something else under its name since. */
function finalBy({ watermark, operators }: Plan, window: WindowStep | null, keys: readonly string[]): string | null {
  if (watermark === null) return null
  const { column, position } = watermark
  const isReplaced = operators.slice(position).some((op) => op.kind === 'withColumn' && op.name === column)
  const isGrouped = window?.column === column || keys.includes(column)
  return isGrouped && !isReplaced ? column : null
}

const tableOperator = (plan: Plan, operator: TableOperator): Plan => ({ ...plan, after: [...plan.after, operator] })

export function orderBy(plan: Plan, column: string, direction: 'asc' | 'desc'): Plan {
  requireColumns(plan, [column])
  return tableOperator(plan, { kind: 'orderBy', column, direction })
}

export function limit(plan: Plan, count: number): Plan {
  if (!Number.isSafeInteger(count) || count < 0) {
    refuse(`${plan.name}: The limit expression must be equal to or greater than 0, but got ${count}.`)
  }
  return tableOperator(plan, { kind: 'limit', count })
}
