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

/**
 * The text of a cell.
 *
 * @param maxLength how many UTF-16 units of the text are wanted: of a longer one at least as many come, and one more, so that
 *   it can be told from one that fits. The rest of the value is not written, nor is what lies deeper in it gone into.
 * @example cellText(1e7, 'double') // '1.0E7'
 */
export function cellText(value: unknown, kind: CellKind, maxLength = Number.POSITIVE_INFINITY): string {
  // An escape is longer than what it stands for, so what is cut away here is beyond the limit afterwards, too.
  return neutralise(plainText(value, kind, maxLength).slice(0, maxLength + 1))
}

/** An array or a struct of which some items are written. */
interface Open {
  readonly items: Iterator<unknown>
  readonly kind: CellKind
  readonly close: string
  isFirst: boolean
}

/** A list of what is open, in the place of recursion: a function of the query may have parsed a record of any depth. */
function plainText(value: unknown, kind: CellKind, maxLength: number): string {
  const open: Open[] = []
  let text = ''
  const begin = (next: unknown, nextKind: CellKind): void => {
    if (typeof next !== 'object' || next === null || next instanceof Uint8Array) {
      text += scalarText(next, nextKind, maxLength)
    } else if (Array.isArray(next)) {
      text += '['
      open.push({ items: next.values(), kind: 'inferred', close: ']', isFirst: true })
    } else {
      text += '{'
      const inner: CellKind = nextKind === 'window' ? 'timestamp' : 'inferred'
      open.push({ items: Object.values(next).values(), kind: inner, close: '}', isFirst: true })
    }
  }
  begin(value, kind)
  for (let last = open.at(-1); last !== undefined && text.length <= maxLength; last = open.at(-1)) {
    const item = last.items.next()
    if (item.done === true) {
      text += last.close
      open.pop()
      continue
    }
    if (!last.isFirst) text += ', '
    last.isFirst = false
    begin(item.value, last.kind)
  }
  return text
}

function scalarText(value: unknown, kind: CellKind, maxLength: number): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'number') {
    // A function may make a time of text that is none (Date.parse gives NaN): to Spark that is a null.
    if (kind === 'timestamp') return Math.abs(value) <= maxDateMs ? timestampText(value) : 'NULL'
    return kind === 'long' || kind === 'int' ? String(value) : javaDouble(value)
  }
  // Three characters for a byte: more bytes than the limit has characters are never seen.
  if (value instanceof Uint8Array) return `[${Array.from(value.subarray(0, maxLength), hexByte).join(' ')}]`
  return String(value)
}

/** The last time that JavaScript has a date for, and the first one's negative. */
const maxDateMs = 8.64e15

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
