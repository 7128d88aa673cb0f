// The words for the columns of further types: schema.ts has those that nearly every schema uses. A schema that uses none of these
// has none of their code in its bundle.

import { bigintType } from '../types/bigint.ts'
import { type Column, column } from '../types/column.ts'
import { dateType } from '../types/date.ts'
import { decimalType } from '../types/decimal.ts'
import type { Decimal } from '../types/decimal-value.ts'
import { floatType } from '../types/float.ts'
import { byteType, shortType } from '../types/integers.ts'
import { oneOfType } from '../types/one-of.ts'

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

/** A day of the calendar: the text `yyyy-MM-dd`, in rows too. @example struct({ settles: date() }) */
export const date = (): Column<string> => column(dateType)

/**
 * Text that is one of some words, and the union of them in TypeScript.
 * @throws MicrobatchError SCHEMA_INVALID for no word
 * @example struct({ side: oneOf('buy', 'sell') })
 */
export const oneOf = <const Word extends string>(...words: readonly Word[]): Column<Word> => column(oneOfType(words))
