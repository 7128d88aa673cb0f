// The values of a column as aggregates and group keys see them: their order, which is Spark's, and their form in JSON, from
// which they come back bit by bit. One domain per column kind; null is in no domain: it is the caller's.

import type { ColumnKind } from '../decode/schema.ts'
import { MicrobatchError } from '../error.ts'
import { preview } from '../preview.ts'

/** What an encoded value is made of. A number that JSON cannot write is a string: NaN, Infinity, -Infinity, -0. */
export type Scalar = number | string | boolean

export interface Domain<Value> {
  /** Negative, zero or positive, as Spark orders: NaN above all numbers, -0.0 = 0.0, false < true, text by its UTF-8 bytes. */
  compare(left: Value, right: Value): number
  encode(value: Value): Scalar
  /** @throws MicrobatchError STATE_INCOMPATIBLE for what `encode` never gives */
  decode(encoded: unknown): Value
  /** The one value that represents all that are equal to this one: 0 for -0.0. */
  canonical(value: Value): Value
}

/** The error for kept state that the running query did not write. */
export const incompatible = (encoded: unknown, expected: string): MicrobatchError =>
  new MicrobatchError(
    'STATE_INCOMPATIBLE',
    `Kept state has ${preview(encoded, 200)} where ${expected} belongs: it was written by another query or layout. Start from empty state.`,
  )

const unwritable = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
])

/** A double as JSON can write it. @example encodeNumber(-0) // '-0' */
export function encodeNumber(value: number): Scalar {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : value
  return `${value}`
}

/** The inverse of `encodeNumber`. @throws MicrobatchError STATE_INCOMPATIBLE */
export function decodeNumber(encoded: unknown): number {
  if (typeof encoded === 'number') return encoded
  const value = typeof encoded === 'string' ? unwritable.get(encoded) : undefined
  if (value === undefined) throw incompatible(encoded, 'a number')
  return value
}

/** The parts of a JSON array. @throws MicrobatchError STATE_INCOMPATIBLE */
export function parseList(text: string): readonly unknown[] {
  try {
    return decodeList(JSON.parse(text))
  } catch (cause) {
    if (cause instanceof SyntaxError) throw incompatible(text, 'a JSON array')
    throw cause
  }
}

/** An encoded list. @throws MicrobatchError STATE_INCOMPATIBLE */
export function decodeList(encoded: unknown): readonly unknown[] {
  if (!Array.isArray(encoded)) throw incompatible(encoded, 'a list')
  return encoded
}

const numbers: Domain<number> = {
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

/** UTF-16 puts surrogates (code points from U+10000) below U+E000 to U+FFFF, UTF-8 above: rotate the two ranges. */
const utf8Rank = (unit: number): number => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800)

const strings: Domain<string> = {
  compare(left, right) {
    const length = Math.min(left.length, right.length)
    for (let i = 0; i < length; i++) {
      const difference = left.charCodeAt(i) - right.charCodeAt(i)
      if (difference !== 0) return utf8Rank(left.charCodeAt(i)) - utf8Rank(right.charCodeAt(i))
    }
    return left.length - right.length
  },
  encode: (value) => value,
  decode(encoded) {
    if (typeof encoded !== 'string') throw incompatible(encoded, 'a string')
    return encoded
  },
  canonical: (value) => value,
}

const booleans: Domain<boolean> = {
  compare: (left, right) => Number(left) - Number(right),
  encode: (value) => value,
  decode(encoded) {
    if (typeof encoded !== 'boolean') throw incompatible(encoded, 'a boolean')
    return encoded
  },
  canonical: (value) => value,
}

const binaries: Domain<Buffer> = {
  compare: (left, right) => Buffer.compare(left, right),
  encode: (value) => value.toString('base64'),
  decode(encoded) {
    if (typeof encoded !== 'string') throw incompatible(encoded, 'bytes in base64')
    return Buffer.from(encoded, 'base64')
  },
  canonical: (value) => value,
}

const domains: Readonly<Record<ColumnKind, Domain<unknown>>> = {
  string: strings,
  double: numbers,
  long: numbers,
  int: numbers,
  timestamp: numbers,
  boolean: booleans,
  binary: binaries,
}

/** The domain of a column's values. @example domainOf('string').compare('a', 'b') // -1 */
export const domainOf = (kind: ColumnKind): Domain<unknown> => domains[kind]
