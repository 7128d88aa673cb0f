import { describe, expect, test } from 'vitest'
import { controlCharacters, unicodeEscape } from '../lib/printable.ts'

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
