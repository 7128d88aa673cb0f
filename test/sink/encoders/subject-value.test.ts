// Values and keys whose schema is found, or registered, under a subject of a registry.
import { describe, expect, test, vi } from 'vitest'
import { avro } from '../../../lib/decode/avro/index.ts'
import { inferredColumn, windowColumn } from '../../../lib/decode/schema.ts'
import { bigint, double, long, string, struct, timestamp } from '../../../lib/index.ts'
import { avroTypes } from '../../../lib/registry/avro/avro-type.ts'
import { memoryRegistry } from '../../../lib/registry/index.ts'
import { protoFile, protoParser } from '../../../lib/registry/proto-text.ts'
import { avroValue, toAvroSchema } from '../../../lib/sink/encoders/avro-value.ts'
import { protobufValue } from '../../../lib/sink/encoders/protobuf-value.ts'
import { Every, emptyRow, fullRow } from '../every-column.ts'

const of = { topic: 'bars', part: 'value' } as const
const Bar = struct({ symbol: string(), high: double().nullable() })
const schemaOf = (...fields: object[]) => ({ type: 'record', name: 'Bar', fields })
const symbol = { name: 'symbol', type: 'string' }
const record = { topic: 't', partition: 0, offset: 0, timestamp: 0, timestampType: 0, headers: [], key: null } as const
const idIn = (value: Buffer): number => value.readInt32BE(1)

describe('avroValue with a subject', () => {
  test('registers a schema of the columns, in which every type is read back exactly', async () => {
    const registry = memoryRegistry({})
    const encode = await avroValue({ registry, register: true }).encoder(Every.columns, of)
    const codec = avro(Every, { registry })
    for (const every of [fullRow, emptyRow]) {
      // avsc, which reads it, has longs up to 2^52 of its own.
      const row = { ...every, volume: Math.sign(every.volume) * 2 ** 51 }
      const value = encode(row)
      await codec.prepare?.([{ ...record, value }])
      expect(codec.decode({ ...record, value })).toEqual({ kind: 'row', row })
    }
    const schema = await registry.latest('bars-value')
    expect(JSON.parse(schema?.schema.schema ?? '')).toMatchObject({ type: 'record', name: 'Row' })
  })

  test('writes longs of 64 bits with all their bits, in numbers and in bigints', async () => {
    const registry = memoryRegistry({})
    const Wide = struct({ number: long(), big: bigint().nullable(), at: timestamp() })
    const encode = await avroValue({ registry, register: true }).encoder(Wide.columns, of)
    const edges = [2 ** 53 - 1, -(2 ** 53) + 1, -(2 ** 52) - 1, 2 ** 52, -1, 0]
    const { wide } = avroTypes(toAvroSchema(Wide.columns, { name: 'Row' }))
    for (const number of edges) {
      const big = number === 0 ? null : BigInt(number) * 1024n
      const value = encode({ number, big, at: -1 })
      expect({ ...wide().fromBuffer(value.subarray(5)) }).toEqual({ number: BigInt(number), big, at: -1n })
    }
  })

  test('registers once, and again where the columns are others', async () => {
    const registry = memoryRegistry({})
    const register = vi.spyOn(registry, 'register')
    const value = avroValue({
      registry,
      register: true,
      subject: 'shop.Bar',
      record: { name: 'Bar', namespace: 'shop' },
    })
    for (const { columns } of [Bar, Bar, Every]) await value.encoder(columns, of)
    expect(register.mock.calls.map(([subject]) => subject)).toEqual(['shop.Bar', 'shop.Bar'])
    expect(JSON.parse(register.mock.calls[0]?.[1].schema ?? '')).toEqual({
      type: 'record',
      name: 'Bar',
      namespace: 'shop',
      fields: [symbol, { name: 'high', type: ['null', 'double'], default: null }],
    })
  })

  test('writes with the latest schema of the subject, where none is given', async () => {
    const registry = memoryRegistry({})
    for (const fields of [[symbol], [symbol, { name: 'venue', type: 'string', default: 'XNAS' }]]) {
      await registry.register('bars-value', { format: 'AVRO', schema: JSON.stringify(schemaOf(...fields)) })
    }
    const encode = await avroValue({ registry }).encoder(Bar.columns, of)
    const value = encode({ symbol: 'A', high: 1 })
    expect([idIn(value), value.subarray(5).toString('latin1')]).toEqual([2, '\u0002A\bXNAS'])
  })

  test('writes with the given schema, which must be there, or is registered', async () => {
    const registry = memoryRegistry({})
    const schema = schemaOf(symbol)
    const absent = 'a registry in memory has no version of bars-value with this schema. Register it before'
    const value = avroValue({ registry, schema })
    await expect(value.encoder(Bar.columns, of)).rejects.toThrow(absent)
    await avroValue({ registry, schema, register: true }).encoder(Bar.columns, of)
    // What failed is asked again.
    expect(idIn((await value.encoder(Bar.columns, of))({ symbol: 'A', high: 1 }))).toBe(1)
  })

  test('has a subject for keys, and one of its own for Glue', async () => {
    const registry = memoryRegistry({})
    await avroValue({ registry, register: true }).encoder(Bar.columns, { topic: 'bars', part: 'key' })
    expect(JSON.parse((await registry.latest('bars-key'))?.schema.schema ?? '').name).toBe('Key')
    const glue = memoryRegistry({}, 'glue')
    const encode = await avroValue({ registry: glue, register: true }).encoder(Bar.columns, of)
    const id = (await glue.latest('bars'))?.id ?? ''
    expect(encode({ symbol: 'A', high: 1 }).subarray(2, 18).toString('hex')).toBe(id.replaceAll('-', ''))
  })

  test('says what is not there: a subject, a topic to name it by', async () => {
    const value = avroValue({ registry: memoryRegistry({}) })
    await expect(value.encoder(Bar.columns, of)).rejects.toMatchObject({
      code: 'SINK_FAILED',
      message: expect.stringMatching(
        /^avro: the schema of the values cannot be had: a registry in memory has no schema under bars-value\. Register it/,
      ),
    })
    await expect(value.encoder(Bar.columns)).rejects.toThrow('no subject was given')
  })

  test('says in words that the registry refuses a schema', async () => {
    const registry = {
      ...memoryRegistry({}),
      register: () => Promise.reject(new Error('the registry refuses the schema: it is not compatible')),
    }
    await expect(avroValue({ registry, register: true }).encoder(Bar.columns, of)).rejects.toThrow(
      'the schema of the values cannot be had: a registry in memory, bars-value: the registry refuses the schema: it is not compatible',
    )
  })
})

describe('toAvroSchema', () => {
  test('has a record for a window, and names the records within by their places', () => {
    const columns = new Map([
      ['window', windowColumn()],
      ...struct({ a: struct({ b: struct({ c: long() }) }) }).columns,
    ])
    const time = { type: 'long', logicalType: 'timestamp-millis' }
    expect(toAvroSchema(columns, { name: 'Bar' })).toMatchObject({
      fields: [
        {
          name: 'window',
          type: {
            name: 'Bar_window',
            fields: [
              { name: 'start', type: time },
              { name: 'end', type: time },
            ],
          },
        },
        { name: 'a', type: { name: 'Bar_a', fields: [{ name: 'b', type: { name: 'Bar_a_b' } }] } },
      ],
    })
  })

  test('refuses a column without a type, and a name that Avro does not take', () => {
    const untyped = new Map([['vwap', inferredColumn()]])
    expect(() => toAvroSchema(untyped, { name: 'Bar' })).toThrow('Bar_vwap has no type that a schema could say')
    expect(() => toAvroSchema(struct({ 'max(price)': double() }).columns, { name: 'Bar' })).toThrow(
      'the column max(price) cannot be a field of Avro',
    )
  })
})

describe('protobufValue with a subject', async () => {
  const text =
    'syntax = "proto3"; package shop; message Heartbeat { int32 beat = 1; } message Bar { string symbol = 1; }'
  const parser = await protoParser()
  const file = protoFile(parser, { format: 'PROTOBUF', schema: text, references: [] })
  const [, message] = file.messages
  if (message === undefined) throw new Error('no message')

  test('registers the file of its message, and writes the place of the message after the id', async () => {
    const registry = memoryRegistry({})
    const encode = await protobufValue({ message, registry, register: true }).encoder(Bar.columns, of)
    expect(encode({ symbol: 'A' }).toString('hex')).toBe('000000000102020a0141')
    expect((await registry.latest('bars-value'))?.schema.format).toBe('PROTOBUF')
    const again = await protobufValue({ message, registry }).encoder(Bar.columns, of)
    expect(again({ symbol: 'A' })).toEqual(encode({ symbol: 'A' }))
  })

  test('says what is not there, and that Glue has another form', async () => {
    const value = protobufValue({ message, registry: memoryRegistry({}) })
    await expect(value.encoder(Bar.columns, of)).rejects.toThrow('has no version of bars-value with this schema')
    const glue = protobufValue({ message, registry: memoryRegistry({}, 'glue') })
    await expect(glue.encoder(Bar.columns, of)).rejects.toThrow('the header of Confluent alone')
  })
})
