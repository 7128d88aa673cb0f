// The key of a group as one string, from the values of its grouping columns and back: what state, sinks and the maps of a
// batch use. Equal exactly where Spark groups together: null is a group of its own, -0.0 = 0.0, NaN = NaN. The window is not
// part of it; its end is kept beside the key.

import type { Column } from '../decode/schema.ts'
import { refuse } from '../error.ts'
import { domainOf, incompatible, parseList } from './value.ts'

export interface GroupKey<Row> {
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
    return { name, domain: domainOf(column.kind) }
  })
  return {
    of(row) {
      let key = ''
      for (const { name, domain } of parts) {
        const value = row[name] ?? null
        const encoded = value === null ? null : domain.encode(domain.canonical(value))
        key += `${key === '' ? '[' : ','}${JSON.stringify(encoded)}`
      }
      return key === '' ? '[]' : `${key}]`
    },
    values(key) {
      const encoded = parseList(key)
      if (encoded.length !== parts.length) throw incompatible(encoded, `a key of ${parts.length} columns`)
      return parts.map(({ domain }, i) => {
        const value = encoded[i]
        return value === null ? null : domain.decode(value)
      })
    },
  }
}
