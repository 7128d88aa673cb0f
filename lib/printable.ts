// The characters that no text from a record may bring to a terminal, a table or a log: one table for all that prints. It
// names them and writes one as an escape; what a place shows in their stead is that place's own.

/**
 * C0 and C1 controls; the soft hyphen, zero-width marks and joiners, and what reorders or breaks the text around it (Unicode
 * TR9 and its line separators); the byte order mark; tags, which no terminal shows. It is global: for `replace`, not `test`.
 *
 * @example text.replace(controlCharacters, unicodeEscape)
 */
export const controlCharacters =
  /[\u{0}-\u{1f}\u{7f}-\u{9f}\u{ad}\u{61c}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{2069}\u{feff}\u{e0000}-\u{e007f}]/gu

/** A character as Java and JSON escape it, one escape for each UTF-16 unit. @example unicodeEscape('\u001b') // '\\u001B' */
export const unicodeEscape = (character: string): string =>
  Array.from({ length: character.length }, (_, i) => {
    const unit = character.charCodeAt(i).toString(16).toUpperCase()
    return `\\u${unit.padStart(4, '0')}`
  }).join('')
