// One value -> the text of its cell, as Spark's `show` and console sink print it (catalyst ToPrettyString). Control
// characters never come out: a record must not be able to write to the terminal.

import { javaDouble } from '../decode/java-double.ts'
import type { ColumnKind } from '../decode/schema.ts'
import { controlCharacters, unicodeEscape } from '../printable.ts'

/**
 * How a column prints. Beside the kinds of a schema: `window`, a struct of two timestamps; `inferred`, by the value,
 * where a function made the column and gave it no type (a number prints as a double).
 */
export type CellKind = ColumnKind | 'window' | 'inferred'

/** @example cellText(1e7, 'double') // '1.0E7' */
export function cellText(value: unknown, kind: CellKind): string {
  return neutralise(plainText(value, kind))
}

function plainText(value: unknown, kind: CellKind): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'number') {
    if (kind === 'timestamp') return timestampText(value)
    return kind === 'long' || kind === 'int' ? String(value) : javaDouble(value)
  }
  if (value instanceof Uint8Array) return `[${Array.from(value, hexByte).join(' ')}]`
  if (Array.isArray(value)) return `[${value.map((item) => plainText(item, 'inferred')).join(', ')}]`
  if (typeof value === 'object') {
    const inner: CellKind = kind === 'window' ? 'timestamp' : 'inferred'
    return `{${Object.values(value)
      .map((item) => plainText(item, inner))
      .join(', ')}}`
  }
  return String(value)
}

const hexByte = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0')

/** `yyyy-MM-dd HH:mm:ss` in UTC, with the fraction of a second where there is one, without its trailing zeros. */
export function timestampText(epochMs: number): string {
  const [date = '', time = ''] = new Date(epochMs).toISOString().split('T')
  const [seconds = '', fraction = ''] = time.slice(0, -1).split('.')
  const digits = fraction.replace(/0+$/, '')
  return digits === '' ? `${date} ${seconds}` : `${date} ${seconds}.${digits}`
}

/** What Spark shows escaped (SchemaUtils.escapeMetaCharacters). */
const metaCharacters = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\f', '\\f'],
  ['\b', '\\b'],
  ['\v', '\\v'],
  ['\x07', '\\a'],
])

/**
 * Text from outside, made safe to print: every control character becomes visible.
 * @example neutralise('\u001b[2J') // '\\u001B[2J'
 */
export function neutralise(text: string): string {
  return text.replace(controlCharacters, (character) => metaCharacters.get(character) ?? unicodeEscape(character))
}
