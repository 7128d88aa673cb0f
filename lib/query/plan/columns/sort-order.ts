// What `orderBy` takes beside the names of columns: Spark's `asc` and `desc`.

import { hasKind } from '../given.ts'

export interface SortOrder<Column extends string> {
  readonly kind: 'sortOrder'
  readonly column: Column
  readonly direction: 'asc' | 'desc'
}

/** Ascending, nulls first. @example bars.orderBy(desc('volume'), asc('symbol')) */
export const asc = <const Column extends string>(column: Column): SortOrder<Column> => ({
  kind: 'sortOrder',
  column,
  direction: 'asc',
})

/** Descending, nulls last. @example bars.orderBy(desc('volume'), 'symbol') */
export const desc = <const Column extends string>(column: Column): SortOrder<Column> => ({
  kind: 'sortOrder',
  column,
  direction: 'desc',
})

type Given = string | SortOrder<string>

/** A name, and then `desc` or `asc`, is one column: so a column of such a name is sorted by as `asc('desc')`. */
export function sortOrders(given: readonly Given[]): readonly SortOrder<string>[] {
  const [column, direction, ...more] = given
  if (typeof column === 'string' && (direction === 'asc' || direction === 'desc') && more.length === 0) {
    return [{ kind: 'sortOrder', column, direction }]
  }
  return given.map((order) => (hasKind(order) ? order : asc(order)))
}
