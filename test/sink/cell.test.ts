import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { javaDouble } from '../../lib/decode/java-double.ts'
import { cellText, neutralise, timestampText } from '../../lib/sink/cell.ts'

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

test('a timestamp prints in UTC, its fraction without trailing zeros', () => {
  expect([0, 10_500, 1_767_623_400_000, 1_767_623_400_012, -1].map(timestampText)).toEqual([
    '1970-01-01 00:00:00',
    '1970-01-01 00:00:10.5',
    '2026-01-05 14:30:00',
    '2026-01-05 14:30:00.012',
    '1969-12-31 23:59:59.999',
  ])
})

test('every kind of value has its Spark form', () => {
  expect(cellText(null, 'string')).toBe('NULL')
  expect(cellText(42, 'long')).toBe('42')
  expect(cellText(42, 'double')).toBe('42.0')
  expect(cellText(Buffer.from('AB'), 'binary')).toBe('[41 42]')
  expect(cellText({ start: 0, end: 10_000 }, 'window')).toBe('{1970-01-01 00:00:00, 1970-01-01 00:00:10}')
  expect(cellText([{ key: 'h', value: Buffer.from('x') }], 'inferred')).toBe('[{h, [78]}]')
})

test('what Spark escapes is escaped its way, and no other control character comes out either', () => {
  expect(neutralise('a\nb\tc\x07')).toBe('a\\nb\\tc\\a')
  expect(neutralise('\u001b[2J')).toBe('\\u001B[2J')
  expect(neutralise('\u009b31m\u202egpj')).toBe('\\u009B31m\\u202Egpj')
})

property.prop([fc.string({ unit: 'binary' })])(
  'text from a record never carries a control character to the terminal',
  (text) => {
    expect(cellText(text, 'string')).not.toMatch(/\p{Cc}/u)
  },
)

describe('a cell of which only the beginning is wanted', () => {
  property.prop([fc.anything({ maxDepth: 4, withTypedArray: true }), fc.integer({ min: 1, max: 60 })])(
    'is the beginning of the whole cell, and one character longer than wanted where the cell is',
    (value, maxLength) => {
      const whole = cellText(value, 'inferred')
      const begun = cellText(value, 'inferred', maxLength)
      expect(begun.slice(0, maxLength)).toBe(whole.slice(0, maxLength))
      expect(begun.length > maxLength).toBe(whole.length > maxLength)
    },
  )
  test('goes into no value deeper than that, and without a limit needs no stack', () => {
    const deep: unknown = JSON.parse('[{"a":'.repeat(50_000) + 1 + '}]'.repeat(50_000))
    expect(cellText(deep, 'inferred', 6)).toBe('[{[{[{[')
    expect(cellText(deep, 'inferred')).toBe(`${'[{'.repeat(50_000)}1.0${'}]'.repeat(50_000)}`)
    expect(cellText(Buffer.alloc(50_000_000), 'binary', 6)).toBe('[00 00 ')
  })
})

test('a time that is none, as Date.parse gives for other text, is a null', () => {
  expect([Number.NaN, 8.64e15 + 1, Number.NEGATIVE_INFINITY].map((time) => cellText(time, 'timestamp'))).toEqual([
    'NULL',
    'NULL',
    'NULL',
  ])
  expect(cellText(8.64e15, 'timestamp')).toBe('+275760-09-13 00:00:00')
})
