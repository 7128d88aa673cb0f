import { expect, test } from 'vitest'
import { columnReader } from '../../lib/aggregate/column-reader.ts'

test('a column is read by any name, and is null where the row has none', () => {
  const names = ['price', 'the price', '"', "'] + '", '\\', '\n', '\u2028', '`', 'größe', '7']
  for (const name of names) {
    expect(columnReader(name)({ [name]: 150.5 })).toBe(150.5)
    expect(columnReader(name)({ other: 1 })).toBeNull()
    expect(columnReader(name)({ [name]: undefined })).toBeNull()
  }
})

test('a value that counts as false is a value', () => {
  expect([0, '', false].map((value) => columnReader('value')({ value }))).toEqual([0, '', false])
})
