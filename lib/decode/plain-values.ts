// The values of plain JSON at the cursor: text without escapes, numbers of at most fifteen digits, and what a column's type makes of
// them. A value that is otherwise is unusual, and the whole text is for json.ts.

import type { IntegerRange } from '../types/column-type.ts'
import { backslash, cursor, dot, minus, nine, quote, skip, zero } from './plain-cursor.ts'

/** So many digits are exact in a double, whatever they are. */
const maxDigits = 15
/** Exact in a double too, so that one division rounds as the decimal's own rounding would. */
const powersOfTen = Array.from({ length: maxDigits + 1 }, (_, exponent) => 10 ** exponent)

/** No value of a column, and no reason to look further. */
export const unusual = Symbol('unusual')

export type ReadValue = () => unknown

export const wordNull = Buffer.from('null')
export const wordTrue = Buffer.from('true')
export const wordFalse = Buffer.from('false')

/** A control character, the start of an escape, or a part of a character beyond ASCII. */
export const isUnusualInText = (byte: number): boolean => byte < 0x20 || byte === backslash || byte >= 0x80

/** Short texts come again and again: a symbol, a status. One string of each is kept. */
const texts: string[] = Array.from({ length: 512 }, () => '')
const maxKeptLength = 24

export function readString(): unknown {
  const { bytes, end } = cursor
  let { at } = cursor
  if (bytes[at] !== quote) return unusual
  at += 1
  const from = at
  let hash = 0
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte === quote) break
    if (isUnusualInText(byte)) return unusual
    hash = (hash * 31 + byte) | 0
  }
  if (at >= end) return unusual
  cursor.at = at + 1
  const length = at - from
  if (length > maxKeptLength) return bytes.toString('latin1', from, at)
  const slot = (hash ^ (hash >>> 9) ^ length) & 511
  const kept = texts[slot] ?? ''
  if (kept.length === length && isText(kept, bytes, from)) return kept
  const text = bytes.toString('latin1', from, at)
  texts[slot] = text
  return text
}

function isText(text: string, bytes: Buffer, from: number): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) !== bytes[from + i]) return false
  return true
}

/** Digits of the number just read after its point. */
let decimals = 0

/** A number without exponent, of at most 15 digits, as its digits alone; `decimals` says where the point is. NaN: unusual. */
export function readDigits(): number {
  const { bytes, end } = cursor
  let { at } = cursor
  const isNegative = bytes[at] === minus
  if (isNegative) at += 1
  const from = at
  let digits = 0
  let point = -1
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte >= zero && byte <= nine) digits = digits * 10 + (byte - zero)
    else if (byte === dot && point === -1 && at > from) point = at
    else break
  }
  const count = at - from - (point === -1 ? 0 : 1)
  // JSON has no leading zero but one before the point, and a digit after it.
  const hasLeadingZero = bytes[from] === zero && at > from + 1 && point !== from + 1
  if (count === 0 || count > maxDigits || hasLeadingZero || point === at - 1) return Number.NaN
  cursor.at = at
  decimals = point === -1 ? 0 : at - point - 1
  return isNegative ? -digits : digits
}

export function readDouble(): unknown {
  const digits = readDigits()
  if (Number.isNaN(digits)) return unusual
  return decimals === 0 ? digits : digits / (powersOfTen[decimals] ?? 1)
}

function readInteger(): unknown {
  const digits = readDigits()
  // 1.0 is an integer too; json.ts says which.
  return Number.isNaN(digits) || decimals !== 0 ? unusual : digits
}

export const readBoolean = (): unknown => (skip(wordTrue) ? true : skip(wordFalse) ? false : unusual)

export function readIntegerIn({ min, max }: IntegerRange, except: IntegerRange = { min, max: min - 1 }): ReadValue {
  // Nearly all values lie above what is excepted.
  const [end, next] = [except.min - 1, except.max + 1]
  return () => {
    const value = readInteger()
    if (typeof value !== 'number' || value > max) return unusual
    return value >= next || (value <= end && value >= min) ? value : unusual
  }
}

/** A text or a number that a type makes a value of; undefined is for json.ts to refuse. */
export const taken =
  (read: ReadValue, take: (value: never) => unknown): ReadValue =>
  () => {
    const value = read()
    if (value === unusual) return unusual
    return take(value as never) ?? unusual
  }

/** The digits of a number as they are written: no exponent, no more of them than any type has. */
export function readNumberText(): unknown {
  const { bytes, at, end } = cursor
  let next = at
  while (next < end && next - at < maxNumberLength && isOfNumber(bytes[next] ?? 0)) next += 1
  const text = bytes.toString('latin1', at, next)
  if (!numberText.test(text)) return unusual
  cursor.at = next
  return text
}

const maxNumberLength = 48
const isOfNumber = (byte: number): boolean => (byte >= zero && byte <= nine) || byte === dot || byte === minus
const numberText = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/
