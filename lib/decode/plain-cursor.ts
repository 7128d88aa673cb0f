// Where the reader of plain JSON stands in the bytes of a value, and the bytes that mean something to it.

export const blank = 0x20
export const quote = 0x22
export const comma = 0x2c
export const minus = 0x2d
export const dot = 0x2e
export const zero = 0x30
export const nine = 0x39
export const colon = 0x3a
export const backslash = 0x5c
export const openBracket = 0x5b
export const closeBracket = 0x5d
export const openBrace = 0x7b
export const closeBrace = 0x7d

/** Where reading stands: one for all, since it is never left while a row is read. */
export const cursor: { bytes: Buffer; at: number; end: number } = { bytes: Buffer.alloc(0), at: 0, end: 0 }

/** Goes past these bytes, if they come next. */
export function skip(expected: Uint8Array): boolean {
  const { bytes, at, end } = cursor
  if (at + expected.length > end) return false
  for (let i = 0; i < expected.length; i += 1) if (bytes[at + i] !== expected[i]) return false
  cursor.at = at + expected.length
  return true
}

export function skipByte(expected: number): boolean {
  if (cursor.bytes[cursor.at] !== expected) return false
  cursor.at += 1
  return true
}
