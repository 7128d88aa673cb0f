import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable } from '../../mapping/terminal.ts'

test('escape sequences, line ends and overrides are shown, not sent', () => {
  expect(printable('a\u001b[2Jb\nc\u202e')).toBe('a\\u001b[2Jb\\u000ac\\u202e')
})

test('what hides or reorders text is shown: a soft hyphen, zero-width characters, the byte order mark, tags', () => {
  expect(printable('a\u00ad\u061c\u200b\u2060\ufeff')).toBe('a\\u00ad\\u061c\\u200b\\u2060\\ufeff')
  expect(printable('\u{e0041}')).toBe('\\udb40\\udc41')
})

test('no control character ever passes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/\p{Cc}/u)
    }),
  )
})

test('long text is cut', () => {
  expect(printable('x'.repeat(600))).toBe(`${'x'.repeat(500)}…`)
})
