import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { javaDouble } from '../../../lib/types/text/java-double.ts'

describe('a double prints as in Java', () => {
  test.each([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [100, '100.0'],
    [150.5, '150.5'],
    [-2.25, '-2.25'],
    [0.001, '0.001'],
    [0.0009, '9.0E-4'],
    [9_999_999, '9999999.0'],
    [1e7, '1.0E7'],
    [12_345_678.9, '1.23456789E7'],
    [1e21, '1.0E21'],
    [1e308, '1.0E308'],
    [5e-324, '4.9E-324'],
    [1e-320, '1.0E-320'],
    [2e-323, '2.0E-323'],
    [0.1 + 0.2, '0.30000000000000004'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('%d', (value, text) => {
    expect(javaDouble(value)).toBe(text)
  })

  property.prop([fc.double({ noNaN: true })])('and reads back as itself', (value) => {
    expect(Number(javaDouble(value))).toBe(value)
  })
})
