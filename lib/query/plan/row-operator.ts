// Where an operator of rows stands in a plan: before everything that keeps state, behind a stateful operator, or among the operators of
// a table; and whether the event time is still there after it.

import { type Column, inferredColumn } from '../../decode/schema.ts'
import { type OneRowOperator, type Plan, type RowOperator, replaces } from './plan.ts'
import { withRowOperator } from './sources.ts'

export function rowOperator(plan: Plan, operator: OneRowOperator, change: Partial<Plan> = {}): Plan {
  const eventTime = keptTime(plan.eventTime, operator)
  const otherEventTime = keptTime(plan.otherEventTime, operator)
  const last = plan.stages.at(-1)
  if (plan.aggregation !== null || plan.after.length > 0) {
    return { ...plan, after: [...plan.after, operator], eventTime, otherEventTime, ...change }
  }
  if (last === undefined) return { ...withRowOperator(plan, operator), eventTime, ...change }
  const stages = [...plan.stages.slice(0, -1), { ...last, following: [...last.following, operator] }]
  return { ...plan, stages, eventTime, otherEventTime, ...change }
}

/** Null where an operator leaves it out, or puts something else in its place. */
export function keptTime(eventTime: string | null, operator: RowOperator): string | null {
  return eventTime !== null && isKept(eventTime, operator) ? eventTime : null
}

function isKept(eventTime: string, operator: RowOperator): boolean {
  if (operator.kind === 'select') return operator.columns.includes(eventTime)
  if (operator.kind === 'drop') return !operator.columns.includes(eventTime)
  return !replaces(operator, eventTime)
}

export const columnOf = ({ columns }: Plan, name: string): Column<unknown> => columns.get(name) ?? inferredColumn()
