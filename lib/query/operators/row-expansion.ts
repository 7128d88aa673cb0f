// The row operators of a query that has generators: one row in, and each row that comes of it is handed on as it is made, depth
// first, so that the rows of a record are in the order of its elements.

import { Refusal } from '../held/refusal.ts'
import { isGenerator, type OneRowOperator, type PlanRow, type RowOperator } from '../plan/plan.ts'
import { compileGenerator, type GeneratorFunction } from './row-generators.ts'
import { compileOperators, type RowFunction } from './row-operators.ts'

/**
 * Takes what became of a row: a row, a refusal, or `undefined` where an operator left it out.
 * @param from the row that a generator made, which this came of; null where none has made any yet
 * @returns false where nothing more is wanted
 */
export type Visit = (outcome: PlanRow | Refusal | undefined, from: PlanRow | null) => boolean

/**
 * @param clockMs of the batch, epoch milliseconds
 * @param from as `Visit` has it, for the row that is given
 * @returns whether more is wanted
 */
export type Expansion = (row: PlanRow, clockMs: number, from: PlanRow | null, visit: Visit) => boolean

/** The operators up to a generator, and the generator; null behind the last one. */
interface Segment {
  readonly operate: RowFunction
  readonly generate: GeneratorFunction | null
}

export function compileExpansion(operators: readonly RowOperator[]): Expansion {
  const segments = segmentsOf(operators)
  const expand = (number: number, row: PlanRow, clockMs: number, from: PlanRow | null, visit: Visit): boolean => {
    const segment = segments[number]
    if (segment === undefined) return true
    const made = segment.operate(row, clockMs)
    if (made === undefined || made instanceof Refusal || segment.generate === null) return visit(made, from)
    const rows = segment.generate(made)
    if (rows instanceof Refusal) return visit(rows, from)
    for (const next of rows) {
      const isWanted = next instanceof Refusal ? visit(next, made) : expand(number + 1, next, clockMs, next, visit)
      if (!isWanted) return false
    }
    return true
  }
  return (row, clockMs, from, visit) => expand(0, row, clockMs, from, visit)
}

function segmentsOf(operators: readonly RowOperator[]): readonly Segment[] {
  const segments: Segment[] = []
  let before: OneRowOperator[] = []
  for (const operator of operators) {
    if (!isGenerator(operator)) {
      before.push(operator)
      continue
    }
    segments.push({ operate: compileOperators(before), generate: compileGenerator(operator) })
    before = []
  }
  return [...segments, { operate: compileOperators(before), generate: null }]
}
