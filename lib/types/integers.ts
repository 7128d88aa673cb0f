// Whole numbers. In rows they are numbers of JavaScript, so a long goes as far as those are exact; one beyond, or with a
// fraction, is none, and nothing is rounded or cut to make it one.

import type { ColumnKind, ColumnType } from './column-type.ts'
import { numbers } from './double.ts'
import { isInteger, numberValue } from './text/lenient-json.ts'

/** Both inclusive. */
export interface IntegerRange {
  readonly min: number
  readonly max: number
}

/** The value of a whole number's text, within the range; undefined for any other text. */
export function integerOf(source: string, { min, max }: IntegerRange): number | undefined {
  const value = isInteger(source) ? numberValue(source) : Number.NaN
  return value >= min && value <= max ? value : undefined
}

/** A whole number within the range, a bigint among them; undefined for any other value. */
export function wholeNumber(value: unknown, { min, max }: IntegerRange): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isInteger(number) || number < min || number > max) return undefined
  // A whole number has no negative zero.
  return number === 0 ? 0 : number
}

function integerType(kind: ColumnKind, sparkName: string, wanted: string, range: IntegerRange): ColumnType<number> {
  const { min, max } = range
  return {
    kind,
    name: kind,
    sparkName,
    isNumeric: true,
    json: {
      wanted,
      isWhole: true,
      read: (value) =>
        typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined,
      readLenient: (source) => integerOf(source, range),
    },
    plain: { kind: 'integer', ...range },
    wanted,
    hold: (value) => wholeNumber(value, range),
    print: String,
    domain: numbers,
  }
}

export const longType = /* @__PURE__ */ integerType('long', 'BIGINT', 'an integer up to 2^53 - 1', {
  min: -Number.MAX_SAFE_INTEGER,
  max: Number.MAX_SAFE_INTEGER,
})

export const intType = /* @__PURE__ */ integerType('int', 'INT', 'a 32-bit integer', {
  min: -(2 ** 31),
  max: 2 ** 31 - 1,
})
