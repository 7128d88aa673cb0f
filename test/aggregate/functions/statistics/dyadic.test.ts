import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import {
  decodeUnits,
  encodeUnits,
  exponentOf,
  rounded,
  unitsOf,
} from '../../../../lib/aggregate/functions/statistics/dyadic.ts'

const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, 5e-324, -5e-324, 2 ** -1022, Number.MAX_VALUE, -Number.MAX_VALUE, 0.1, 150.31, 2 ** 53, 2 ** 60),
)

describe('a double as a whole number of a power of two', () => {
  property.prop([finite, fc.nat(200)], { numRuns: 2_000 })('comes back, however fine the power is', (value, finer) => {
    const exponent = exponentOf(value) - finer
    expect(exponent).toBeLessThanOrEqual(0)
    expect(rounded(unitsOf(value, exponent), 1n, exponent)).toBe(value === 0 ? 0 : value)
  })

  property.prop([finite])('has no power that is finer than it needs', (value) => {
    const exponent = exponentOf(value)
    if (exponent < 0) expect(unitsOf(value, exponent) & 1n).toBe(1n)
  })
})

describe('a quotient', () => {
  property.prop([fc.maxSafeInteger(), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })], { numRuns: 2_000 })(
    'is rounded as the doubles divide',
    (numerator, denominator) => {
      expect(rounded(BigInt(numerator), BigInt(denominator))).toBe(numerator === 0 ? 0 : numerator / denominator)
    },
  )

  test('is rounded to the nearest, ties to even, by all of its digits', () => {
    const tie = 2n ** 53n + 1n
    expect(rounded(tie, 1n)).toBe(2 ** 53)
    expect(rounded(tie * 10n ** 80n + 1n, 10n ** 80n)).toBe(2 ** 53 + 2)
    expect(rounded(tie * 10n ** 80n - 1n, 10n ** 80n)).toBe(2 ** 53)
    expect(rounded(-(tie + 2n), 1n)).toBe(-(2 ** 53 + 4))
  })

  test('ends where the doubles end', () => {
    expect(rounded(1n, 1n, 1023)).toBe(2 ** 1023)
    expect(rounded(1n, 1n, 1024)).toBe(Number.POSITIVE_INFINITY)
    expect(rounded(1n, 1n, -1074)).toBe(5e-324)
    expect(rounded(1n, 1n, -2_200)).toBe(0)
    expect(rounded(2n ** 2_100n, 1n, -2_100)).toBe(1)
  })
})

property.prop([fc.bigInt()])('units come back from their text', (units) => {
  expect(decodeUnits(encodeUnits(units))).toBe(units)
})

test.each(['', '-', 'g', 7, null, '0x1'])('%j is no text of units', (encoded) => {
  expect(() => decodeUnits(encoded)).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
})
