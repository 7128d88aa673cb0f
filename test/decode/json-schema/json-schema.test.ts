import { describe, expect, test } from 'vitest'
import { array, bigint, date, decimal, map } from '../../../lib/decode/columns.ts'
import { jsonSchema } from '../../../lib/decode/json-schema/json-schema.ts'
import { double, string, struct } from '../../../lib/decode/schema.ts'
import { memoryRegistry, type RegisteredSchema } from '../../../lib/registry/schema-registry.ts'
import { decodeOne, framed, framedByGlue, rowOf } from '../framed-records.ts'

const Trade = struct({ symbol: string(), price: double() })
const draft7 = 'http://json-schema.org/draft-07/schema#'
const schema = {
  $schema: draft7,
  type: 'object',
  properties: { symbol: { type: 'string' }, price: { type: 'number', exclusiveMinimum: 0 } },
  required: ['symbol'],
}
const registryOf = (of: unknown, references: RegisteredSchema['references'] = []) =>
  memoryRegistry({ 7: { format: 'JSON', schema: JSON.stringify(of), references } })
const value = (fields: unknown) => framed(7, Buffer.from(JSON.stringify(fields)))

describe('a value with a header', () => {
  const codec = jsonSchema(Trade, { registry: registryOf(schema) })

  test('is a row where its own schema takes it', async () => {
    expect(await rowOf(codec, value({ symbol: 'AAPL', price: 1, more: [] }))).toEqual({ symbol: 'AAPL', price: 1 })
  })

  test.each([
    ['that its schema refuses', { symbol: 'AAPL', price: -1 }, 'its schema refuses it: /price must be > 0'],
    ['without a field that its schema requires', { price: 1 }, "the value must have required property 'symbol'"],
    ['that only its columns refuse', { symbol: 'AAPL' }, 'column price: expected a number, got nothing'],
  ])('%s is bad', async (_, fields, detail) => {
    expect(await decodeOne(codec, value(fields))).toEqual({
      kind: 'malformed',
      reason: 'WRONG_SHAPE',
      detail: expect.stringContaining(detail),
    })
  })

  test.each([
    ['a tombstone', null, 'TOMBSTONE'],
    ['JSON without a header', Buffer.from('{"symbol":"AAPL","price":1}'), 'NOT_FRAMED'],
    ['a header before what is no JSON', framed(7, Buffer.from('{')), 'NOT_JSON'],
    ['a header and nothing else', framed(7), 'EMPTY'],
  ])('%s is bad', async (_, bytes, reason) => {
    expect(await decodeOne(codec, bytes)).toMatchObject({ kind: 'malformed', reason })
  })

  test('is decoded without a registry where only the header is named', async () => {
    const confluent = jsonSchema(Trade, { framing: 'confluent' })
    expect(await rowOf(confluent, value({ symbol: 'AAPL', price: -1 }))).toEqual({ symbol: 'AAPL', price: -1 })
    const glue = jsonSchema(Trade, { framing: 'glue' })
    const bytes = framedByGlue('0f8fad5b-d9cb-469f-a165-70867728950e', Buffer.from('{"symbol":"AAPL","price":1}'))
    expect(await rowOf(glue, bytes)).toEqual({ symbol: 'AAPL', price: 1 })
  })

  test('of an event in source format comes without it', async () => {
    const valueSchemaMetadata = { dataFormat: 'JSON', schemaId: '7' }
    const bytes = Buffer.from('{"symbol":"AAPL","price":1}')
    expect(await rowOf(codec, bytes, { valueSchemaMetadata })).toEqual({ symbol: 'AAPL', price: 1 })
  })
})

test.each([
  ['draft 4', 'http://json-schema.org/draft-04/schema#', { type: 'string' }],
  ['draft 6', 'http://json-schema.org/draft-06/schema#', { const: 'AAPL' }],
  ['draft 7', draft7, { if: { type: 'string' }, else: false }],
  ['2019-09', 'https://json-schema.org/draft/2019-09/schema', { type: 'string', format: 'ticker' }],
  ['2020-12', 'https://json-schema.org/draft/2020-12/schema', { $ref: '#/$defs/symbol', minLength: 1 }],
  ['no draft at all', undefined, { 'connect.type': 'text', type: 'string' }],
])('a schema of %s is read', async (_, $schema, symbol) => {
  const of = {
    $schema,
    type: 'object',
    properties: { symbol },
    $defs: { symbol: { type: 'string' } },
  }
  const codec = jsonSchema(Trade, { registry: registryOf(of) })
  expect(await rowOf(codec, value({ symbol: 'AAPL', price: 1 }))).toEqual({ symbol: 'AAPL', price: 1 })
})

test('a schema that another one names is found by that name', async () => {
  const references = [
    { name: 'symbol.json', schema: JSON.stringify({ $schema: draft7, type: 'string', maxLength: 4 }) },
  ]
  const of = { type: 'object', properties: { symbol: { $ref: 'symbol.json' } } }
  const codec = jsonSchema(Trade, { registry: registryOf(of, references) })
  expect(await rowOf(codec, value({ symbol: 'AAPL', price: 1 }))).toMatchObject({ symbol: 'AAPL' })
  expect(await decodeOne(codec, value({ symbol: 'AAPLX', price: 1 }))).toMatchObject({ reason: 'WRONG_SHAPE' })
})

test.each([
  ['names one that is not there', { $ref: 'missing.json' }, 'missing.json'],
  ['is none', { type: 'text' }, 'type'],
])('a schema that %s makes its records bad', async (_, of, words) => {
  expect(await decodeOne(jsonSchema(Trade, { registry: registryOf(of) }), value({}))).toMatchObject({
    reason: 'SCHEMA_UNUSABLE',
    detail: expect.stringContaining(words),
  })
})

test('a value within its schema becomes columns of any type, digit by digit', async () => {
  const Order = struct({
    ...{ id: bigint(), day: date(), price: decimal(12, 4), tags: map(string()) },
    fills: array(struct({ price: decimal(9, 2, { from: 'text' }) })),
  })
  const registry = registryOf({ type: 'object', properties: { id: { type: 'integer' }, price: { minimum: 0 } } })
  const text = (id: string) =>
    `{"id":${id},"day":"2026-01-05","price":19.10,"tags":{"desk":"A"},"fills":[{"price":"1.5"}]}`
  const codec = jsonSchema(Order, { registry })
  const { price, fills, ...row } = await rowOf(codec, framed(7, Buffer.from(text('9007199254740993'))))
  expect(row).toEqual({ id: 9_007_199_254_740_993n, day: '2026-01-05', tags: new Map([['desk', 'A']]) })
  expect([price, ...fills.map((fill) => fill.price)].map(String)).toEqual(['19.1000', '1.50'])
  expect(await decodeOne(codec, framed(7, Buffer.from(text('9223372036854775808'))))).toMatchObject({
    reason: 'WRONG_SHAPE',
    detail: 'column id: expected an integer of 64 bits, got 9223372036854775808',
  })
})
