import { expect, test } from 'vitest'
import { timestampText } from '../../../lib/types/text/timestamp-text.ts'

test('a timestamp prints in UTC, its fraction without trailing zeros', () => {
  expect([0, 10_500, 1_767_623_400_000, 1_767_623_400_012, -1].map(timestampText)).toEqual([
    '1970-01-01 00:00:00',
    '1970-01-01 00:00:10.5',
    '2026-01-05 14:30:00',
    '2026-01-05 14:30:00.012',
    '1969-12-31 23:59:59.999',
  ])
})

test('a year of five digits has its sign, and one before the first, as java.time writes them', () => {
  const texts = [
    253_402_300_799_999, 253_402_300_800_000, 3_000_000_000_000_000, -62_135_596_800_001, -62_167_219_200_001,
  ]
  expect(texts.map(timestampText)).toEqual([
    '9999-12-31 23:59:59.999',
    '+10000-01-01 00:00:00',
    '+97036-03-20 05:20:00',
    '0000-12-31 23:59:59.999',
    '-0001-12-31 23:59:59.999',
  ])
})

test('a time that is none is a null', () => {
  expect([Number.NaN, 8.64e15 + 1, Number.NEGATIVE_INFINITY].map(timestampText)).toEqual(['NULL', 'NULL', 'NULL'])
  expect(timestampText(8.64e15)).toBe('+275760-09-13 00:00:00')
})
