import avsc from 'avsc'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { avro } from '../../../lib/decode/avro/avro.ts'
import { bigint } from '../../../lib/decode/columns.ts'
import { binary, double, int, long, string, struct, timestamp } from '../../../lib/decode/schema.ts'
import { avroTypes } from '../../../lib/registry/avro/avro-type.ts'
import { memoryRegistry } from '../../../lib/registry/schema-registry.ts'
import { decodeOne, framed, framedByGlue, rowOf } from '../framed-records.ts'

const tradeSchema = {
  type: 'record',
  name: 'Trade',
  namespace: 'shop',
  fields: [
    { name: 'symbol', type: 'string' },
    { name: 'tags', type: { type: 'array', items: 'string' } },
    { name: 'price', type: ['null', 'double'] },
    { name: 'volume', type: 'int' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'side', type: { type: 'enum', name: 'Side', symbols: ['BUY', 'SELL'] } },
  ],
} as const
const tradeType = avsc.Type.forSchema(tradeSchema as never)
const trade = { symbol: 'AAPL', tags: ['a', 'bc'], price: 1.5, volume: 7, at: 1_700_000_000_123_456, side: 'SELL' }
const registry = memoryRegistry({ 7: { format: 'AVRO', schema: JSON.stringify(tradeSchema) } })

describe('a schema of columns', () => {
  const Trade = struct({
    at: timestamp(),
    symbol: string(),
    volume: long(),
    price: double().nullable(),
    side: string(),
  })
  const codec = avro(Trade, { registry })

  test('takes the fields of its names, in its own order, and skips the others', async () => {
    const row = await rowOf(codec, framed(7, tradeType.toBuffer(trade)))
    expect(Object.entries(row)).toEqual([
      ['at', 1_700_000_000_123],
      ['symbol', 'AAPL'],
      ['volume', 7],
      ['price', 1.5],
      ['side', 'SELL'],
    ])
  })

  test('has null where the value has it, and where the writer has no such field', async () => {
    const withVenue = avro(struct({ price: double().nullable(), venue: string().nullable() }), { registry })
    const value = framed(7, tradeType.toBuffer({ ...trade, price: null }))
    expect(await rowOf(withVenue, value)).toEqual({ price: null, venue: null })
  })

  test('refuses a null in a column that has none', async () => {
    const value = framed(7, tradeType.toBuffer({ ...trade, price: null }))
    expect(await decodeOne(avro(struct({ price: double() }), { registry }), value)).toEqual({
      kind: 'malformed',
      reason: 'WRONG_SHAPE',
      detail: 'column price: expected a value, got null',
    })
  })

  test.each([
    ['that the writer does not have', struct({ venue: string() }), 'schema 7: has no field venue'],
    ['of another type', struct({ symbol: double() }), 'schema 7: field symbol: it is a string, the column is double()'],
    [
      'that is narrower',
      struct({ at: int() }),
      'it is a timestamp-micros, the column is int(): declare it as timestamp() or long() or bigint().',
    ],
    [
      'that is an array',
      struct({ tags: string() }),
      'field tags: it is an array, the column is string(): declare it as array(…).',
    ],
  ])('makes all records of a schema bad for a field %s, in words', async (_, schema, words) => {
    expect(await decodeOne(avro(schema, { registry }), framed(7, tradeType.toBuffer(trade)))).toEqual({
      kind: 'malformed',
      reason: 'SCHEMA_UNUSABLE',
      detail: expect.stringContaining(words),
    })
  })

  test('takes a value of an event in source format, whose header Lambda took away', async () => {
    const valueSchemaMetadata = { dataFormat: 'AVRO', schemaId: '7' }
    expect(await rowOf(codec, tradeType.toBuffer(trade), { valueSchemaMetadata })).toMatchObject({ symbol: 'AAPL' })
  })

  test("takes Glue's header as well as Confluent's", async () => {
    const uuid = '0f8fad5b-d9cb-469f-a165-70867728950e'
    const glue = memoryRegistry({ [uuid]: { format: 'AVRO', schema: JSON.stringify(tradeSchema) } }, 'glue')
    const value = framedByGlue(uuid, tradeType.toBuffer(trade))
    expect(await rowOf(avro(Trade, { registry: glue }), value)).toMatchObject({ symbol: 'AAPL', volume: 7 })
  })

  test.each([
    ['a tombstone', null, 'TOMBSTONE', 'no value'],
    ['an empty value', Buffer.alloc(0), 'EMPTY', 'empty'],
    ['JSON', Buffer.from('{"symbol":"AAPL"}'), 'NOT_FRAMED', 'begins with 123'],
    [
      'a value that is cut off',
      framed(7, tradeType.toBuffer(trade)).subarray(0, -1),
      'NOT_AVRO',
      'longer than the value',
    ],
    [
      'a value with more behind it',
      framed(7, tradeType.toBuffer(trade), Buffer.from([1])),
      'NOT_AVRO',
      '1 bytes are left',
    ],
  ])('refuses %s', async (_, value, reason, detail) => {
    expect(await decodeOne(codec, value)).toEqual({
      kind: 'malformed',
      reason,
      detail: expect.stringContaining(detail),
    })
  })

  test('waits for a schema that is not there yet, and in the end does without', async () => {
    const value = framed(8, tradeType.toBuffer(trade))
    await expect(decodeOne(codec, value)).rejects.toThrow('has no schema 8')
    expect(await decodeOne(avro(Trade, { registry, unknownForMs: 0 }), value)).toMatchObject({
      reason: 'SCHEMA_UNKNOWN',
    })
  })

  test('does not take a schema of another format', async () => {
    const others = memoryRegistry({ 7: { format: 'JSON', schema: '{}' } })
    expect(await decodeOne(avro(Trade, { registry: others }), framed(7, tradeType.toBuffer(trade)))).toMatchObject({
      reason: 'SCHEMA_UNUSABLE',
      detail: 'schema 7: is a schema of JSON, not of AVRO',
    })
  })

  test('finds types that are defined in another schema', async () => {
    const side = { type: 'enum', name: 'Side', namespace: 'common', symbols: ['BUY', 'SELL'] }
    const order = { type: 'record', name: 'Order', fields: [{ name: 'side', type: 'common.Side' }] }
    const references = [{ name: 'common.Side', schema: JSON.stringify(side) }]
    const shared = memoryRegistry({ 7: { format: 'AVRO', schema: JSON.stringify(order), references } })
    expect(await rowOf(avro(struct({ side: string() }), { registry: shared }), framed(7, Buffer.from([2])))).toEqual({
      side: 'SELL',
    })
  })

  test('without a registry or a schema of the values is refused', () => {
    expect(() => avro(Trade, {} as never)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })
})

describe('values without a header', () => {
  const codec = avro(struct({ symbol: string(), volume: int() }), { schema: tradeSchema })

  test('are read with the schema that is given', async () => {
    expect(await rowOf(codec, tradeType.toBuffer(trade))).toEqual({ symbol: 'AAPL', volume: 7 })
  })

  test('that have one after all are bad, with a word of it', async () => {
    expect(await decodeOne(codec, framed(7, tradeType.toBuffer(trade)))).toMatchObject({
      kind: 'malformed',
      detail: expect.stringContaining('is there a header, for a registry?'),
    })
  })

  test('are refused when the codec is made where the schema cannot give the columns', () => {
    const make = () => avro(struct({ venue: string() }), { schema: tradeSchema })
    expect(make).toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID', message: expect.stringContaining('venue') }))
  })
})

test('every type of the table becomes its column', async () => {
  const schema = {
    type: 'record',
    name: 'All',
    fields: [
      { name: 'flag', type: 'boolean' },
      { name: 'small', type: 'int' },
      { name: 'large', type: 'long' },
      { name: 'half', type: 'float' },
      { name: 'whole', type: 'double' },
      { name: 'text', type: 'string' },
      { name: 'bytes', type: 'bytes' },
      { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 2 } },
      { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['A', 'B'] } },
      { name: 'id', type: { type: 'string', logicalType: 'uuid' } },
      { name: 'id16', type: { type: 'fixed', name: 'Id', size: 16, logicalType: 'uuid' } },
      { name: 'millis', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'micros', type: { type: 'long', logicalType: 'timestamp-micros' } },
      { name: 'clock', type: { type: 'int', logicalType: 'time-millis' } },
      { name: 'maybe', type: ['null', 'long'] },
      { name: 'perhaps', type: ['string', 'null'] },
    ],
  } as const
  const codec = avro(schema)
  const id = '0f8fad5b-d9cb-469f-a165-70867728950e'
  const value = avsc.Type.forSchema(schema as never).toBuffer({
    ...{ flag: true, small: -1, large: 2 ** 40, half: 0.5, whole: 0.1, text: 'ë', bytes: Buffer.from([1, 2]) },
    ...{ hash: Buffer.from([255, 0]), kind: 'B', id, id16: Buffer.from(id.replaceAll('-', ''), 'hex') },
    ...{ millis: 1_700_000_000_123, micros: -1, clock: 5, maybe: null, perhaps: 'x' },
  })
  const row = await rowOf(codec, value)
  expect({ ...row }).toEqual({
    ...{ flag: true, small: -1, large: 2 ** 40, half: 0.5, whole: 0.1, text: 'ë', bytes: Buffer.from([1, 2]) },
    ...{ hash: Buffer.from([255, 0]), kind: 'B', id, id16: id, millis: 1_700_000_000_123, micros: -1, clock: 5 },
    ...{ maybe: null, perhaps: 'x' },
  })
  expect(
    Array.from(codec.schema.columns, ([name, { kind, isNullable }]) => `${name} ${kind}${isNullable ? '?' : ''}`),
  ).toEqual([
    ...['flag boolean', 'small int', 'large long', 'half float', 'whole double', 'text string', 'bytes binary'],
    ...['hash binary', 'kind string', 'id string', 'id16 string', 'millis timestamp', 'micros timestamp', 'clock int'],
    ...['maybe long?', 'perhaps string?'],
  ])
  expectTypeOf(row.kind).toEqualTypeOf<'A' | 'B'>()
  expectTypeOf(row.maybe).toEqualTypeOf<number | null>()
  expectTypeOf(row.hash).toEqualTypeOf<Buffer>()
  expectTypeOf(row.id16).toEqualTypeOf<string>()
})

test('days and decimals are text where they are declared so', async () => {
  const schema = {
    type: 'record',
    name: 'Bill',
    fields: [
      { name: 'day', type: { type: 'int', logicalType: 'date' } },
      { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 } },
      {
        name: 'tax',
        type: ['null', { type: 'fixed', name: 'Tax', size: 4, logicalType: 'decimal', precision: 9, scale: 4 }],
      },
      { name: 'local', type: { type: 'long', logicalType: 'local-timestamp-millis' } },
      { name: 'raw', type: 'bytes' },
    ],
  }
  const Bill = struct({ day: string(), amount: string(), tax: string().nullable(), local: long(), raw: binary() })
  const write = (value: object) => avsc.Type.forSchema(schema as never).toBuffer(value)
  const bill = {
    day: 19_723,
    amount: Buffer.from([0xff, 0x85]),
    tax: Buffer.from([0, 0, 0, 5]),
    local: 1,
    raw: Buffer.of(1),
  }
  const codec = avro(Bill, { schema })
  expect(await rowOf(codec, write(bill))).toEqual({
    ...{ day: '2024-01-01', amount: '-1.23', tax: '0.0005', local: 1, raw: Buffer.of(1) },
  })
  expect(await rowOf(codec, write({ ...bill, amount: Buffer.alloc(0), tax: null }))).toMatchObject({
    amount: '0.00',
    tax: null,
  })
})

test.each([
  ['a record of nothing', { type: 'record', name: 'Inner', fields: [] }, 'it is a record; no type of column'],
  [
    'a recursive record',
    { type: 'record', name: 'Node', fields: [{ name: 'next', type: ['null', 'Node'] }] },
    'it is a recursive record',
  ],
  [
    'a decimal of too fine a scale',
    { type: 'bytes', logicalType: 'decimal', precision: 60, scale: 39 },
    'it is a decimal(60,39), which has no column of its own: declare it with struct({ … }) as decimal() of its precision',
  ],
  ['several types', ['null', 'int', 'string'], 'a union of null, int, string is no column'],
  ['nothing but null', 'null', 'a union of null is no column'],
])('a schema with a field of %s is refused in words', (_, type, words) => {
  const make = () => avro({ type: 'record', name: 'R', fields: [{ name: 'inner', type }] })
  expect(make).toThrow(
    expect.objectContaining({
      code: 'SCHEMA_INVALID',
      message: expect.stringContaining(`avro: field inner: ${words}`),
    }),
  )
})

test.each([
  ['a schema that is no record', '"string"', 'not a record'],
  ['a text that is none', '{', 'cannot be read'],
  ['a type that nobody defined', { type: 'record', name: 'R', fields: [{ name: 'a', type: 'Missing' }] }, 'Missing'],
])('%s is refused', (_, schema, words) => {
  expect(() => avro(schema)).toThrow(
    expect.objectContaining({ code: 'SCHEMA_INVALID', message: expect.stringContaining(words) }),
  )
})

const at = (logicalType: string) => ({
  type: 'record',
  name: 'R',
  fields: [{ name: 'at', type: { type: 'long', logicalType } }],
})

test.each([
  ['after the year 9999', 'timestamp-millis', 253_402_300_800_000],
  ['before the year 1', 'timestamp-millis', -62_135_596_800_001],
])('a time %s is bad', async (_, logicalType, time) => {
  const schema = at(logicalType)
  const value = avsc.Type.forSchema(schema as never).toBuffer({ at: time })
  expect(await decodeOne(avro(struct({ at: timestamp() }), { schema }), value)).toMatchObject({
    reason: 'WRONG_SHAPE',
    detail: `column at: expected a time of the years 1 to 9999, got ${time}`,
  })
})

test.each([
  2n ** 53n - 1n,
  -(2n ** 53n) + 1n,
  -(2n ** 53n) + 2n,
  2n ** 52n + 1n,
  -(2n ** 52n) - 1n,
  -(2n ** 52n),
  2n ** 52n,
])('the long %s is read to its last bit, by itself and for a bigint', async (whole) => {
  const schema = { type: 'record', name: 'R', fields: [{ name: 'at', type: 'long' }] } as const
  const { wide } = avroTypes(schema)
  const value = wide().toBuffer({ at: whole })
  expect(await rowOf(avro(struct({ at: long() }), { schema }), value)).toEqual({ at: Number(whole) })
  expect(await rowOf(avro(struct({ at: double() }), { schema }), value)).toEqual({ at: Number(whole) })
  expect(await rowOf(avro(struct({ at: bigint() }), { schema }), value)).toEqual({ at: whole })
})

test('a number of more than 53 bits is bad, since it would be rounded', async () => {
  const schema = at('timestamp-micros')
  const largest = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1])
  expect(await decodeOne(avro(struct({ at: timestamp() }), { schema }), largest)).toMatchObject({
    reason: 'NOT_AVRO',
    detail: 'expected a long within 2^53 - 1, got 9223372036854775807: bigint() reads any',
  })
})
