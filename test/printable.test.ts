import { describe, expect, test } from 'vitest'
import { string } from '../lib/decode/schema.ts'
import { controlCharacters, unicodeEscape } from '../lib/printable.ts'
import { showString } from '../lib/sink/show-string.ts'
import { printable } from '../mapping/terminal.ts'

const escaped = (text: string): string => text.replace(controlCharacters, unicodeEscape)

describe('a control character is escaped, and what stands beside it in Unicode is not', () => {
  test.each([
    [0x00, 0x1f],
    [0x7f, 0x9f],
    [0xad, 0xad],
    [0x61c, 0x61c],
    [0x200b, 0x200f],
    [0x2028, 0x202e],
    [0x2060, 0x2069],
    [0xfeff, 0xfeff],
    [0xe0000, 0xe007f],
  ])('from U+%i to U+%i', (first, last) => {
    for (const inside of [first, last]) {
      expect(escaped(String.fromCodePoint(inside))).toMatch(/^(?:\\u[0-9A-F]{4}){1,2}$/)
    }
    for (const outside of [first - 1, last + 1].filter((code) => code >= 0)) {
      expect(escaped(String.fromCodePoint(outside))).toBe(String.fromCodePoint(outside))
    }
  })
})

test('a character beyond the Basic Multilingual Plane is two escapes', () => {
  expect(unicodeEscape('\u{e0041}')).toBe('\\uDB40\\uDC41')
})

describe('what no terminal shows, or shows otherwise than it is, comes out of neither stream of output', () => {
  const hidden = [
    ['the Arabic letter mark', 0x61c],
    ['the byte order mark', 0xfeff],
    ['a zero-width space', 0x200b],
    ['a zero-width joiner', 0x200d],
    ['the right-to-left mark', 0x200f],
    ['a line separator', 0x2028],
    ['an override of the direction', 0x202e],
    ['a word joiner', 0x2060],
    ['an isolate', 0x2066],
    ['a soft hyphen', 0xad],
    ['a tag', 0xe0041],
    ['the end of a tag', 0xe007f],
    ['an escape', 0x1b],
    ['an escape of C1', 0x9b],
  ] as const
  test.each(hidden)('%s', (_, code) => {
    const text = `AA${String.fromCodePoint(code)}PL`
    const table = showString([{ symbol: text }], { columns: new Map([[text, string()]]) })
    for (const shown of [table, printable(text)]) {
      expect(shown).not.toContain(String.fromCodePoint(code))
      expect(shown).toMatch(/AA(?:\\u[0-9A-Fa-f]{4}){1,2}PL/)
    }
  })
})
