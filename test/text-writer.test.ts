import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'

import { TextWriter } from '../lib/text-writer.ts'

const piece = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.nat(12),
)

test.prop([fc.array(fc.array(piece))])(
  'pieces come out as they went in, and their length is known on the way',
  (texts) => {
    const out = new TextWriter()
    for (const pieces of texts) {
      let expected = ''
      for (const one of pieces) {
        if (typeof one === 'number') out.number(one)
        else out.text(one)
        expected += typeof one === 'number' ? JSON.stringify(one) : one
        expect(out.length).toBe(expected.length)
      }
      expect(out.finish()).toBe(expected)
    }
  },
)

const decimal = fc
  .record({ digits: fc.integer({ min: -(10 ** 15), max: 10 ** 15 }), places: fc.nat(9) })
  .map(({ digits, places }) => digits / 10 ** places)

test.prop([fc.array(decimal)])('a number of few decimals is written as JSON has it', (numbers) => {
  const out = new TextWriter()
  for (const number of [...numbers, -0, 0.0001, 0.00005, -0.5, 0.1 + 0.2, 2 ** 31, 2 ** 31 - 0.25, 1e21]) {
    out.number(number)
    expect(out.finish()).toBe(JSON.stringify(number))
  }
})

test('a text may be longer than the room that the writer begins with, in one piece or in many', () => {
  const out = new TextWriter()
  out.text('x'.repeat(200_000))
  for (let i = 0; i < 200_000; i += 1) out.number(7)
  out.text('é'.repeat(200_000))
  expect(out.finish()).toBe('x'.repeat(200_000) + '7'.repeat(200_000) + 'é'.repeat(200_000))
})

test('what was begun can be forgotten', () => {
  const out = new TextWriter()
  out.text('left by an encoder that threw')
  out.clear()
  expect([out.length, out.finish()]).toEqual([0, ''])
})
