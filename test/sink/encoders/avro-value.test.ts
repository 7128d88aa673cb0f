import avsc from 'avsc'
import { expect, test } from 'vitest'
import { avro } from '../../../lib/decode/avro/index.ts'
import { array, Decimal, date, decimal, double, long, map, string, struct, timestamp } from '../../../lib/index.ts'
import { memoryRegistry } from '../../../lib/registry/index.ts'
import { avroValue } from '../../../lib/sink/encoders/avro-value.ts'

const Trade = struct({
  symbol: string(),
  price: double().nullable(),
  volume: long(),
  at: timestamp(),
})
const schema = {
  type: 'record',
  name: 'Trade',
  fields: [
    { name: 'symbol', type: 'string' },
    { name: 'price', type: ['null', 'double'], default: null },
    { name: 'volume', type: 'long' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'venue', type: 'string', default: 'XNAS' },
  ],
} as const
const row = { symbol: 'AAPL', price: 150.5, volume: 2 ** 40, at: 1_700_000_000_123 }
const record = { topic: 't', partition: 0, offset: 0, timestamp: 0, timestampType: 0, headers: [], key: null } as const

test('a row is written with the schema of a registry, and read back by the codec that asks it', async () => {
  const registry = memoryRegistry({ 7: { format: 'AVRO', schema: JSON.stringify(schema) } })
  const encode = await avroValue({ registry, schemaId: 7 }).encoder(Trade.columns)
  const codec = avro(Trade, { registry })
  for (const each of [row, { ...row, price: null }]) {
    const value = encode(each)
    expect(value.subarray(0, 5)).toEqual(Buffer.from([0, 0, 0, 0, 7]))
    await codec.prepare?.([{ ...record, value }])
    expect(codec.decode({ ...record, value })).toEqual({ kind: 'row', row: each })
  }
})

test("Glue's header has the UUID of the schema", async () => {
  const id = '4ba0fbf3-5b7e-4b3c-9a0c-0d1a2b3c4d5e'
  const registry = memoryRegistry({ [id]: { format: 'AVRO', schema: JSON.stringify(schema) } }, 'glue')
  const encode = await avroValue({ registry, schemaId: id }).encoder(Trade.columns)
  expect(encode(row).subarray(0, 18).toString('hex')).toBe(`0300${id.replaceAll('-', '')}`)
})

test('decimals, days, lists, maps and records are written in their types', async () => {
  const nested = {
    type: 'record',
    name: 'Fill',
    fields: [
      { name: 'amount', type: { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 2 } },
      { name: 'fixed', type: { type: 'fixed', name: 'F', size: 8, logicalType: 'decimal', precision: 18, scale: 2 } },
      { name: 'day', type: { type: 'int', logicalType: 'date' } },
      { name: 'tags', type: { type: 'array', items: ['null', 'string'] } },
      { name: 'levels', type: { type: 'map', values: 'double' } },
      { name: 'venue', type: { type: 'record', name: 'V', fields: [{ name: 'mic', type: 'string' }] } },
    ],
  } as const
  const Fill = struct({
    amount: decimal(20, 2),
    fixed: decimal(18, 2),
    day: date(),
    tags: array(string().nullable()),
    levels: map(double()),
    venue: struct({ mic: string() }),
  })
  const encode = await avroValue({ schema: nested }).encoder(Fill.columns)
  const value = encode({
    amount: Decimal.of('-1.28'),
    fixed: Decimal.of('-1.28'),
    day: '1969-12-31',
    tags: ['a', null],
    levels: new Map([['bid', 1.5]]),
    venue: { mic: 'X' },
  })
  expect(avsc.Type.forSchema(nested as unknown as avsc.Schema).fromBuffer(value)).toEqual({
    amount: Buffer.from([0x80]),
    fixed: Buffer.from('ffffffffffffff80', 'hex'),
    day: -1,
    tags: ['a', null],
    levels: { bid: 1.5 },
    venue: { mic: 'X' },
  })
})

test('a field without a column, a schema that is not there and a value of another type are said', async () => {
  const registry = memoryRegistry({})
  await expect(avroValue({ registry, schemaId: 8 }).encoder(Trade.columns)).rejects.toThrow(
    'avro: the schema of the values cannot be had: a registry in memory has no schema 8.',
  )
  await expect(avroValue({ schema }).encoder(struct({ symbol: string() }).columns)).rejects.toThrow(
    'the schema has a field volume, and the rows have symbol',
  )
  const encode = await avroValue({ schema }).encoder(Trade.columns)
  expect(() => encode({ ...row, volume: 1.5 })).toThrow('avro: a row is none of the schema')
})
