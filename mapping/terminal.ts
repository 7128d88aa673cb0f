// Text on its way to a terminal or a log. Keys, values and error messages come from records and handlers: an escape
// sequence in one of them could rewrite the screen or forge a line, so control characters are shown, not sent.

import { controlCharacters, unicodeEscape } from '../lib/printable.ts'

/**
 * The text on one line, control characters as `\u001b`, cut at `maxLength` UTF-16 units.
 *
 * @example printable('a\u001b[2Jb') // 'a\\u001b[2Jb'
 */
export function printable(text: string, maxLength = 500): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
  return cut.replace(controlCharacters, (character) => unicodeEscape(character).toLowerCase())
}
