import avsc from 'avsc'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { avro } from '../../../lib/decode/avro/avro.ts'
import { array, bigint, byte, date, decimal, map, oneOf, timestampNtz } from '../../../lib/decode/columns.ts'
import { type Column, double, long, type Schema, string, struct, timestamp } from '../../../lib/decode/schema.ts'
import { memoryRegistry } from '../../../lib/registry/schema-registry.ts'
import { Decimal } from '../../../lib/types/numbers/decimal-value.ts'
import { decodeOne, framed, rowOf } from '../framed-records.ts'

const record = <const Fields>(fields: Fields) => ({ type: 'record', name: 'R', fields }) as const
const write = (schema: object, value: object): Buffer => avsc.Type.forSchema(schema as never).toBuffer(value)
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const logical = (type: string, logicalType: string) => ({ type, logicalType }) as const

const order = record([
  { name: 'id', type: 'long' },
  { name: 'day', type: logical('int', 'date') },
  { name: 'local', type: logical('long', 'local-timestamp-micros') },
  { name: 'nanos', type: logical('long', 'timestamp-nanos') },
  { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 } },
  {
    name: 'tax',
    type: ['null', { type: 'fixed', name: 'Tax', size: 9, logicalType: 'decimal', precision: 20, scale: 4 }],
  },
  {
    name: 'fills',
    type: {
      type: 'array',
      items: {
        type: 'record',
        name: 'Fill',
        fields: [
          { name: 'price', type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 3 }] },
          { name: 'at', type: logical('long', 'timestamp-micros') },
          { name: 'side', type: { type: 'enum', name: 'Side', symbols: ['BUY', 'SELL'] } },
        ],
      },
    },
  },
  { name: 'tags', type: { type: 'map', values: { type: 'array', items: ['null', 'string'] } } },
  { name: 'buyer', type: ['null', { type: 'record', name: 'Buyer', fields: [{ name: 'name', type: 'string' }] }] },
])

/** Two's complement of one or more bytes. */
const unscaled = (value: bigint, size: number): Buffer =>
  Buffer.from(
    BigInt.asUintN(size * 8, value)
      .toString(16)
      .padStart(size * 2, '0'),
    'hex',
  )

const value = write(
  // Longs are written as they are: avsc wants bigints for what a double does not hold.
  order,
  {
    ...{ id: 7, day: 20_458, local: 1_767_623_400_250_999, nanos: 5_000_000, amount: unscaled(-125n, 2) },
    tax: unscaled(-(10n ** 20n - 1n), 9),
    fills: [
      { price: unscaled(19_980n, 3), at: 1_767_623_400_000_000, side: 'BUY' },
      { price: null, at: 0, side: 'SELL' },
    ],
    tags: { desk: ['A', null], empty: [] },
    buyer: { name: 'Ada' },
  },
)
const expected = {
  ...{ id: 7, day: '2026-01-05', local: 1_767_623_400_250, nanos: 5, amount: '-1.25', tax: '-9999999999999999.9999' },
  fills: [
    { price: '19.980', at: 1_767_623_400_000, side: 'BUY' },
    { price: null, at: 0, side: 'SELL' },
  ],
  buyer: { name: 'Ada' },
}
const tags = new Map([
  ['desk', ['A', null]],
  ['empty', []],
])

test("a reader's schema becomes columns of days, decimals, lists, maps and objects", async () => {
  const codec = avro(order)
  expect(
    Array.from(codec.schema.columns, ([name, { type, isNullable }]) => `${name} ${type.name}${isNullable ? '?' : ''}`),
  ).toEqual([
    ...['id long', 'day date', 'local timestamp_ntz', 'nanos timestamp', 'amount decimal(12,2)', 'tax decimal(20,4)?'],
    'fills array(struct(price decimal(9,3), at timestamp, side string))',
    ...['tags map(array(string))', 'buyer struct(name string)?'],
  ])
  const { tags: given, ...row } = await rowOf(codec, value)
  expect(plain(row)).toEqual(expected)
  expect(given).toEqual(tags)
  expect(row.fills[0]?.price).toEqual(new Decimal(19_980n, 3))
  type Row = Awaited<
    ReturnType<typeof rowOf<ReturnType<typeof avro<typeof order>> extends { schema: Schema<infer R> } ? R : never>>
  >
  expectTypeOf<Row['tax']>().toEqualTypeOf<Decimal | null>()
  expectTypeOf<Row['tags']>().toEqualTypeOf<ReadonlyMap<string, readonly (string | null)[]>>()
  expectTypeOf<Row['fills'][number]['side']>().toEqualTypeOf<'BUY' | 'SELL'>()
  expectTypeOf<Row['buyer']>().toEqualTypeOf<{ readonly name: string } | null>()
})

test('declared columns take what they want of it, and leave the rest', async () => {
  const Order = struct({
    fills: array(struct({ side: oneOf('BUY', 'SELL'), price: decimal(12, 4).default(Decimal.of('0.0000')) })),
    ...{ tags: map(array(string().nullable())), day: string(), local: timestampNtz(), tax: string().nullable() },
    ...{ buyer: struct({ name: string(), vip: string().default('no') }).nullable(), id: bigint() },
  })
  const registry = memoryRegistry({ 7: { format: 'AVRO', schema: JSON.stringify(order) } })
  const row = await rowOf(avro(Order, { registry }), framed(7, value))
  expect({ ...row, fills: plain(row.fills) }).toEqual({
    ...{ tags, day: '2026-01-05', local: 1_767_623_400_250, tax: '-9999999999999999.9999', id: 7n },
    fills: [
      { side: 'BUY', price: '19.9800' },
      { side: 'SELL', price: '0.0000' },
    ],
    buyer: { name: 'Ada', vip: 'no' },
  })
})

test('every long of 64 bits is exact in a bigint, also within lists and beside other longs', async () => {
  const schema = record([
    { name: 'id', type: 'long' },
    { name: 'ids', type: { type: 'array', items: ['null', 'long'] } },
    { name: 'volume', type: 'long' },
    { name: 'more', type: ['null', 'long'] },
    { name: 'at', type: logical('long', 'timestamp-micros') },
    { name: 'nanos', type: logical('long', 'timestamp-nanos') },
  ])
  const zigzag = (long: bigint): Buffer => {
    const bytes: number[] = []
    for (let rest = BigInt.asUintN(64, (long << 1n) ^ (long >> 63n)); ; rest >>= 7n) {
      if (rest < 128n) return Buffer.from([...bytes, Number(rest)])
      bytes.push(Number(rest & 127n) | 128)
    }
  }
  const least = -(2n ** 63n)
  const bytes = Buffer.concat([
    ...[zigzag(2n ** 63n - 1n), zigzag(3n), zigzag(1n), zigzag(least), zigzag(0n), zigzag(1n), zigzag(5n), zigzag(0n)],
    ...[zigzag(9n), zigzag(1n), zigzag(-3n), zigzag(1_767_623_400_250_999n), zigzag(1_767_623_400_250_999_999n)],
  ])
  const Row = struct({
    ...{ id: bigint(), ids: array(bigint().nullable()), volume: long(), more: long().nullable() },
    ...{ at: timestamp(), nanos: timestamp() },
  })
  expect(await rowOf(avro(Row, { schema }), bytes)).toEqual({
    ...{ id: 2n ** 63n - 1n, ids: [least, null, 5n], volume: 9, more: -3 },
    ...{ at: 1_767_623_400_250, nanos: 1_767_623_400_250 },
  })
  expect(await decodeOne(avro(struct({ id: long() }), { schema }), bytes)).toMatchObject({ reason: 'NOT_AVRO' })
})

test('texts and numbers without a logical type mean what they mean in JSON', async () => {
  const schema = record([
    { name: 'price', type: 'string' },
    { name: 'day', type: ['null', 'string'] },
    { name: 'at', type: 'string' },
    { name: 'seconds', type: 'long' },
    { name: 'level', type: 'int' },
  ])
  const Row = struct({
    ...{ price: decimal(12, 2, { from: 'text' }), day: date().nullable(), at: timestamp({ unit: 'iso' }) },
    ...{ seconds: timestamp({ unit: 'seconds' }), level: byte() },
  })
  const given = { price: '19.9', day: '2026-01-05', at: '2026-01-05T14:30:00Z', seconds: 1_767_623_400, level: 7 }
  const codec = avro(Row, { schema })
  expect(plain(await rowOf(codec, write(schema, given)))).toEqual({
    ...{ price: '19.90', day: '2026-01-05', at: 1_767_623_400_000, seconds: 1_767_623_400_000, level: 7 },
  })
  for (const [change, detail] of [
    [{ price: '19.999' }, 'column price: expected the text of a number with at most 10 digits before the point and 2'],
    [{ day: '2026-02-29' }, 'column day: expected a date, yyyy-MM-dd, got "2026-02-29"'],
    [{ level: 300 }, 'column level: expected an 8-bit integer, got 300'],
  ] as const) {
    expect(await decodeOne(codec, write(schema, { ...given, ...change }))).toMatchObject({
      reason: 'WRONG_SHAPE',
      detail: expect.stringContaining(detail),
    })
  }
  expect(await decodeOne(avro(struct({ seconds: timestamp() }), { schema }), write(schema, given))).toMatchObject({
    reason: 'WRONG_SHAPE',
    detail: expect.stringContaining("declare timestamp({ unit: 'seconds' })"),
  })
})

describe('what is wrong within a value is named from the outside in', () => {
  const Fill = struct({ side: oneOf('BUY'), price: decimal(9, 3).nullable() })

  test.each<[string, Column<unknown>, string, string]>([
    [
      'a null',
      array(struct({ price: decimal(9, 3) })),
      'fills',
      'column fills: element 1: price: expected a value, got null',
    ],
    ['a word', array(Fill), 'fills', 'column fills: element 1: side: expected one of "BUY", got "SELL"'],
    ['a null in a list of a map', map(array(string())), 'tags', 'column tags: key "desk": element 1: expected a value'],
  ])('%s', async (_, column, name, detail) => {
    expect(await decodeOne(avro(struct({ [name]: column }), { schema: order }), value)).toEqual({
      kind: 'malformed',
      reason: 'WRONG_SHAPE',
      detail: expect.stringContaining(detail),
    })
  })

  test('a decimal of more digits than its own type has', async () => {
    const codec = avro(struct({ amount: decimal(3, 2) }), { schema: order })
    const of = (amount: bigint) =>
      write(order, { ...avsc.Type.forSchema(order as never).fromBuffer(value), amount: unscaled(amount, 4) })
    expect(plain(await rowOf(codec, of(-999n)))).toEqual({ amount: '-9.99' })
    expect(await decodeOne(codec, of(1000n))).toMatchObject({
      reason: 'WRONG_SHAPE',
      detail:
        'column amount: expected a Decimal, or a number or text of one, with at most 1 digits before the point and 2 after it, got a Decimal "10.00"',
    })
  })
})

test.each<[Column<unknown>, string, string]>([
  [
    decimal(12, 1),
    'amount',
    'field amount: it is a decimal(12,2), the column is decimal(12,1): declare it as decimal()',
  ],
  [
    timestamp(),
    'local',
    'it is a local-timestamp-micros, the column is timestamp(): declare it as timestampNtz() or long()',
  ],
  [
    timestampNtz(),
    'nanos',
    'it is a timestamp-nanos, the column is timestampNtz(): declare it as timestamp() or bigint()',
  ],
  [
    date(),
    'id',
    'it is a long, the column is date(): declare it as long() or bigint() or double() or float() or timestamp()',
  ],
  [array(long()), 'tags', 'it is a map, the column is array(long): declare it as map(…)'],
  [map(long()), 'fills', 'it is an array, the column is map(long): declare it as array(…)'],
  [
    array(struct({ side: long() })),
    'fills',
    'field fills: field side: it is an enum, the column is long(): declare it as string()',
  ],
  [array(struct({ venue: string() })), 'fills', 'field fills: has no field venue'],
  [struct({ name: double() }).nullable(), 'buyer', 'field buyer: field name: it is a string, the column is double()'],
  [string(), 'buyer', 'it is a record, the column is string(): declare it as struct({ … })'],
])('%# a column that its field cannot give is refused when the codec is made, naming both', (column, name, words) => {
  expect(() => avro(struct({ [name]: column }), { schema: order })).toThrow(
    expect.objectContaining({ code: 'SCHEMA_INVALID', message: expect.stringContaining(words) }),
  )
})

test("a reader's records within evolve as the row does: aliases, defaults, promotions, symbols", async () => {
  const inner = (fields: unknown) => ({ type: 'record', name: 'Inner', fields })
  const side = (symbols: readonly string[]) => ({ type: 'enum', name: 'Side', symbols, default: 'BUY' })
  const writer = record([
    {
      name: 'in',
      type: inner([
        { name: 'old', type: 'int' },
        { name: 'side', type: side(['BUY', 'HOLD']) },
      ]),
    },
    { name: 'list', type: { type: 'array', items: 'int' } },
  ])
  const reader = record([
    {
      name: 'in',
      type: inner([
        { name: 'count', aliases: ['old'], type: 'double' },
        { name: 'side', type: side(['BUY', 'SELL']) },
        { name: 'note', type: ['null', 'string'], default: null },
        { name: 'when', type: logical('int', 'date'), default: 1 },
      ]),
    },
    { name: 'list', type: { type: 'array', items: ['null', 'long'] } },
    { name: 'more', type: { type: 'map', values: 'string' }, default: { a: 'b' } },
  ])
  const registry = memoryRegistry({ 1: { format: 'AVRO', schema: JSON.stringify(writer) } })
  const row = await rowOf(
    avro(reader, { registry }),
    framed(1, write(writer, { in: { old: 5, side: 'HOLD' }, list: [1] })),
  )
  expect({ ...row }).toEqual({
    ...{ in: { count: 5, side: 'BUY', note: null, when: '1970-01-02' }, list: [1], more: new Map([['a', 'b']]) },
  })
})

test('a record that contains itself, behind a list, is refused in words', () => {
  const node = { type: 'record', name: 'Node', fields: [{ name: 'next', type: { type: 'array', items: 'Node' } }] }
  expect(() => avro(record([{ name: 'tree', type: node }]))).toThrow('field tree: it is a recursive record')
})
