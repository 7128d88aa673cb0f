import { describe, expect, test } from 'vitest'
import { encodeRecord } from '../../../lib/event/encode.ts'
import type { KafkaRow } from '../../../lib/event/kafka-row.ts'
import { recordSize } from '../../../mapping/batch/payload-size.ts'
import { recordRegistry } from '../../../mapping/registry/record-registry.ts'
import { filterValueOf, metadataBytes, RefusedRow } from '../../../mapping/registry/registered-row.ts'
import { framed } from '../../decode/framed-records.ts'
import { aRow } from '../builders.ts'
import { avroBytes, avroValue, jsonValue, protoBytes, protoValue, registry, settings } from './registry-records.ts'

async function decode(row: KafkaRow, ...given: Parameters<typeof settings>): Promise<KafkaRow> {
  const records = recordRegistry(settings(...given), registry)
  expect(records.isReady([row])).toBe(false)
  await records.load([row])
  expect(records.isReady([row])).toBe(true)
  return records.decode(row)
}

describe('EventRecordFormat JSON', () => {
  test.each([
    ['Avro', avroValue('AAPL'), { symbol: 'AAPL', price: 1.5, raw: '\u00ff' }, { dataFormat: 'AVRO', schemaId: '1' }],
    ['Protobuf', protoValue('AAPL'), { symbol: 'AAPL', unitPrice: 1.5 }, { dataFormat: 'PROTOBUF', schemaId: '2' }],
    ['JSON', jsonValue({ price: 1 }), { price: 1 }, { dataFormat: 'JSON', schemaId: '3' }],
  ])('makes JSON text of %s, and says what it was', async (_, value, expected, metadata) => {
    const row = await decode(aRow({ value }), 'JSON', 'VALUE')
    expect(JSON.parse(row.value?.toString() ?? '')).toEqual(expected)
    expect(row).toMatchObject({ valueSchemaMetadata: metadata, key: Buffer.from('AAPL') })
    expect(row).not.toHaveProperty('keySchemaMetadata')
  })

  test('decodes the key where it is selected, and leaves the value as it is where it is not', async () => {
    const value = avroValue('AAPL')
    const row = await decode(aRow({ key: jsonValue({ price: 1 }), value }), 'JSON', 'KEY')
    expect(row.key?.toString()).toBe('{"price":1}')
    expect(row).toMatchObject({ value, keySchemaMetadata: { dataFormat: 'JSON', schemaId: '3' } })
    expect(row).not.toHaveProperty('valueSchemaMetadata')
  })
})

describe('EventRecordFormat SOURCE', () => {
  test.each([
    ['Avro', avroValue('AAPL'), avroBytes('AAPL'), '{"symbol":"AAPL","price":1.5,"raw":"\u00ff"}'],
    ['Protobuf, whose place stays', protoValue('AAPL'), protoBytes('AAPL'), '{"symbol":"AAPL","unitPrice":1.5}'],
  ])('takes the header off %s; filters see JSON all the same', async (_, value, bytes, json) => {
    const row = await decode(aRow({ value }), 'SOURCE', 'VALUE')
    expect(row.value).toEqual(bytes)
    expect(filterValueOf(row)?.toString()).toBe(json)
  })
})

test.each([
  ['null', null],
  ['an empty text', Buffer.alloc(0)],
])('a key that is %s: the first has no schema, the second is none', async (_, key) => {
  const records = recordRegistry(settings('JSON', 'KEY'), registry)
  const row = records.decode(aRow({ key }))
  if (key === null) expect(row).toMatchObject({ key: null })
  else
    expect(row).toMatchObject({
      condition: 'DESERIALIZATION_ERROR',
      problem: expect.stringMatching(/^key: the value is empty/),
    })
})

describe('a record is refused', () => {
  test.each([
    ['without a header', Buffer.from('{}'), 'DESERIALIZATION_ERROR', 'value: the value begins with 123'],
    ['whose schema the registry does not have', framed(9, Buffer.of(1)), 'SCHEMA_NOT_FOUND', 'has no schema 9'],
    ['whose schema cannot be read', framed(4, Buffer.of(1)), 'DESERIALIZATION_ERROR', 'schema 4: '],
    ['that is not as its schema says', framed(1, Buffer.of(1)), 'DESERIALIZATION_ERROR', 'is not as schema 1 says'],
    [
      'with a place that the file does not have',
      framed(2, Buffer.of(2, 9)),
      'DESERIALIZATION_ERROR',
      'is not as schema 2',
    ],
    ['that its JSON Schema refuses', jsonValue({ price: 'x' }), 'DESERIALIZATION_ERROR', '/price must be number'],
  ])('%s, as it was in the topic', async (_, value, condition, problem) => {
    const records = recordRegistry(settings('JSON', 'VALUE'), registry)
    const given = aRow({ value })
    await records.load([given])
    const refused = records.decode(given)
    expect(refused).toBeInstanceOf(RefusedRow)
    expect(refused).toMatchObject({ ...given, condition, problem: expect.stringContaining(problem) })
  })
})

test('the size of a decoded record in an event is that of its JSON', async () => {
  const row = await decode(aRow({ key: avroValue('key'), value: avroValue('ë') }), 'JSON', 'KEY', 'VALUE')
  const bytes = Buffer.byteLength(JSON.stringify(encodeRecord(row))) + 1
  expect(recordSize(row.topic)(row) + metadataBytes(row)).toBe(bytes)
})
