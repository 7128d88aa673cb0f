// The rows of a static side, held to its columns, and the texts that they are found by.

import type { Column } from '../../decode/schema.ts'
import { refuse } from '../../error.ts'
import { holdRows } from '../held/held-row.ts'
import { Refusal } from '../held/refusal.ts'
import type { PlanRow } from '../plan/plan.ts'

type Columns = ReadonlyMap<string, Column<unknown>>

/** @throws MicrobatchError QUERY_INVALID for one that is none: its table must be mended, not a record */
export function heldRows(columns: Columns, rows: readonly unknown[], by: string): readonly PlanRow[] {
  if (!Array.isArray(rows)) refuse(`${by} gave no list of rows.`)
  const hold = holdRows(columns, by)
  return rows.map((given, i) => {
    const row = hold(given)
    return row instanceof Refusal ? refuse(`${by}: row ${i} is bad (${row.reason}: ${row.detail}).`) : row
  })
}

/** The values of some columns as one text, in this order; null where one of them is, as null is equal to nothing. */
export function valuesText(columns: Columns, names: readonly string[]): (row: PlanRow) => string | null {
  const fields = names.map((name) => ({ name, domain: columns.get(name)?.type.domain }))
  return (row) => {
    const values: unknown[] = []
    for (const { name, domain } of fields) {
      const value = row[name] ?? null
      if (value === null) return null
      // Both zeros are equal.
      values.push(domain?.encode(value === 0 ? 0 : value))
    }
    return JSON.stringify(values)
  }
}
