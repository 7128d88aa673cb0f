import { describe, expect, expectTypeOf, test } from 'vitest'
import { array, bigint, byte, date, decimal, float, map, oneOf, short, timestampNtz } from '../../lib/decode/columns.ts'
import { json } from '../../lib/decode/json.ts'
import { type Column, double, type Infer, int, long, string, struct, timestamp } from '../../lib/decode/schema.ts'
import { Decimal } from '../../lib/types/numbers/decimal-value.ts'
import { aRecord } from '../builders.ts'

/** What a strict column reads from the text of its value: the value, or the detail of the dead letter. */
function read(column: Column<unknown>, text: string): unknown {
  const decoded = json(struct({ v: column })).decode(aRecord({ value: `{"v":${text}}` }))
  return decoded.kind === 'row' ? (decoded.row as { readonly v: unknown }).v : decoded.detail
}
/** The same under the policy null. */
function readLeniently(column: Column<unknown>, text: string): unknown {
  const decoded = json(struct({ v: column }), { malformed: 'null' }).decode(aRecord({ value: `{"v":${text}}` }))
  if (decoded.kind !== 'row') throw new Error(decoded.detail)
  return (decoded.row as { readonly v: unknown }).v
}

describe('strict JSON has exactly the values of a column', () => {
  test.each<readonly [string, Column<unknown>, string, unknown]>([
    ['a short', short(), '-32768', -32_768],
    ['a byte', byte(), '127', 127],
    ['a float', float(), '0.1', Math.fround(0.1)],
    ['a bigint', bigint(), '9223372036854775807', 2n ** 63n - 1n],
    ['a small bigint', bigint(), '-7', -7n],
    [
      'a decimal, digit by digit',
      decimal(38, 18),
      '12345678901234567890.000000000000000001',
      '12345678901234567890.000000000000000001',
    ],
    ['a decimal with an exponent', decimal(6, 2), '1.5e3', '1500.00'],
    ['a decimal with zeros beyond its scale', decimal(6, 2), '1.5000', '1.50'],
    ['a decimal of text', decimal(20, 10, { from: 'text' }), '"19.99"', '19.9900000000'],
    ['a double of text', double({ from: 'text' }), '"19.99"', 19.99],
    ['a date', date(), '"2024-02-29"', '2024-02-29'],
    ['a word', oneOf('buy', 'sell'), '"buy"', 'buy'],
    ['a list', array(long()), '[1, 2.0, 3e0]', [1, 2, 3]],
    ['an empty list', array(long()), '[ ]', []],
    ['a list with nulls', array(long().nullable()), '[null]', [null]],
    ['a list of lists', array(array(string())), '[["a,]"],[]]', [['a,]'], []]],
    [
      'a map',
      map(bigint()),
      '{"a":1,"b":9007199254740993,"a":2}',
      new Map([
        ['a', 2n],
        ['b', 9007199254740993n],
      ]),
    ],
    ['an object', struct({ x: int(), y: string().nullable() }), '{"y":null,"z":[{}],"x":1}', { x: 1, y: null }],
    ['an object without a nullable field', struct({ x: int(), y: string().nullable() }), '{"x":1}', { x: 1, y: null }],
    ['an object with a default', struct({ x: int().default(7) }), '{}', { x: 7 }],
    ['seconds', timestamp({ unit: 'seconds' }), '1767623400', 1_767_623_400_000],
    ['seconds with a fraction', timestamp({ unit: 'seconds' }), '1767623400.29', 1_767_623_400_290],
    ['milliseconds of January 1970', timestamp({ unit: 'millis' }), '1767623400', 1_767_623_400],
    ['microseconds', timestamp({ unit: 'micros' }), '1767623400123999', 1_767_623_400_123],
    ['an ISO time', timestamp({ unit: 'iso' }), '"2026-01-05T20:00:00.123456+05:30"', 1_767_623_400_123],
    ['an ISO time without seconds', timestamp({ unit: 'iso' }), '"2026-01-05T14:30Z"', 1_767_623_400_000],
    [
      'an ISO time of a zone',
      timestamp({ unit: 'iso', zone: 'Europe/Paris' }),
      '"2026-07-05 14:30:00"',
      Date.UTC(2026, 6, 5, 12, 30),
    ],
    ['a date for an ISO time', timestamp({ unit: 'iso', zone: '+02:00' }), '"2026-01-05"', Date.UTC(2026, 0, 4, 22)],
    ['a time without a zone', timestampNtz(), '"2026-01-05T14:30:00"', 1_767_623_400_000],
  ])('%s', (_, column, text, value) => {
    const got = read(column, text)
    expect(got instanceof Decimal ? got.toString() : got).toEqual(value)
  })

  test.each<readonly [string, Column<unknown>, string, string]>([
    ['a short beyond 16 bits', short(), '32768', 'column v: expected a 16-bit integer, got 32768'],
    ['a byte beyond 8 bits', byte(), '200', 'column v: expected an 8-bit integer, got 200'],
    [
      'a bigint beyond 64 bits',
      bigint(),
      '9223372036854775808',
      'column v: expected an integer of 64 bits, got 9223372036854775808',
    ],
    ['a bigint as text', bigint(), '"1"', 'column v: expected an integer of 64 bits, got "1"'],
    [
      'a decimal with a digit too many',
      decimal(6, 2),
      '1.005',
      'column v: expected a number with at most 4 digits before the point and 2 after it, got 1.005',
    ],
    [
      'a decimal that is too large',
      decimal(6, 2),
      '12345678901234567890',
      'column v: expected a number with at most 4 digits before the point and 2 after it, got 12345678901234567890',
    ],
    ['a decimal as text', decimal(6, 2), '"1.5"', 'column v: expected a number with'],
    [
      'a number where text of one is declared',
      decimal(6, 2, { from: 'text' }),
      '1.5',
      'column v: expected the text of a number with',
    ],
    [
      'a double as a number where text is declared',
      double({ from: 'text' }),
      '1.5',
      'column v: expected the text of a number, got 1.5',
    ],
    ['a day that there is not', date(), '"2026-02-29"', 'column v: expected a date, yyyy-MM-dd, got "2026-02-29"'],
    ['another word', oneOf('buy', 'sell'), '"Buy"', 'column v: expected one of "buy", "sell", got "Buy"'],
    [
      'a list with a wrong element',
      array(long()),
      '[1,1.5]',
      'column v: expected a list, an integer up to 2^53 - 1 each, got [1,1.5]',
    ],
    [
      'a list with a rounded element',
      array(long()),
      '[9007199254740993]',
      'column v: expected a list, an integer up to 2^53 - 1 each, got [9007199254740993]',
    ],
    [
      'a list with a null',
      array(long()),
      '[null]',
      'column v: expected a list, an integer up to 2^53 - 1 each, got [null]',
    ],
    ['an object for a list', array(long()), '{}', 'column v: expected a list, an integer up to 2^53 - 1 each, got {}'],
    [
      'an object without a field',
      struct({ x: int() }),
      '{}',
      'column v: expected an object with x: a 32-bit integer, got {}',
    ],
    [
      'a list for a map',
      map(long()),
      '[]',
      'column v: expected an object, an integer up to 2^53 - 1 in each field, got []',
    ],
    [
      'seconds where no unit is declared',
      timestamp(),
      '1767623400',
      "got 1767623400 (it looks like epoch seconds: declare timestamp({ unit: 'seconds' })",
    ],
    [
      'text where no unit is declared',
      timestamp(),
      '"2026-01-05T14:30:00Z"',
      "(a text is declared as timestamp({ unit: 'iso' }))",
    ],
    [
      'milliseconds for seconds',
      timestamp({ unit: 'seconds' }),
      '1767623400000',
      'column v: expected epoch seconds of the years 1 to 9999',
    ],
    ['a number for an ISO time', timestamp({ unit: 'iso' }), '1767623400', 'column v: expected an ISO 8601 time'],
    ['a year alone', timestamp({ unit: 'iso' }), '"2026"', 'column v: expected an ISO 8601 time'],
    [
      'a zone where there is none',
      timestampNtz(),
      '"2026-01-05T14:30:00Z"',
      'column v: expected an ISO 8601 time without a zone',
    ],
  ])('not %s', (_, column, text, detail) => {
    expect(read(column, text)).toContain(detail)
  })
})

describe('a default stands for null and for nothing, and for no wrong value', () => {
  const V = struct({ v: string().default('none'), n: int().default(3) })
  test('in strict JSON', () => {
    const { decode } = json(V)
    expect(decode(aRecord({ value: '{"v":null}' }))).toEqual({ kind: 'row', row: { v: 'none', n: 3 } })
    expect(decode(aRecord({ value: '{"n":"3"}' }))).toMatchObject({ kind: 'malformed', reason: 'WRONG_SHAPE' })
  })
  test('under the policy null, where a record that is none has no defaults', () => {
    const { decode } = json(V, { malformed: 'null' })
    expect(decode(aRecord({ value: '{"v":null,"n":"3"}' }))).toEqual({ kind: 'row', row: { v: 'none', n: null } })
    expect(decode(aRecord({ value: 'garbage' }))).toEqual({ kind: 'row', row: { v: null, n: null } })
  })
  test('and is a value of the column', () => {
    expect(() => decimal(4, 2).default(Decimal.of('123.45'))).toThrow(
      expect.objectContaining({ code: 'SCHEMA_INVALID' }),
    )
  })
})

describe('declared columns are read as declared under the policy null, too', () => {
  test.each<readonly [string, Column<unknown>, string, unknown]>([
    ['milliseconds', timestamp({ unit: 'millis' }), '1', 1],
    ['microseconds', timestamp({ unit: 'micros' }), '1767623400123456', 1_767_623_400_123],
    ['seconds', timestamp({ unit: 'seconds' }), '1767623400.25', 1_767_623_400_250],
    ['text in a zone', timestamp({ unit: 'iso', zone: '-05:00' }), '"2026-1-5"', Date.UTC(2026, 0, 5, 5)],
    ['no number for text', timestamp({ unit: 'iso' }), '1767623400', null],
    ['doubles of text', double({ from: 'text' }), '" 1.5 "', 1.5],
    ['no text for a double', double(), '"1.5"', null],
    ['words', oneOf('buy'), '"sell"', null],
  ])('%s', (_, column, text, value) => {
    expect(readLeniently(column, text)).toEqual(value)
  })
})

describe('a timestamp without a unit takes under the policy null what Spark takes', () => {
  test.each<readonly [string, string | null]>([
    ['"2026-01-05T14:30:00Z"', '2026-01-05T14:30:00.000Z'],
    ['"2026-01-05T14:30:00.123456789Z"', '2026-01-05T14:30:00.123Z'],
    ['"2026-01-05T14:30:00+02:00"', '2026-01-05T12:30:00.000Z'],
    ['"2026-01-05T14:30:00+0200"', '2026-01-05T12:30:00.000Z'],
    ['"2026-01-05T14:30:00 Europe/Paris"', '2026-01-05T13:30:00.000Z'],
    ['"2026-03-29T02:30:00 Europe/Paris"', '2026-03-29T01:30:00.000Z'],
    ['"2026-10-25T02:30:00 Europe/Paris"', '2026-10-25T00:30:00.000Z'],
    ['"2026-01-05T14:30:00UTC"', '2026-01-05T14:30:00.000Z'],
    ['"2026-01-05T14:30:00 GMT+1"', '2026-01-05T13:30:00.000Z'],
    ['"2026-01-05T14:30:00 PST"', '2026-01-05T22:30:00.000Z'],
    ['" 2026-01-05T14:30:00Z "', '2026-01-05T14:30:00.000Z'],
    ['"2026-01-05 14:30"', '2026-01-05T14:30:00.000Z'],
    ['"2026-1-5 4:3:2"', '2026-01-05T04:03:02.000Z'],
    ['"2026-01"', '2026-01-01T00:00:00.000Z'],
    ['"2026"', '2026-01-01T00:00:00.000Z'],
    ['1767623400', '2026-01-05T14:30:00.000Z'],
    ['-1', '1969-12-31T23:59:59.000Z'],
    ['1767623400000', '2026-01-05T14:30:00.000Z'],
    ['1767623400.25', null],
    ['1.7676234e9', null],
    ['"1767623400"', null],
    ['"2026-01-05T14:30Z"', null],
    ['"2026-01-05T"', null],
    ['"2026-01-05t14:30:00z"', null],
    ['"2026-01-05T24:00:00Z"', null],
    ['"2026-01-05T14:30:60Z"', null],
    ['"2026-01-05T14:30:00 europe/paris"', null],
    ['"2026-01-05T14:30:00 Mars/Olympus"', null],
    ['"2026-01-05T14:30:00+19:00"', null],
    ['"2026-02-30"', null],
    ['"now"', null],
    ['true', null],
  ])('%s', (text, time) => {
    const value = readLeniently(timestamp(), text)
    expect(typeof value === 'number' ? new Date(value).toISOString() : value).toBe(time)
  })
})

describe('a date takes under the policy null what Spark takes', () => {
  test.each([
    ['"2026-01-05T25:00"', '2026-01-05'],
    ['" 2026-1-5 whatever"', '2026-01-05'],
    ['"2026-01"', '2026-01-01'],
    ['"2026"', '2026-01-01'],
    ['"20458"', '+20458-01-01'],
    ['"0000-01-01"', '0000-01-01'],
    ['"-0044-03-15"', '-0044-03-15'],
    ['"2026-01x"', null],
    ['"2026-02-29"', null],
    ['20458', null],
  ])('%s', (text, day) => {
    expect(readLeniently(date(), text)).toBe(day)
  })
})

test('from_json keeps what is right beside what is wrong: objects have a null, lists and maps are null', () => {
  const inner = struct({ x: int(), y: string() })
  const Row = struct({ o: inner, l: array(inner), m: map(inner), b: byte() })
  const codec = json(Row, { malformed: 'null', corruptRecordColumn: 'bad' })
  const value = '{"o":{"x":"1","y":"q"},"l":[{"x":1.5},{}],"m":{"k":{"x":1,"y":2},"n":3},"b":255}'
  expect(codec.decode(aRecord({ value }))).toEqual({
    kind: 'row',
    row: {
      o: { x: null, y: 'q' },
      l: [
        { x: null, y: null },
        { x: null, y: null },
      ],
      m: null,
      b: -1,
      bad: value,
    },
  })
})

test.each([
  ['decimal(39, 2)', () => decimal(39, 2)],
  ['decimal(2, 3)', () => decimal(2, 3)],
  ['oneOf()', () => oneOf()],
  ["unit: 'hours'", () => timestamp({ unit: 'hours' as 'iso' })],
  ["zone: 'Mars'", () => timestamp({ unit: 'iso', zone: 'Mars' })],
  ['a zone of a number', () => timestamp({ unit: 'seconds', zone: 'Europe/Paris' })],
])('%s is refused when the schema is built', (_, build) => {
  expect(build).toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID' }))
})

test('a schema gives the types of its rows, under every policy', () => {
  const Trade = struct({
    id: bigint(),
    price: decimal(20, 10, { from: 'text' }),
    size: double({ from: 'text' }).nullable(),
    side: oneOf('buy', 'sell'),
    settles: date(),
    at: timestamp({ unit: 'iso' }),
    lots: short(),
    level: byte(),
    weight: float(),
    venue: string().nullable().default('XNAS'),
    tags: map(string()),
    fills: array(struct({ price: decimal(10, 2), ids: array(bigint().nullable()) })),
    buyer: struct({ name: string() }).nullable(),
  })
  expectTypeOf<Infer<typeof Trade>>().toEqualTypeOf<{
    readonly id: bigint
    readonly price: Decimal
    readonly size: number | null
    readonly side: 'buy' | 'sell'
    readonly settles: string
    readonly at: number
    readonly lots: number
    readonly level: number
    readonly weight: number
    readonly venue: string
    readonly tags: ReadonlyMap<string, string>
    readonly fills: readonly { readonly price: Decimal; readonly ids: readonly (bigint | null)[] }[]
    readonly buyer: { readonly name: string } | null
  }>()
  const permissive = json(struct({ fills: array(int()) }), { malformed: 'null' })
  const failing = json(Trade, { malformed: 'fail' })
  type Row = Infer<typeof failing.schema>
  expectTypeOf<Infer<typeof permissive.schema>>().toEqualTypeOf<{ readonly fills: readonly (number | null)[] | null }>()
  expectTypeOf<Row['side']>().toEqualTypeOf<'buy' | 'sell' | null>()
  expectTypeOf<Row['tags']>().toEqualTypeOf<ReadonlyMap<string, string | null> | null>()
  expectTypeOf<Row['buyer']>().toEqualTypeOf<{ readonly name: string | null } | null>()
  expectTypeOf<Row['fills']>().toEqualTypeOf<
    readonly ({ readonly price: Decimal | null; readonly ids: readonly (bigint | null)[] | null } | null)[] | null
  >()
})

test('the short names of zones are those of Java', () => {
  const offsets = ['PST', 'JST', 'IST', 'EST', 'AET', 'ECT'].map((zone) => {
    const time = readLeniently(timestamp(), `"2026-01-05T12:00:00 ${zone}"`)
    return (Date.UTC(2026, 0, 5, 12) - Number(time)) / 3_600_000
  })
  expect(offsets).toEqual([-8, 9, 5.5, -5, 11, 1])
})
