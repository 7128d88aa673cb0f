import avsc from 'avsc'
import { expect, test } from 'vitest'
import { avro } from '../../../lib/decode/avro/avro.ts'
import { memoryRegistry } from '../../../lib/registry/schema-registry.ts'
import { decodeOne, framed, rowOf } from '../framed-records.ts'

const record = <const Fields>(fields: Fields) => ({ type: 'record', name: 'Trade', fields }) as const

/** A value written with one schema, and the codec of a reader with another. */
async function read<const Fields>(writer: object, value: object, fields: Fields) {
  const registry = memoryRegistry({ 1: { format: 'AVRO', schema: JSON.stringify(writer) } })
  const codec = avro(record(fields), { registry })
  return rowOf(codec, framed(1, avsc.Type.forSchema(writer as never).toBuffer(value)))
}

test('a field that the writer did not have yet has its default', async () => {
  const row = await read(record([{ name: 'a', type: 'int' }]), { a: 1 }, [
    { name: 'a', type: 'int' },
    { name: 'b', type: 'string', default: 'none' },
    { name: 'c', type: ['null', 'double'], default: null },
    { name: 'd', type: ['double', 'null'], default: 1.5 },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' }, default: 5000 },
    { name: 'raw', type: 'bytes', default: '\u00ff' },
  ])
  expect({ ...row }).toEqual({ a: 1, b: 'none', c: null, d: 1.5, at: 5, raw: Buffer.from([255]) })
})

test('a field that the reader does not have is skipped, whatever it is', async () => {
  const inner = { type: 'record', name: 'Inner', fields: [{ name: 'next', type: ['null', 'Inner'] }] }
  const writer = record([
    { name: 'tree', type: inner },
    { name: 'map', type: { type: 'map', values: { type: 'array', items: 'long' } } },
    { name: 'a', type: 'int' },
    { name: 'either', type: ['int', 'string', 'null'] },
  ])
  const value = { tree: { next: { next: null } }, map: { x: [1, 2] }, a: 7, either: 'y' }
  expect({ ...(await read(writer, value, [{ name: 'a', type: 'int' }])) }).toEqual({ a: 7 })
})

test('a field that was renamed is found by its alias', async () => {
  const row = await read(record([{ name: 'sym', type: 'string' }]), { sym: 'AAPL' }, [
    { name: 'symbol', aliases: ['ticker', 'sym'], type: 'string' },
  ])
  expect({ ...row }).toEqual({ symbol: 'AAPL' })
})

test('a record that was renamed is read, since a topic has one kind of record', async () => {
  const writer = { ...record([{ name: 'a', type: 'int' }]), name: 'Old', namespace: 'elsewhere' }
  expect({ ...(await read(writer, { a: 1 }, [{ name: 'a', type: 'int' }])) }).toEqual({ a: 1 })
})

test.each([
  ['int', 'long', 5, 5],
  ['int', 'double', 5, 5],
  ['float', 'double', 0.5, 0.5],
  ['string', 'bytes', 'ë', Buffer.from('ë')],
  ['bytes', 'string', Buffer.from('ë'), 'ë'],
])('%s is promoted to %s, also where it may be null', async (from, to, value, expected) => {
  const writer = record([
    { name: 'a', type: from },
    { name: 'b', type: ['null', from] },
  ])
  const row = await read(writer, { a: value, b: value }, [
    { name: 'a', type: to },
    { name: 'b', type: [to, 'null'] },
  ])
  expect({ ...row }).toEqual({ a: expected, b: expected })
})

test('a time that came to be written in other units is read in those it was written in', async () => {
  const at = (logicalType: string) => [{ name: 'at', type: { type: 'long', logicalType } }] as const
  const row = await read(record(at('timestamp-micros')), { at: 5_000_000 }, at('timestamp-millis'))
  expect({ ...row }).toEqual({ at: 5000 })
})

test("a symbol that the reader's enum does not know is its default, or bad", async () => {
  const writer = record([{ name: 'side', type: { type: 'enum', name: 'Side', symbols: ['BUY', 'SELL', 'HOLD'] } }])
  const known = { type: 'enum', name: 'Side', symbols: ['BUY', 'SELL'] } as const
  const withDefault = { ...known, default: 'BUY' } as const
  expect({ ...(await read(writer, { side: 'HOLD' }, [{ name: 'side', type: withDefault }])) }).toEqual({ side: 'BUY' })
  await expect(read(writer, { side: 'HOLD' }, [{ name: 'side', type: known }])).rejects.toThrow(
    'WRONG_SHAPE: column side: expected BUY or SELL, got HOLD',
  )
})

test('records of several writers in one batch are each read by their own', async () => {
  const versions = [
    record([{ name: 'a', type: 'int' }]),
    record([
      { name: 'b', type: 'string' },
      { name: 'a', type: 'int' },
    ]),
  ]
  const registry = memoryRegistry({
    1: { format: 'AVRO', schema: JSON.stringify(versions[0]) },
    2: { format: 'AVRO', schema: JSON.stringify(versions[1]) },
  })
  const codec = avro(record([{ name: 'a', type: 'int' }]), { registry })
  const [one, two] = versions.map((schema) => avsc.Type.forSchema(schema as never))
  expect(await rowOf(codec, framed(2, two?.toBuffer({ a: 2, b: 'x' }) ?? Buffer.alloc(0)))).toMatchObject({ a: 2 })
  expect(await rowOf(codec, framed(1, one?.toBuffer({ a: 1 }) ?? Buffer.alloc(0)))).toMatchObject({ a: 1 })
})

test('a writer without the field, where the reader has no default, makes its records bad and no others', async () => {
  const registry = memoryRegistry({
    1: { format: 'AVRO', schema: JSON.stringify(record([{ name: 'b', type: 'int' }])) },
    2: { format: 'AVRO', schema: JSON.stringify(record([{ name: 'a', type: 'int' }])) },
  })
  const codec = avro(record([{ name: 'a', type: 'int' }]), { registry })
  expect(await decodeOne(codec, framed(1, Buffer.from([2])))).toMatchObject({
    reason: 'SCHEMA_UNUSABLE',
    detail: 'schema 1: has no field a',
  })
  expect(await rowOf(codec, framed(2, Buffer.from([2])))).toMatchObject({ a: 1 })
})
