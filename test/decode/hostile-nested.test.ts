import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { array, bigint, date, decimal, float, map, oneOf, timestampNtz } from '../../lib/decode/columns.ts'
import { json } from '../../lib/decode/json.ts'
import { boolean, double, int, type Schema, string, struct, timestamp } from '../../lib/decode/schema.ts'
import { Decimal } from '../../lib/types/numbers/decimal-value.ts'
import { aRecord } from '../builders.ts'
import { hostileValues } from './hostile-json.ts'

const columns = {
  id: bigint(),
  price: decimal(20, 4),
  text: decimal(20, 4, { from: 'text' }),
  day: date(),
  at: timestamp({ unit: 'iso' }),
  names: array(string()),
  grid: array(array(double().nullable()).nullable()),
  tags: map(map(bigint())),
  inner: struct({ x: decimal(6, 2).nullable(), list: array(struct({ y: int() })).nullable() }),
}
const strictly = json(struct(columns))
const permissively = json(struct(columns), { malformed: 'null', corruptRecordColumn: 'corrupt' })

describe('a hostile value in a column of a further type', () => {
  test.each([...hostileValues])('%s: every reader has an answer', { timeout: 60_000 }, (_, value) => {
    // One form of a text of megabytes is enough: hostile-json.test.ts has it by itself.
    const forms = [`[${value}]`, value, `{"x":${value},"list":[{"y":${value}}]}`]
    const inside = value.length > 1_000_000 ? forms.slice(0, 1) : forms
    for (const text of Object.keys(columns).flatMap((name) => inside.map((part) => `{"${name}":${part}}`))) {
      const record = aRecord({ value: text })
      const answer = strictly.decode(record)
      if (answer.kind !== 'row') expect(answer.detail.length).toBeLessThan(400)
      expect(permissively.decode(record).kind).toBe('row')
    }
  })
})

const Row = struct({
  ...{ id: bigint(), price: decimal(20, 4), weight: float(), day: date(), side: oneOf('buy', 'sell').nullable() },
  ...{ at: timestamp({ unit: 'iso' }), local: timestampNtz(), list: array(decimal(6, 2).nullable()) },
  ...{
    tags: map(struct({ x: int().nullable(), ok: boolean() })),
    inner: struct({ names: array(string()) }).nullable(),
  },
})

const days = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T00:00:00Z'),
  noInvalidDate: true,
})
const decimals = (precision: number, scale: number) =>
  fc
    .bigInt({ min: 1n - 10n ** BigInt(precision), max: 10n ** BigInt(precision) - 1n })
    .map((unscaled) => new Decimal(unscaled, scale))
const fieldName = fc.string({ unit: 'grapheme', maxLength: 5 })

const rows = fc.record({
  id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  price: decimals(20, 4),
  weight: fc.float({ noNaN: true, noDefaultInfinity: true }),
  day: days.map((day) => day.toISOString().slice(0, 10)),
  side: fc.option(fc.constantFrom('buy', 'sell')),
  at: days.map((day) => day.getTime()),
  local: days.map((day) => day.getTime()),
  list: fc.array(fc.option(decimals(6, 2)), { maxLength: 4 }),
  tags: fc
    .uniqueArray(fc.tuple(fieldName, fc.record({ x: fc.option(fc.integer()), ok: fc.boolean() })), {
      maxLength: 3,
      selector: ([name]) => name,
    })
    .map((entries) => new Map(entries)),
  inner: fc.option(fc.record({ names: fc.array(fieldName, { maxLength: 3 }) })),
})

/** The JSON of a row, every digit of it written. */
function written(value: unknown): string {
  if (value instanceof Decimal || typeof value === 'bigint') return String(value)
  if (value instanceof Map) return written(Object.fromEntries(value))
  if (Array.isArray(value)) return `[${value.map(written).join(' , ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value).map(([name, field]) => `${JSON.stringify(name)} : ${written(field)}`)}}`
}

property.prop([rows])('rows of every type come out of their JSON as they are, under every policy', (row) => {
  const iso = { at: new Date(row.at).toISOString(), local: new Date(row.local).toISOString().slice(0, -1) }
  const record = aRecord({ value: written({ ...row, ...iso }) })
  const answers = [json(Row), json(Row, { malformed: 'null' }), json(Row, { malformed: 'fail' })].map((codec) =>
    codec.decode(record),
  )
  // JSON.stringify writes no sign of a zero.
  for (const answer of answers) expect(answer).toEqual({ kind: 'row', row: { ...row, weight: row.weight || 0 } })
})

test('and no type needs what JSON.parse would round', () => {
  const Exact: Schema<unknown> = struct({ price: decimal(38, 18), ids: array(bigint()) })
  const value = '{"price":12345678901234567890.123456789012345678,"ids":[9007199254740993,-9223372036854775808]}'
  const [strict, lenient] = [json(Exact), json(Exact, { malformed: 'null' })].map((codec) =>
    codec.decode(aRecord({ value })),
  )
  expect(strict).toEqual({
    kind: 'row',
    row: {
      price: Decimal.of('12345678901234567890.123456789012345678'),
      ids: [9007199254740993n, -9223372036854775808n],
    },
  })
  expect(lenient).toEqual(strict)
})
