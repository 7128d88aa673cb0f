// The values of a column as doubles, which Spark casts the arguments of its statistics to.

import type { Argument } from '../../aggregator.ts'
import { unexpected } from '../../argument.ts'

/** The nearest double, by the text of a decimal. @param value of a numeric type @example toDouble(12n) // 12 */
export const toDouble = (value: unknown): number => Number(typeof value === 'object' ? String(value) : value)

/** Reads the argument as a double; null where there is none. */
export function doubleOf<Row>({ column, read }: Argument<Row>): (row: Row) => number | null {
  if (column.type.exact === undefined) return read as (row: Row) => number | null
  return (row) => {
    const value = read(row)
    return value === null ? null : toDouble(value)
  }
}

/** @throws MicrobatchError QUERY_INVALID in Spark's words for what it does not cast to a double */
export const requireDouble = <Row>(
  kind: string,
  argument: Argument<Row>,
  at?: { readonly call: string; readonly place: number },
): Argument<Row> => (argument.column.type.isNumeric ? argument : unexpected(kind, argument, '"DOUBLE" type', at))
