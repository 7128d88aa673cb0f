import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { preview } from '../lib/preview.ts'

property.prop([fc.jsonValue(), fc.integer({ min: 1, max: 100 })])(
  'it is the beginning of what JSON.stringify writes',
  (value, maxLength) => {
    expect(preview(value, maxLength)).toBe(JSON.stringify(value).slice(0, maxLength))
  },
)

test('what is not there is nothing', () => {
  expect(preview(undefined)).toBe('nothing')
})

test('a value of any depth or width is described in 80 characters', () => {
  const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
  expect(preview(deep)).toBe('['.repeat(80))
  const fields: unknown = JSON.parse('{"a":'.repeat(100_000) + 1 + '}'.repeat(100_000))
  expect(preview(fields)).toBe('{"a":'.repeat(16))
  expect(preview(Array(1_000_000).fill(1))).toBe(`[1${',1'.repeat(40)}`.slice(0, 80))
  expect(preview('é'.repeat(1_000_000))).toBe(`"${'é'.repeat(79)}`)
})
