// What lists, maps and objects do with the values within them, any of which may be null.

import { absentValue, type Column } from '../column.ts'
import type { ColumnType, Domain } from '../column-type.ts'
import type { Kept } from '../kept-value.ts'
import { isWhole } from '../text/whole-number.ts'

/** A value within another one, from its own text in strict JSON; undefined where it is none of its column. */
export function readPart(column: Column<unknown>, source: string): unknown {
  if (source === 'null') return absentValue(column)
  const { json } = column.type
  if (json.readWritten !== undefined) return json.readWritten(source)
  return json.isWhole && !isWhole(source) ? undefined : json.read(JSON.parse(source))
}

/** Spark puts a null before every value. */
export function compareNullable(domain: Domain<unknown>, left: unknown, right: unknown): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null)
  return domain.compare(left, right)
}

export const encodeNullable = (domain: Domain<unknown>, value: unknown): Kept | null =>
  value === null ? null : domain.encode(value)

export const decodeNullable = (domain: Domain<unknown>, encoded: unknown): unknown =>
  encoded === null ? null : domain.decode(encoded)

/** Without an order where one of its parts has none. */
export const orderOf = (types: readonly ColumnType[]): Pick<Domain<unknown>, 'isOrderable'> =>
  types.every(({ domain }) => domain.isOrderable !== false) ? {} : { isOrderable: false }

/**
 * `[1, NULL, 3]`: as much of it as is wanted.
 * @param print the text of a part that is not null, and how much of it is wanted
 */
export function printParts<Part>(
  open: string,
  parts: Iterable<Part>,
  close: string,
  maxLength: number,
  print: (part: Part & NonNullable<unknown>, maxLength: number) => string,
): string {
  let text = open
  let isFirst = true
  for (const part of parts) {
    if (text.length > maxLength) return text
    if (!isFirst) text += ', '
    isFirst = false
    text += part === null || part === undefined ? 'NULL' : print(part, Math.max(0, maxLength - text.length))
  }
  return text + close
}
