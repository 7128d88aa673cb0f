// The key of a group, from the values of its grouping columns and back: as text, which state and sinks keep, and as a value
// that a Map finds, which costs no text where there is one column. Equal exactly where Spark groups together: null is a group
// of its own, -0.0 = 0.0, NaN = NaN. The window is not part of it; its end is kept beside the key.

import type { Column } from '../decode/schema.ts'
import { refuse } from '../error.ts'
import { incompatible, parseList } from '../types/kept-value.ts'
import { columnReader } from './column-reader.ts'

/** Equal, in a Map, exactly where keys are. */
export type KeyLookup = string | number | boolean | null

export interface GroupKey<Row> {
  /** The value of a single column; the canonical text where there are more, or none, or it is bytes. */
  lookup(row: Row): KeyLookup
  /** The canonical text of a lookup, and back. */
  text(lookup: KeyLookup): string
  lookupOf(text: string): KeyLookup
  /** Writes the values of the grouping columns into a row. */
  fill(row: Record<string, unknown>, lookup: KeyLookup): void
  /** The canonical key of a row: a JSON array, ASCII-safe where a string has a lone surrogate. */
  of(row: Row): string
  /**
   * The values of the grouping columns, in their order; for -0.0 it is 0.0.
   *
   * @throws MicrobatchError STATE_INCOMPATIBLE for a key these columns never gave
   */
  values(key: string): unknown[]
}

/**
 * The group key of some columns; of none, one key for all rows.
 *
 * @param names the grouping columns, without windows
 * @throws MicrobatchError QUERY_INVALID for a column that is not there
 * @example
 * const key = groupKey<Tick>(['symbol'], Tick.columns)
 * key.of({ symbol: 'AAPL', … }) // '["AAPL"]'
 * key.values('["AAPL"]') // ['AAPL']
 */
export function groupKey<Row>(
  names: readonly (keyof Row & string)[],
  columns: ReadonlyMap<string, Column<unknown>>,
): GroupKey<Row> {
  const parts = names.map((name) => {
    const column = columns.get(name)
    if (column === undefined) return refuse(`groupBy: there is no column \`${name}\` to group by.`)
    requireGroupable(name, column)
    return { name, domain: column.type.domain }
  })
  const of = (row: Row): string => {
    let key = ''
    for (const { name, domain } of parts) {
      const value = row[name] ?? null
      const encoded = value === null ? null : domain.encode(domain.canonical(value))
      key += `${key === '' ? '[' : ','}${JSON.stringify(encoded)}`
    }
    return key === '' ? '[]' : `${key}]`
  }
  const values = (key: string): unknown[] => {
    const encoded = parseList(key)
    if (encoded.length !== parts.length) throw incompatible(encoded, `a key of ${parts.length} columns`)
    return parts.map(({ domain }, i) => {
      const value = encoded[i]
      return value === null ? null : domain.decode(value)
    })
  }
  const [only] = parts
  if (only !== undefined && parts.length === 1 && only.domain.isPrimitive) {
    const { name, domain } = only
    const valueIn = columnReader(name) as (row: Row) => unknown
    return {
      of,
      values,
      lookup(row) {
        const value = valueIn(row)
        return value === null ? null : (domain.canonical(value) as KeyLookup)
      },
      text(lookup) {
        if (lookup === null) return '[null]'
        const encoded = domain.encode(lookup)
        return typeof encoded === 'number' ? `[${encoded}]` : `[${JSON.stringify(encoded)}]`
      },
      lookupOf: (text) => values(text)[0] as KeyLookup,
      fill(row, lookup) {
        row[name] = lookup
      },
    }
  }
  return {
    of,
    values,
    lookup: of,
    text: String,
    lookupOf: (text) => text,
    fill(row, lookup) {
      values(String(lookup)).forEach((value, i) => {
        const part = parts[i]
        if (part !== undefined) row[part.name] = value
      })
    },
  }
}

/** @throws MicrobatchError QUERY_INVALID in Spark's words (GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE) */
export function requireGroupable(name: string, { type: { domain, sparkName } }: Column<unknown>): void {
  if (domain.isOrderable !== false) return
  refuse(
    `The expression "${name}" cannot be used as a grouping expression because its data type "${sparkName}" ` +
      'is not an orderable data type.',
  )
}
