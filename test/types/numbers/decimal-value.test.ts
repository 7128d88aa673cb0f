import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { Decimal, divideHalfUp, parseDecimal } from '../../../lib/types/numbers/decimal-value.ts'

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 20 }))
  .map(([unscaled, scale]) => new Decimal(unscaled, scale))

describe('a decimal', () => {
  property.prop([decimals])('is read back from its text, with its scale', (value) => {
    expect(parseDecimal(value.toString())).toEqual(value)
    expect(JSON.parse(JSON.stringify({ value }))).toEqual({ value: value.toString() })
  })
  property.prop([decimals, decimals])('is added, subtracted and multiplied without rounding', (left, right) => {
    expect(left.plus(right).minus(right).compare(left)).toBe(0)
    expect(left.times(right).compare(right.times(left))).toBe(0)
    const scaled = ({ unscaled, scale }: Decimal) => unscaled * 10n ** BigInt(20 - scale)
    expect(left.times(right).round(40).unscaled).toBe(scaled(left) * scaled(right))
    const total = scaled(left) + scaled(right)
    expect(left.plus(right).compare(new Decimal(0n, 0))).toBe(total < 0n ? -1 : Number(total > 0n))
  })
  test.each([
    ['1.005', 2, '1.01'],
    ['-1.005', 2, '-1.01'],
    ['1.004999', 2, '1.00'],
    ['0.5', 0, '1'],
    ['2.5', 0, '3'],
    ['-0.5', 0, '-1'],
    ['1.5', 4, '1.5000'],
  ])('%s to %d digits is %s: half away from zero', (text, scale, rounded) => {
    expect(Decimal.of(text).round(scale).toString()).toBe(rounded)
  })
  test.each([
    ['10', '3', 4, '3.3333'],
    ['-2', '0.3', 2, '-6.67'],
    ['1.5', '-0.25', 0, '-6'],
    ['0.00', '7', 3, '0.000'],
  ])('%s divided by %s to %d digits is %s', (dividend, divisor, scale, quotient) => {
    expect(Decimal.of(dividend).dividedBy(Decimal.of(divisor), scale).toString()).toBe(quotient)
    expect(() => Decimal.of(dividend).dividedBy(Decimal.of(0), scale)).toThrow(RangeError)
  })
  test('of a double is its shortest text, and has no negative zero', () => {
    expect([0.1, 19.99, 1e21, 1e-7, -0].map((value) => Decimal.of(value).toString())).toEqual([
      '0.1',
      '19.99',
      '1000000000000000000000',
      '0.0000001',
      '0',
    ])
    expect(Decimal.of('-0.00').toString()).toBe('0.00')
    expect(Decimal.of('12.50').toNumber()).toBe(12.5)
  })
  test('is of no other text, and of none that would cost a billion digits', () => {
    for (const text of ['', '.', 'abc', '1,5', ' 1', '1e', '0x10', 'NaN', '1.5d', '1e1000000000', '1e-1001'])
      expect(parseDecimal(text)).toBeUndefined()
    expect(['.5', '1.', '+1', '1E3', '0e999999999'].map((text) => parseDecimal(text)?.toString())).toEqual([
      '0.5',
      '1',
      '1',
      '1000',
      '0',
    ])
    expect(() => Decimal.of('x')).toThrow(RangeError)
  })
})

test('a quotient is rounded half away from zero', () => {
  expect([7n, -7n, 8n, 0n].map((dividend) => divideHalfUp(dividend, 2n))).toEqual([4n, -4n, 4n, 0n])
  expect(divideHalfUp(10n, 3n)).toBe(3n)
})
