// What happens to the rows of a batch after they were grouped: the row operators again, and the two that need to see all
// rows, orderBy and limit.

import { domainOf } from '../../aggregate/value.ts'
import type { PlanRow, RowOperator, TableOperator } from '../plan/plan.ts'
import { compileOperators } from './row-operators.ts'

/** Anything that carries a row: what else it carries goes along. */
export interface Carrier {
  readonly row: PlanRow
}

export type TableFunction = <C extends Carrier>(rows: readonly C[]) => readonly C[]

export function compileTable(operators: readonly (RowOperator | TableOperator)[]): TableFunction {
  const steps = operators.map(compileStep)
  return (rows) => steps.reduce((current, step) => step(current), rows)
}

function compileStep(operator: RowOperator | TableOperator): TableFunction {
  switch (operator.kind) {
    case 'limit':
      return (rows) => rows.slice(0, operator.count)
    case 'orderBy': {
      const compare = rowOrder(operator.column, operator.direction === 'asc' ? 1 : -1)
      return (rows) => rows.toSorted((left, right) => compare(left.row, right.row))
    }
    default: {
      const operate = compileOperators([operator])
      return (rows) =>
        rows.flatMap((carrier) => {
          const row = operate(carrier.row)
          return row === undefined ? [] : [{ ...carrier, row }]
        })
    }
  }
}

/** Spark's order: nulls first when ascending, last when descending; NaN above all numbers; a window by its start. */
function rowOrder(column: string, sign: 1 | -1): (left: PlanRow, right: PlanRow) => number {
  return (left, right) => sign * compareValues(left[column] ?? null, right[column] ?? null)
}

function compareValues(left: unknown, right: unknown): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null)
  if (typeof left === 'string') return domainOf('string').compare(left, right)
  if (typeof left === 'boolean') return domainOf('boolean').compare(left, right)
  if (left instanceof Uint8Array) return domainOf('binary').compare(left, right)
  if (isWindow(left) && isWindow(right)) return left.start - right.start || left.end - right.end
  return domainOf('double').compare(left, right)
}

const isWindow = (value: unknown): value is { readonly start: number; readonly end: number } =>
  typeof value === 'object' && value !== null && 'start' in value && 'end' in value
