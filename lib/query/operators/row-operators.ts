// The operators that take one row and give at most one: prepared once per query, run for every row. Rows are never
// changed in place, since a dead letter or a test may have the same row.

import type { PlanRow, RowOperator } from '../plan/plan.ts'

/** The row after all operators; `undefined` where one left it out. */
export type RowFunction = (row: PlanRow) => PlanRow | undefined

export function compileOperators(operators: readonly RowOperator[]): RowFunction {
  const steps = operators.map(compileOperator)
  return (row) => {
    let current: PlanRow | undefined = row
    for (const step of steps) {
      current = step(current)
      if (current === undefined) return undefined
    }
    return current
  }
}

function compileOperator(operator: RowOperator): RowFunction {
  switch (operator.kind) {
    case 'where':
      return (row) => (operator.predicate(row) ? row : undefined)
    case 'select':
      return (row) => Object.fromEntries(operator.columns.map((name) => [name, row[name]]))
    case 'withColumn':
      return (row) => ({ ...row, [operator.name]: operator.value(row) })
    case 'drop': {
      const dropped = new Set(operator.columns)
      return (row) => Object.fromEntries(Object.entries(row).filter(([name]) => !dropped.has(name)))
    }
  }
}
