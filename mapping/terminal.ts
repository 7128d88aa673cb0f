// Text on its way to a terminal or a log. Keys, values and error messages come from records and handlers: an escape
// sequence in one of them could rewrite the screen or forge a line, so control characters are shown, not sent.

/**
 * Everything that moves, hides or reorders text: C0, C1 and DEL, the soft hyphen, the Arabic letter mark, zero-width characters and
 * directional marks, line and paragraph separators, bidirectional overrides and isolates, the byte order mark, and tags.
 */
const controlCharacters =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu

/**
 * The text on one line, control characters as `\u001b`, cut at `maxLength` UTF-16 units.
 *
 * @example printable('a\u001b[2Jb') // 'a\\u001b[2Jb'
 */
export function printable(text: string, maxLength = 500): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text
  return cut.replace(controlCharacters, escaped)
}

/** The escapes of JSON, two for a character above U+FFFF. */
const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
