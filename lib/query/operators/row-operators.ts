// The operators that take one row and give at most one: prepared once per query, run for every row. Rows are never
// changed in place, since a dead letter or a test may have the same row. What a function of the query throws, or gives that
// its column does not take, refuses the row and nothing else.

import { inferredColumn } from '../../decode/schema.ts'
import { valueText } from '../../types/text/value-text.ts'
import { holderOf } from '../held/held-value.ts'
import { guarded, Refusal } from '../held/refusal.ts'
import type { OneRowOperator, PlanRow } from '../plan/plan.ts'

/** The row after all operators; `undefined` where one left it out. @param clockMs of its batch, epoch milliseconds */
export type RowFunction = (row: PlanRow, clockMs: number) => PlanRow | Refusal | undefined

export function compileOperators(operators: readonly OneRowOperator[]): RowFunction {
  const steps = operators.map(compileOperator)
  const [only] = steps
  if (only === undefined) return (row) => row
  if (steps.length === 1) return only
  return (row, clockMs) => {
    let current: PlanRow | undefined = row
    for (const step of steps) {
      const next = step(current, clockMs)
      if (next === undefined || next instanceof Refusal) return next
      current = next
    }
    return current
  }
}

function compileOperator(operator: OneRowOperator): RowFunction {
  switch (operator.kind) {
    case 'where': {
      const predicate = guarded('where', operator.predicate)
      return (row) => {
        const answer = predicate(row)
        if (answer === true) return row
        // Spark leaves a row out where the condition is null.
        if (answer === false || answer === null || answer === undefined) return undefined
        if (answer instanceof Refusal) return answer
        return new Refusal('WRONG_SHAPE', `expected true or false, got ${valueText(answer)} from the function of where`)
      }
    }
    case 'select':
      return (row) => Object.fromEntries(operator.columns.map((name) => [name, row[name]]))
    case 'withColumn': {
      const { name, column } = operator
      if (typeof operator.value !== 'function') return (row, clockMs) => ({ ...row, [name]: clockMs })
      const what = `withColumn of \`${name}\``
      const value = guarded(what, operator.value)
      const hold = holderOf(name, column ?? inferredColumn(), `the function of ${what}`)
      return (row) => {
        const given = value(row)
        const held = given instanceof Refusal ? given : hold(given)
        return held instanceof Refusal ? held : { ...row, [name]: held }
      }
    }
    case 'drop': {
      const dropped = new Set(operator.columns)
      return (row) => Object.fromEntries(Object.entries(row).filter(([name]) => !dropped.has(name)))
    }
  }
}
