// A 64-bit float: every number of JavaScript, NaN and the infinities among them.

import type { ColumnType, Domain } from './column-type.ts'
import { decodeNumber, encodeNumber } from './kept-value.ts'
import { javaDouble } from './text/java-double.ts'
import { isNumber, isQuoted, numberValue, unquote } from './text/lenient-json.ts'

/** Numbers in Spark's order; whole ones and times are kept in the same form. */
export const numbers: Domain<number> = {
  isPrimitive: true,
  compare(left, right) {
    if (left < right) return -1
    if (left > right) return 1
    if (left === right) return 0
    return Number(Number.isNaN(left)) - Number(Number.isNaN(right))
  },
  encode: encodeNumber,
  decode: decodeNumber,
  canonical: (value) => (value === 0 ? 0 : value),
}

/** In quotes a double takes these words only, and no digits (JacksonParser, DoubleType). */
const quotedNumbers = new Set(['NaN', 'Infinity', '+Infinity', '-Infinity', '+INF', '-INF'])

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)

/** A number as text: every form that Java's parser of doubles has but its hexadecimals and suffixes; blanks around it are cut. */
function numberOfText(text: string): number | undefined {
  const trimmed = text.trim()
  if (quotedNumbers.has(trimmed)) return numberValue(trimmed)
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(trimmed) ? Number(trimmed) : undefined
}

/** Doubles that JSON has as text, as many exchanges write a price. */
export const doubleFromText = (): ColumnType<number> => ({
  ...doubleType,
  json: {
    wanted: 'the text of a number',
    isWhole: false,
    isText: true,
    read: (value) => (typeof value === 'string' ? numberOfText(value) : undefined),
    readLenient: (source) => (isQuoted(source) ? numberOfText(unquote(source)) : undefined),
  },
  plain: { kind: 'text', take: numberOfText },
})

export const doubleType: ColumnType<number> = {
  kind: 'double',
  name: 'double',
  sparkName: 'DOUBLE',
  isNumeric: true,
  json: {
    wanted: 'a number',
    isWhole: false,
    read: numberOf,
    readLenient(source) {
      if (isNumber(source)) return numberValue(source)
      return isQuoted(source) && quotedNumbers.has(unquote(source)) ? numberValue(unquote(source)) : undefined
    },
  },
  plain: { kind: 'double' },
  wanted: 'a number',
  hold(value) {
    if (typeof value === 'number') return value
    // A bigint that a double has exactly is that number; another one would be rounded.
    return typeof value === 'bigint' && BigInt(Number(value)) === value ? Number(value) : undefined
  },
  print: javaDouble,
  domain: numbers,
}
