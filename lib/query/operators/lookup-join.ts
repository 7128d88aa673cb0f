// A join with a static side as an operator of rows: each row with those that its lookup has for it. It keeps no state.

import type { Column } from '../../decode/schema.ts'
import { Refusal } from '../held/refusal.ts'
import type { LookupAnswers } from '../lookup/lookup-answers.ts'
import { valuesText } from '../lookup/lookup-rows.ts'
import type { PlanRow } from '../plan/plan.ts'
import { maxRowsOfRecord, tooManyRows } from './row-generators.ts'

type Columns = ReadonlyMap<string, Column<unknown>>

export type LookupJoinType = 'inner' | 'left' | 'leftSemi' | 'leftAnti'

/** A static side as `join` takes it. */
export interface PlanLookup {
  readonly columns: Columns
  readonly key: readonly string[] | null
  readonly answers: LookupAnswers
}

export interface LookupJoin {
  readonly lookup: PlanLookup
  readonly type: LookupJoinType
  /** The columns that are equal, of the row and of the lookup, those of its key in their order. */
  readonly pairs: readonly (readonly [left: string, right: string])[]
  /** What the lookup's columns are called behind the join, those that are there. */
  readonly names: ReadonlyMap<string, string>
  /** The columns of the rows that it takes. */
  readonly input: Columns
}

export function lookupFunction({
  lookup,
  type,
  pairs,
  names,
  input,
}: LookupJoin): (row: PlanRow) => readonly PlanRow[] | Refusal {
  const textOf = valuesText(
    input,
    pairs.map(([left]) => left),
  )
  const columns = pairs.map(([, right]) => right)
  const nulls = Object.fromEntries([...names.values()].map((name) => [name, null]))
  const joined = (row: PlanRow, found: PlanRow): PlanRow => {
    const whole: Record<string, unknown> = { ...row }
    for (const [name, as] of names) whole[as] = found[name] ?? null
    return whole
  }
  return (row) => {
    const text = textOf(row)
    // Null is equal to nothing.
    const found = text === null ? [] : lookup.answers.find(columns, text, keyOf(row, pairs))
    switch (type) {
      case 'leftSemi':
        return found.length > 0 ? [row] : []
      case 'leftAnti':
        return found.length > 0 ? [] : [row]
      default:
        if (found.length > maxRowsOfRecord) return new Refusal('TOO_MANY_ROWS', tooManyRows)
        if (found.length === 0) return type === 'left' ? [{ ...row, ...nulls }] : []
        return found.map((one) => joined(row, one))
    }
  }
}

const keyOf = (row: PlanRow, pairs: LookupJoin['pairs']): PlanRow =>
  Object.fromEntries(pairs.map(([left, right]) => [right, row[left]]))
