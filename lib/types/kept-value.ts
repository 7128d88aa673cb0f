// The form of values in kept state: JSON, with words for the numbers that it cannot write. What is kept and does not have the
// form was written by another query, and is refused, never guessed at.

import { MicrobatchError } from '../error.ts'
import { preview } from '../preview.ts'

/** What an encoded value is made of. A number that JSON cannot write is a string: NaN, Infinity, -Infinity, -0. */
export type Scalar = number | string | boolean

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
