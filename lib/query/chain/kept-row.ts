// A whole row as state keeps it: its values in the order of its columns. What is kept of a row comes back bit by bit.

import type { Column } from '../../decode/schema.ts'
import type { Kept } from '../../types/kept-value.ts'
import { decodeList, incompatible } from '../../types/kept-value.ts'
import type { PlanRow } from '../plan/plan.ts'

export interface RowCodec {
  encode(row: PlanRow): readonly (Kept | null)[]
  /** @throws MicrobatchError STATE_INCOMPATIBLE for what `encode` never gives */
  decode(encoded: unknown): PlanRow
  /** The columns and their types, for fingerprints: `symbol string, price double`. */
  readonly text: string
}

/** @example rowCodec(Tick.columns).encode({ symbol: 'AAPL', price: 150.5 }) // ['AAPL', 150.5] */
export function rowCodec(columns: ReadonlyMap<string, Column<unknown>>): RowCodec {
  const fields = Array.from(columns, ([name, { type }]) => ({ name, type }))
  return {
    text: fields.map(({ name, type }) => `${name} ${type.name}`).join(', '),
    encode: (row) =>
      fields.map(({ name, type }) => {
        const value = row[name] ?? null
        return value === null ? null : type.domain.encode(value)
      }),
    decode(encoded) {
      const values = decodeList(encoded)
      if (values.length !== fields.length) throw incompatible(encoded, `a row of ${fields.length} columns`)
      const row: Record<string, unknown> = {}
      fields.forEach(({ name, type }, i) => {
        const value = values[i] ?? null
        row[name] = value === null ? null : type.domain.decode(value)
      })
      return row
    },
  }
}

/** The values of some columns as one text: equal where the values are; null is equal to null, NaN to NaN, and 0.0 is another than -0.0. */
export function keyText(
  names: readonly string[],
  columns: ReadonlyMap<string, Column<unknown>>,
): (row: PlanRow) => string {
  const fields = Array.from(columns, ([name, { type }]) => ({ name, domain: type.domain })).filter(({ name }) =>
    names.includes(name),
  )
  return (row) => {
    let text = '['
    for (const { name, domain } of fields) {
      const value = row[name] ?? null
      const encoded = value === null ? null : domain.encode(value)
      // JSON, as a list of them would be: a whole number needs no call for it.
      text += `${text === '[' ? '' : ','}${Number.isSafeInteger(encoded) ? encoded : JSON.stringify(encoded)}`
    }
    return `${text}]`
  }
}
