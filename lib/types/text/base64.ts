// Base64 text -> bytes, in the two forms that columns of bytes are written in. Buffer.from alone would skip what it does not
// know. Both readers go through the text once: a pattern of repeated groups keeps a place for each, and so a record of some
// megabytes is more than the stack of the pattern's engine holds.

/**
 * Strict base64 (RFC 4648); the padding may be missing.
 * @returns undefined for any other text
 * @example strictBase64('qrs=') // <Buffer aa bb>
 */
export function strictBase64(text: string): Buffer | undefined {
  const end = lettersEnd(text, 0)
  const padding = text.length - end
  const rest = end % 4
  if (rest === 1 || padding > 2 || !text.endsWith('='.repeat(padding))) return undefined
  if (padding > 0 && rest + padding !== 4) return undefined
  return Buffer.from(text, 'base64')
}

/**
 * Base64 as MIME has it (RFC 2045): padded, blanks between its groups of four.
 * @returns undefined for any other text
 * @example mimeBase64('qrvM\r\nqrs=') // <Buffer aa bb cc aa bb>
 */
export function mimeBase64(text: string): Buffer | undefined {
  let at = blanksEnd(text, 0)
  while (at < text.length) {
    const end = lettersEnd(text, at)
    const rest = (end - at) % 4
    if (rest === 1) return undefined
    if (rest > 0) {
      const padded = rest === 2 ? text.startsWith('==', end) : text.startsWith('=', end)
      if (!padded || blanksEnd(text, end + 4 - rest) < text.length) return undefined
      break
    }
    // Neither a letter nor a blank.
    if (end === at) return undefined
    at = blanksEnd(text, end)
  }
  return Buffer.from(text, 'base64')
}

/** The end of the run of letters that begins here. */
function lettersEnd(text: string, start: number): number {
  let at = start
  for (; at < text.length; at += 1) if (!isLetter(text.charCodeAt(at))) return at
  return at
}

/** Java's MIME decoder skips what trims: every character up to the space. */
function blanksEnd(text: string, start: number): number {
  let at = start
  for (; at < text.length; at += 1) if (text.charCodeAt(at) > 0x20) return at
  return at
}

const isLetter = (code: number): boolean =>
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  (code >= 0x30 && code <= 0x39) ||
  code === 0x2b ||
  code === 0x2f
