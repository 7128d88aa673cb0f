// Where an operator of rows stands in a plan: before everything that keeps state, behind a stateful operator, or among the operators of
// a table; and whether the event time is still there after it.

import { type Column, inferredColumn } from '../../decode/schema.ts'
import { type OneRowOperator, type Plan, type RowOperator, replaces } from './plan.ts'

export function rowOperator(plan: Plan, operator: OneRowOperator, change: Partial<Plan> = {}): Plan {
  const eventTime = keepsEventTime(plan, operator) ? plan.eventTime : null
  const last = plan.stages.at(-1)
  if (plan.aggregation !== null || plan.after.length > 0) {
    return { ...plan, after: [...plan.after, operator], eventTime, ...change }
  }
  if (last === undefined) return { ...plan, operators: [...plan.operators, operator], eventTime, ...change }
  const stages = [...plan.stages.slice(0, -1), { ...last, following: [...last.following, operator] }]
  return { ...plan, stages, eventTime, ...change }
}

export function keepsEventTime({ eventTime }: Plan, operator: RowOperator): boolean {
  if (eventTime === null) return false
  if (operator.kind === 'select') return operator.columns.includes(eventTime)
  if (operator.kind === 'drop') return !operator.columns.includes(eventTime)
  return !replaces(operator, eventTime)
}

export const columnOf = ({ columns }: Plan, name: string): Column<unknown> => columns.get(name) ?? inferredColumn()
