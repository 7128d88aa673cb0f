// What happens to the rows of a batch after they were grouped: the row operators again, and the two that need to see all
// rows, orderBy and limit.

import type { ColumnType } from '../../types/column-type.ts'
import { Refusal } from '../held/refusal.ts'
import type { OneRowOperator, PlanRow, TableOperator } from '../plan/plan.ts'
import { compileOperators } from './row-operators.ts'

/** Anything that carries a row: what else it carries goes along. */
export interface Carrier {
  readonly row: PlanRow
}

/**
 * @param clockMs of the batch, epoch milliseconds
 * @param onRefused takes the rows that an operator refused
 */
export type TableFunction = <C extends Carrier>(
  rows: readonly C[],
  clockMs: number,
  onRefused: (carrier: C, refusal: Refusal) => void,
) => readonly C[]

export function compileTable(operators: readonly (OneRowOperator | TableOperator)[]): TableFunction {
  const steps = operators.map(compileStep)
  return (rows, clockMs, onRefused) => steps.reduce((current, step) => step(current, clockMs, onRefused), rows)
}

function compileStep(operator: OneRowOperator | TableOperator): TableFunction {
  switch (operator.kind) {
    case 'limit':
      return (rows) => rows.slice(0, operator.count)
    case 'orderBy': {
      const orders = operator.by.map(({ column, type, direction }) =>
        rowOrder(column, type, direction === 'asc' ? 1 : -1),
      )
      const compare = (left: PlanRow, right: PlanRow): number => {
        for (const order of orders) {
          const sign = order(left, right)
          if (sign !== 0) return sign
        }
        return 0
      }
      return (rows) => rows.toSorted((left, right) => compare(left.row, right.row))
    }
    default: {
      const operate = compileOperators([operator])
      return (rows, clockMs, onRefused) =>
        rows.flatMap((carrier) => {
          const row = operate(carrier.row, clockMs)
          if (row instanceof Refusal) onRefused(carrier, row)
          return row === undefined || row instanceof Refusal ? [] : [{ ...carrier, row }]
        })
    }
  }
}

/** Spark's order: that of the column's type; nulls first when ascending, last when descending. */
function rowOrder(column: string, { domain }: ColumnType, sign: 1 | -1): (left: PlanRow, right: PlanRow) => number {
  return (left, right) => {
    const [first, second] = [left[column] ?? null, right[column] ?? null]
    if (first === null || second === null) return sign * (Number(first !== null) - Number(second !== null))
    return sign * domain.compare(first, second)
  }
}
