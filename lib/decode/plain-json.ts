// The fast way from bytes to a row: JSON as serialisers write it, the fields of the schema in its order and plain ones of no
// column between them, no white space but Python's blank after a colon or comma, no escapes, plain numbers. Whatever is
// otherwise is not read here but by json.ts, which stays the definition: this reader gives a row only where json.ts gives the
// same one (a differential fuzz holds the two together), and undefined for everything else.

import type { IntegerRange, PlainForm } from '../types/column-type.ts'
import {
  backslash,
  blank,
  closeBrace,
  colon,
  comma,
  cursor,
  dot,
  minus,
  nine,
  openBrace,
  quote,
  skip,
  skipByte,
  zero,
} from './plain-cursor.ts'
import type { Column } from './schema.ts'

/** @returns the row, or undefined where it must be read the slow way */
export type PlainReader = (value: Buffer) => Record<string, unknown> | undefined

/** So many digits are exact in a double, whatever they are. */
const maxDigits = 15
/** Exact in a double too, so that one division rounds as the decimal's own rounding would. */
const powersOfTen = Array.from({ length: maxDigits + 1 }, (_, exponent) => 10 ** exponent)

/** No value of a column, and no reason to look further. */
const unusual = Symbol('unusual')

type ReadValue = () => unknown

/**
 * Makes the reader of a schema.
 * @returns undefined where no such reader can be made: a column's name needs escapes, or its type has no plain form
 */
export function compilePlainJson(columns: ReadonlyMap<string, Column<unknown>>): PlainReader | undefined {
  const fields = Array.from(columns, ([name, { type, isNullable }]) => fieldOf(name, type.plain, isNullable))
  const known = fields.filter((field) => field !== undefined)
  if (known.length !== fields.length) return undefined
  return (bytes) => {
    cursor.bytes = bytes
    cursor.at = 1
    cursor.end = bytes.length
    if (bytes[0] !== openBrace) return undefined
    const row: Record<string, unknown> = {}
    // In the order of the schema, as a serialiser that knows it writes them: rows get one shape, and columns their order.
    let next = 0
    for (;;) {
      const field = known[next]
      if (field !== undefined && skip(field.key)) {
        skipByte(blank)
        const value = field.read()
        if (value === unusual) return undefined
        row[field.name] = value
        next += 1
      } else if (!skipOther(columns)) return undefined
      if (!skipByte(comma)) break
      skipByte(blank)
    }
    return skipByte(closeBrace) && cursor.at === cursor.end && next === known.length ? row : undefined
  }
}

interface Field {
  readonly name: string
  /** `"name":` */
  readonly key: Uint8Array
  readonly read: ReadValue
}

function fieldOf(name: string, form: PlainForm | null, isNullable: boolean): Field | undefined {
  const read = form === null ? null : readerOf(form)
  if (read === null || !/^[ !#-[\]-~]+$/.test(name)) return undefined
  return { name, key: Buffer.from(`"${name}":`), read: isNullable ? orNull(read) : read }
}

/** Goes past a field that no column names, with a plain value: json.ts, too, reads it and leaves it out. */
function skipOther(columns: ReadonlyMap<string, unknown>): boolean {
  const name = readString()
  // A column's name out of order, or for the second time, is for json.ts.
  if (typeof name !== 'string' || columns.has(name) || !skipByte(colon)) return false
  skipByte(blank)
  if (cursor.bytes[cursor.at] === quote) return skipText()
  return skip(wordNull) || skip(wordTrue) || skip(wordFalse) || !Number.isNaN(readDigits())
}

function skipText(): boolean {
  const { bytes, end } = cursor
  for (let at = cursor.at + 1; at < end; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte === quote) {
      cursor.at = at + 1
      return true
    }
    if (isUnusualInText(byte)) return false
  }
  return false
}

/** A control character, the start of an escape, or a part of a character beyond ASCII. */
const isUnusualInText = (byte: number): boolean => byte < 0x20 || byte === backslash || byte >= 0x80

const wordNull = Buffer.from('null')
const wordTrue = Buffer.from('true')
const wordFalse = Buffer.from('false')

const orNull =
  (read: ReadValue): ReadValue =>
  () =>
    skip(wordNull) ? null : read()

/** Short texts come again and again: a symbol, a status. One string of each is kept. */
const texts: string[] = Array.from({ length: 512 }, () => '')
const maxKeptLength = 24

function readString(): unknown {
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
function readDigits(): number {
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

function readDouble(): unknown {
  const digits = readDigits()
  if (Number.isNaN(digits)) return unusual
  return decimals === 0 ? digits : digits / (powersOfTen[decimals] ?? 1)
}

function readInteger(): unknown {
  const digits = readDigits()
  // 1.0 is an integer too; json.ts says which.
  return Number.isNaN(digits) || decimals !== 0 ? unusual : digits
}

const readBoolean = (): unknown => (skip(wordTrue) ? true : skip(wordFalse) ? false : unusual)

function readIntegerIn({ min, max }: IntegerRange, except: IntegerRange = { min, max: min - 1 }): ReadValue {
  // Nearly all values lie above what is excepted.
  const [end, next] = [except.min - 1, except.max + 1]
  return () => {
    const value = readInteger()
    if (typeof value !== 'number' || value > max) return unusual
    return value >= next || (value <= end && value >= min) ? value : unusual
  }
}

function readerOf(form: PlainForm): ReadValue {
  switch (form.kind) {
    case 'text':
      return readString
    case 'double':
      return readDouble
    case 'boolean':
      return readBoolean
    case 'integer':
      return readIntegerIn(form, form.except)
  }
}
