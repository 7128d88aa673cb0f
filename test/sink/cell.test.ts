import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { cellText, neutralise } from '../../lib/sink/cell.ts'
import { binaryType } from '../../lib/types/binary.ts'
import type { ColumnType } from '../../lib/types/column-type.ts'
import { doubleType } from '../../lib/types/double.ts'
import { inferredType } from '../../lib/types/inferred.ts'
import { longType } from '../../lib/types/integers.ts'
import { stringType } from '../../lib/types/string.ts'
import { windowType } from '../../lib/types/window.ts'

test('every kind of value has its Spark form', () => {
  expect(cellText(null, stringType as ColumnType)).toBe('NULL')
  expect(cellText(42, longType)).toBe('42')
  expect(cellText(42, doubleType)).toBe('42.0')
  expect(cellText(Buffer.from('AB'), binaryType)).toBe('[41 42]')
  expect(cellText({ start: 0, end: 10_000 }, windowType as ColumnType)).toBe(
    '{1970-01-01 00:00:00, 1970-01-01 00:00:10}',
  )
  expect(cellText([{ key: 'h', value: Buffer.from('x') }], inferredType)).toBe('[{h, [78]}]')
})

test('what Spark escapes is escaped its way, and no other control character comes out either', () => {
  expect(neutralise('a\nb\tc\x07')).toBe('a\\nb\\tc\\a')
  expect(neutralise('\u001b[2J')).toBe('\\u001B[2J')
  expect(neutralise('\u009b31m\u202egpj')).toBe('\\u009B31m\\u202Egpj')
})

property.prop([fc.string({ unit: 'binary' })])(
  'text from a record never carries a control character to the terminal',
  (text) => {
    expect(cellText(text, stringType as ColumnType)).not.toMatch(/\p{Cc}/u)
  },
)

describe('a cell of which only the beginning is wanted', () => {
  property.prop([fc.anything({ maxDepth: 4, withTypedArray: true }), fc.integer({ min: 1, max: 60 })])(
    'is the beginning of the whole cell, and one character longer than wanted where the cell is',
    (value, maxLength) => {
      const whole = cellText(value, inferredType)
      const begun = cellText(value, inferredType, maxLength)
      expect(begun.slice(0, maxLength)).toBe(whole.slice(0, maxLength))
      expect(begun.length > maxLength).toBe(whole.length > maxLength)
    },
  )
  test('goes into no value deeper than that, and without a limit needs no stack', () => {
    const deep: unknown = JSON.parse('[{"a":'.repeat(50_000) + 1 + '}]'.repeat(50_000))
    expect(cellText(deep, inferredType, 6)).toBe('[{[{[{[')
    expect(cellText(deep, inferredType)).toBe(`${'[{'.repeat(50_000)}1.0${'}]'.repeat(50_000)}`)
    expect(cellText(Buffer.alloc(50_000_000), binaryType, 6)).toBe('[00 00 ')
  })
})
