// One value -> the text of its cell, as Spark's `show` and console sink print it (catalyst ToPrettyString). Control
// characters never come out: a record must not be able to write to the terminal.

import { controlCharacters, unicodeEscape } from '../printable.ts'
import type { ColumnType } from '../types/column-type.ts'

/**
 * The text of a cell.
 *
 * @param maxLength how many UTF-16 units of the text are wanted: of a longer one at least as many come, and one more, so that
 *   it can be told from one that fits. The rest of the value is not written, nor is what lies deeper in it gone into.
 * @example cellText(1e7, doubleType) // '1.0E7'
 */
export function cellText(value: unknown, type: ColumnType, maxLength = Number.POSITIVE_INFINITY): string {
  if (value === null || value === undefined) return 'NULL'
  // An escape is longer than what it stands for, so what is cut away here is beyond the limit afterwards, too.
  return neutralise(type.print(value, maxLength).slice(0, maxLength + 1))
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
