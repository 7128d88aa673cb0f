// A whole row as state keeps it: its values in the order of its columns. What is kept of a row comes back bit by bit.

import type { Column } from '../../decode/schema.ts'
import type { OwnPart, PartLayout } from '../../state/protocol/evolution/kept-parts.ts'
import { listText } from '../../state/protocol/evolution/part-text.ts'
import type { Kept } from '../../types/kept-value.ts'
import { decodeList, incompatible } from '../../types/kept-value.ts'
import type { PlanRow } from '../plan/plan.ts'

export interface RowCodec {
  /** @param layout where its columns lie; left out, in their order */
  encode(row: PlanRow, layout?: PartLayout): readonly (Kept | null)[]
  /**
   * A column that was added after the row was kept has its default, or null.
   * @throws MicrobatchError STATE_INCOMPATIBLE for what `encode` never gives
   */
  decode(encoded: unknown, layout?: PartLayout): PlanRow
  /** The columns and their types, for fingerprints: `symbol string, price double`. */
  readonly text: string
  /** The columns as parts. */
  readonly parts: readonly OwnPart[]
}

/** @example rowCodec(Tick.columns).encode({ symbol: 'AAPL', price: 150.5 }) // ['AAPL', 150.5] */
export function rowCodec(columns: ReadonlyMap<string, Column<unknown>>): RowCodec {
  const fields = Array.from(columns, ([name, { type, defaultValue = null }]) => ({ name, type, defaultValue }))
  const parts = fields.map(({ name, type }) => ({ name, form: type.name, isKnownByName: true }))
  const encodeField = ({ name, type }: (typeof fields)[number], row: PlanRow): Kept | null => {
    const value = row[name] ?? null
    return value === null ? null : type.domain.encode(value)
  }
  return {
    parts,
    text: listText(parts),
    encode: (row, layout) =>
      layout === undefined
        ? fields.map((field) => encodeField(field, row))
        : layout.owners.map((owner) => {
            const field = fields[owner ?? -1]
            return field === undefined ? null : encodeField(field, row)
          }),
    decode(encoded, layout) {
      const values = decodeList(encoded)
      const size = layout?.owners.length ?? fields.length
      if (layout === undefined ? values.length !== size : values.length > size)
        throw incompatible(encoded, `a row of ${size} columns`)
      const row: Record<string, unknown> = {}
      fields.forEach(({ name, type, defaultValue }, i) => {
        const value = values[layout?.places[i] ?? i]
        if (value === undefined) row[name] = defaultValue
        else row[name] = value === null ? null : type.domain.decode(value)
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
      text += `${text === '[' ? '' : ','}${jsonOf(encoded)}`
    }
    return `${text}]`
  }
}

/** Texts that JSON puts between quotes as they are. */
const plain = /^[ !#-[\]-~]*$/

/** A value as JSON in a list; numbers and most texts need no call for it. */
function jsonOf(encoded: Kept | null): string | number {
  if (typeof encoded === 'string' && encoded.length <= 40 && plain.test(encoded)) return `"${encoded}"`
  return typeof encoded === 'number' && Number.isSafeInteger(encoded) ? encoded : JSON.stringify(encoded)
}
