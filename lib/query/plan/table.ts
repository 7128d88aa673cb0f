// `orderBy` and `limit` as functions from plan to plan, and their checks. Whether they are a table's, or a limit is a stateful operator
// of its own, shows only when the query is ended: by its output mode, or in batch mode.

import { refuse } from '../../error.ts'
import { type SortOrder, sortOrders } from './columns/sort-order.ts'
import { type Plan, requireColumns, type TableOperator } from './plan.ts'
import { columnOf } from './row-operator.ts'

const tableOperator = (plan: Plan, operator: TableOperator): Plan => ({ ...plan, after: [...plan.after, operator] })

export function orderBy(plan: Plan, given: readonly (string | SortOrder<string>)[]): Plan {
  const orders = sortOrders(given)
  if (orders.length === 0) refuse(`${plan.name}: orderBy names no column.`)
  const by = orders.map(({ column, direction }) => {
    requireColumns(plan, [column])
    const { type } = columnOf(plan, column)
    if (type.domain.isOrderable === false) {
      // Spark's words (DATATYPE_MISMATCH.INVALID_ORDERING_TYPE).
      refuse(`${plan.name}: The "sortorder" does not support ordering on type "${type.sparkName}".`)
    }
    return { column, type, direction }
  })
  return tableOperator(plan, { kind: 'orderBy', by })
}

export function limit(plan: Plan, count: number): Plan {
  if (!Number.isSafeInteger(count) || count < 0) {
    refuse(`${plan.name}: The limit expression must be equal to or greater than 0, but got ${count}.`)
  }
  const { columns, eventTime } = plan
  return tableOperator(plan, { kind: 'limit', count, columns, eventTime })
}
