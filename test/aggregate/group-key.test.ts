import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { groupKey } from '../../lib/aggregate/group-key.ts'
import { binary, boolean, double, type Infer, int, string, struct } from '../../lib/decode/schema.ts'

const Row = struct({
  text: string().nullable(),
  number: double().nullable(),
  whole: int(),
  flag: boolean(),
  bytes: binary().nullable(),
})
type Row = Infer<typeof Row>

const aRow = (values: Partial<Row> = {}): Row => ({
  text: 'AAPL',
  number: 1,
  whole: 2,
  flag: true,
  bytes: null,
  ...values,
})
const key = groupKey<Row>(['text', 'number', 'whole', 'flag', 'bytes'], Row.columns)

const units = fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes))
const nullable = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: null, freq: 4 })
const rows: fc.Arbitrary<Row> = fc.record({
  text: nullable(fc.oneof(units, fc.constantFrom('', 'null', ',', '"', '"]', 'NaN', '\ud800'))),
  number: nullable(fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, 1))),
  whole: fc.integer({ min: -1, max: 1 }),
  flag: fc.boolean(),
  bytes: nullable(fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes))),
})

/** Whether Spark puts two values into one group. */
const isSame = (left: unknown, right: unknown): boolean => {
  if (Buffer.isBuffer(left) && Buffer.isBuffer(right)) return left.equals(right)
  return left === right || Object.is(left, right)
}
const valuesOf = ({ text, number, whole, flag, bytes }: Row): unknown[] => [text, number, whole, flag, bytes]

describe('a group key', () => {
  property.prop([rows, rows], { numRuns: 1_000 })('is equal exactly where every value is', (left, right) => {
    const mixed = { ...left, number: right.number }
    for (const other of [right, mixed]) {
      const areSame = valuesOf(left).every((value, i) => isSame(value, valuesOf(other)[i]))
      expect(key.of(left) === key.of(other)).toBe(areSame)
    }
  })

  property.prop([rows])('gives the values back', (row) => {
    const again = key.values(key.of(row))
    expect(again).toHaveLength(5)
    for (const [i, value] of valuesOf(row).entries()) {
      expect(isSame(again[i], value)).toBe(true)
      expect(Object.is(again[i], -0)).toBe(false)
    }
    expect(key.of({ ...row, ...(typeof row.number === 'number' ? { number: -row.number * -1 } : {}) })).toBe(
      key.of(row),
    )
  })

  property.prop([rows])('survives UTF-8, in which stores keep it', (row) => {
    expect(Buffer.from(key.of(row), 'utf8').toString('utf8')).toBe(key.of(row))
  })

  test('tells null from the text null, and from nothing', () => {
    const texts = groupKey<Row>(['text'], Row.columns)
    const keys = [aRow({ text: null }), aRow({ text: 'null' }), aRow({ text: '' })].map(texts.of)
    expect(keys).toEqual(['[null]', '["null"]', '[""]'])
  })

  test('takes the zeros for one group and NaN for one', () => {
    const numbers = groupKey<Row>(['number'], Row.columns)
    expect(numbers.of(aRow({ number: -0 }))).toBe(numbers.of(aRow({ number: 0 })))
    expect(numbers.values(numbers.of(aRow({ number: Number.NaN })))).toEqual([Number.NaN])
  })

  test('of no columns is one for all rows', () => {
    const all = groupKey<Row>([], Row.columns)
    expect(all.of(aRow())).toBe('[]')
    expect(all.values('[]')).toEqual([])
  })

  test('refuses a key of other columns', () => {
    for (const wrong of ['[1]', '[]', 'x', '["a",1,2,"true",null]']) {
      expect(() => key.values(wrong)).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
    }
  })

  test('refuses a column that is not there', () => {
    const without = new Map([...Row.columns].filter(([name]) => name !== 'text'))
    expect(() => groupKey<Row>(['text'], without)).toThrow(
      expect.objectContaining({ code: 'QUERY_INVALID', message: 'groupBy: there is no column `text` to group by.' }),
    )
  })
})
