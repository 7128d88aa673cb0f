// The words for the columns of further types: schema.ts has those that nearly every schema uses. A schema that uses none of these
// has none of their code in its bundle.

import { MicrobatchError } from '../error.ts'
import { type Column, column } from '../types/column.ts'
import type { ColumnType } from '../types/column-type.ts'
import { byteType, shortType } from '../types/integers.ts'
import { arrayType } from '../types/nested/array.ts'
import { mapType } from '../types/nested/map.ts'
import { bigintType } from '../types/numbers/bigint.ts'
import { decimalType } from '../types/numbers/decimal.ts'
import type { Decimal } from '../types/numbers/decimal-value.ts'
import { floatType } from '../types/numbers/float.ts'
import { oneOfType } from '../types/one-of.ts'
import { dateOfPattern, dateType } from '../types/times/date.ts'
import { timestampNtzType } from '../types/times/timestamp-ntz.ts'

/** An integer of 16 bits. @example struct({ lots: short() }) */
export const short = (): Column<number> => column(shortType())

/** An integer of 8 bits. @example struct({ level: byte() }) */
export const byte = (): Column<number> => column(byteType())

/** A 32-bit float; a number becomes the nearest one. @example struct({ weight: float() }) */
export const float = (): Column<number> => column(floatType)

/** An integer of 64 bits, a bigint in rows: for ids beyond 2^53. @example struct({ tradeId: bigint() }) */
export const bigint = (): Column<bigint> => column(bigintType)

/**
 * A decimal number, exact: a Decimal in rows. `sum` and `avg` have Spark's result types and are null beyond them.
 *
 * @param precision digits in all, 1 to 38
 * @param scale how many of them come after the point
 * @throws MicrobatchError SCHEMA_INVALID for another precision or scale
 * @example struct({ price: decimal(20, 10, { from: 'text' }) })
 */
export const decimal = (precision: number, scale: number, { from = 'number' }: DecimalOptions = {}): Column<Decimal> =>
  column(decimalType(precision, scale, from))

export interface DecimalOptions {
  /** What JSON has: a number, whose digits are read as they are written, or a text of one. @default 'number' */
  readonly from?: 'number' | 'text'
}

/**
 * A day of the calendar: the text `yyyy-MM-dd` in rows, and in JSON unless a pattern of Java's letters says otherwise.
 * @throws MicrobatchError SCHEMA_INVALID for a pattern that is not read here
 * @example struct({ settles: date() })
 * @example struct({ settles: date({ pattern: 'dd.MM.yyyy' }) })
 */
export const date = ({ pattern }: { readonly pattern?: string } = {}): Column<string> =>
  column(pattern === undefined ? dateType : dateOfPattern(pattern))

/**
 * A time of the calendar without a zone, Spark's TIMESTAMP_NTZ: ISO text in JSON, in rows epoch milliseconds as if it were of UTC.
 * @example struct({ openedAt: timestampNtz() })
 */
export const timestampNtz = (): Column<number> => column(timestampNtzType())

/**
 * Text that is one of some words, and the union of them in TypeScript.
 * @throws MicrobatchError SCHEMA_INVALID for no word
 * @example struct({ side: oneOf('buy', 'sell') })
 */
export const oneOf = <const Word extends string>(...words: readonly Word[]): Column<Word> => column(oneOfType(words))

/**
 * A list of values of one column. One that may have nulls in it is `array(long().nullable())`.
 * @example struct({ trades: array(struct({ price: double(), volume: long() })) })
 */
export const array = <Value>(of: Column<Value>): Column<readonly Value[]> =>
  column(arrayType(of) as ColumnType<readonly Value[]>)

/**
 * A map from text to values of one column: a Map in rows, in JSON an object of any fields. Spark's form, with a type for its keys, is
 * taken too; it is text, as from_json takes no other.
 * @throws MicrobatchError SCHEMA_INVALID for keys of another type, in Spark's words
 * @example struct({ tags: map(string()) })
 * @example struct({ tags: map(string(), long()) })
 */
export function map<Value>(to: Column<Value>): Column<ReadonlyMap<string, Value>>
export function map<Value>(key: Column<string>, to: Column<Value>): Column<ReadonlyMap<string, Value>>
export function map(first: Column<unknown>, second?: Column<unknown>): Column<unknown> {
  const to = second ?? first
  if (second === undefined || first.kind === 'string') return column(mapType(to) as ColumnType)
  const type = `MAP<${first.type.sparkName}, ${to.type.sparkName}>`
  throw new MicrobatchError(
    'SCHEMA_INVALID',
    `map: Input schema "${type}" can only contain STRING as a key type for a MAP. Read the keys as text: map(string(), …).`,
  )
}
