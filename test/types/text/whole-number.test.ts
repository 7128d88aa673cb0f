import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { isWhole } from '../../../lib/types/text/whole-number.ts'

test.each([
  ['0', true],
  ['-0', true],
  ['0.000', true],
  ['0e-999', true],
  ['100', true],
  ['100.0', true],
  ['100.000000000000000', true],
  ['1.50e1', true],
  ['15e-1', false],
  ['150e-1', true],
  ['1e400', true],
  ['1e-400', false],
  ['1E+2', true],
  ['12.345E2', false],
  ['12.345E+3', true],
  ['100.000000000000001', false],
  ['450359962737049.75e1', false],
  [`1${'0'.repeat(1_000_000)}.${'0'.repeat(1_000_000)}`, true],
  [`1${'0'.repeat(1_000_000)}.${'0'.repeat(1_000_000)}1`, false],
  [`1e-${'9'.repeat(400)}`, false],
])('%.40s is whole: %s', (source, whole) => {
  expect(isWhole(source)).toBe(whole)
})

property.prop([fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: -40, max: 40 })])(
  'as exact arithmetic has it',
  (digits, exponent) => {
    const whole = exponent >= 0 || digits % 10n ** BigInt(-exponent) === 0n
    expect(isWhole(`${digits}e${exponent}`)).toBe(whole)
    expect(isWhole(`${digits}.0E${exponent}`)).toBe(whole)
  },
)
