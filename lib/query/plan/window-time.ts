// `withColumn(name, windowTime(column))` as a function from plan to plan. Where the window has the event time, the new column has it
// from then on.

import { lastMomentOf, type WindowTime } from '../../aggregate/window-time.ts'
import { timestamp } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'
import { hasKind } from './given.ts'
import { type Plan, type PlanRow, requireColumns } from './plan.ts'
import { rowOperator } from './row-operator.ts'

export const isWindowTime = (value: unknown): value is WindowTime<string> =>
  hasKind(value) && value.kind === 'windowTime'

/** @throws MicrobatchError QUERY_INVALID in Spark's words, for a column that has no windows */
export function withWindowTime(plan: Plan, name: string, column: string): Plan {
  requireColumns(plan, [column])
  const given = plan.columns.get(column)
  if (given?.kind !== 'window') {
    refuse(
      `${plan.name}: The input is not a correct window column: ${column}. Give windowTime the column that window(…) made.`,
    )
  }
  const time = given?.isNullable === true ? timestamp().nullable() : timestamp()
  const columns = new Map([...plan.columns, [name, time] as const])
  const value = (row: PlanRow): unknown => lastMomentOf(row[column])
  const step = { kind: 'withColumn', name, value, column: time } as const
  const made = rowOperator(plan, step, { columns })
  return plan.eventTime === column ? { ...made, eventTime: name } : made
}
