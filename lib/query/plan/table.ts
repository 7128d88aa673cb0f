// `orderBy` and `limit` as functions from plan to plan, and their checks.

import { refuse } from '../../error.ts'
import { type Plan, requireColumns, type TableOperator } from './plan.ts'
import { columnOf } from './row-operator.ts'

const tableOperator = (plan: Plan, operator: TableOperator): Plan => ({ ...plan, after: [...plan.after, operator] })

export function orderBy(plan: Plan, column: string, direction: 'asc' | 'desc'): Plan {
  requireColumns(plan, [column])
  const { type } = columnOf(plan, column)
  if (type.domain.isOrderable === false) {
    // Spark's words (DATATYPE_MISMATCH.INVALID_ORDERING_TYPE).
    refuse(`${plan.name}: The "sortorder" does not support ordering on type "${type.sparkName}".`)
  }
  return tableOperator(plan, { kind: 'orderBy', column, type, direction })
}

export function limit(plan: Plan, count: number): Plan {
  if (!Number.isSafeInteger(count) || count < 0) {
    refuse(`${plan.name}: The limit expression must be equal to or greater than 0, but got ${count}.`)
  }
  return tableOperator(plan, { kind: 'limit', count })
}
