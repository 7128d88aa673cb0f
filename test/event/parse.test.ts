import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { encodeKafkaEvent } from '../../lib/event/encode.ts'
import { parseKafkaEvent } from '../../lib/event/parse.ts'
import { anEvent, aRecord } from '../builders.ts'

const sample = (name: string): unknown => JSON.parse(readFileSync(`test/events/${name}.json`, 'utf8'))

describe('an event of AWS', () => {
  test('from MSK comes with its ARN, several partitions and signed header bytes', () => {
    const { origin, rows } = parseKafkaEvent(sample('msk'))
    expect(origin.eventSource).toBe('aws:kafka')
    expect(rows.map(({ partition, offset }) => [partition, offset])).toEqual([
      [0, 15],
      [0, 16],
      [2, 7],
      [2, 8],
    ])
    expect(rows[1]?.headers).toEqual([{ key: 'trace', value: Buffer.from('aë') }])
  })

  test('from a self-managed Kafka has no ARN', () => {
    expect(parseKafkaEvent(sample('self-managed')).origin).toEqual({
      eventSource: 'SelfManagedKafka',
      bootstrapServers: 'localhost:9092',
    })
  })

  test('leaves out the key and the value that a record does not have', () => {
    const event = anEvent([aRecord({ key: null, value: null })])
    expect(Object.keys(event.records['stock-ticks-0']?.[0] ?? {})).toEqual([
      'topic',
      'partition',
      'offset',
      'timestamp',
      'timestampType',
      'headers',
    ])
  })

  test('may spell absent as null, and header bytes unsigned, as emulators do', () => {
    const event = anEvent([aRecord()])
    const [record] = event.records['stock-ticks-0'] ?? []
    const emulated = {
      ...event,
      records: { 'stock-ticks-0': [{ ...record, key: null, value: null, headers: [{ h: [195, 171] }] }] },
    }
    expect(parseKafkaEvent(emulated).rows[0]).toMatchObject({
      key: null,
      value: null,
      headers: [{ key: 'h', value: Buffer.from('ë') }],
    })
  })

  test('of a mapping with a schema registry says how key and value were written; an id may be a number', () => {
    const event = anEvent([aRecord()])
    const [record] = event.records['stock-ticks-0'] ?? []
    const withRegistry = {
      ...event,
      records: { 'stock-ticks-0': [{ ...record, valueSchemaMetadata: { dataFormat: 'AVRO', schemaId: 7 } }] },
    }
    const [row] = parseKafkaEvent(withRegistry).rows
    expect(row?.valueSchemaMetadata).toEqual({ dataFormat: 'AVRO', schemaId: '7' })
    expect(row).not.toHaveProperty('keySchemaMetadata')
  })

  test('an empty value is not a tombstone', () => {
    expect(parseKafkaEvent(anEvent([aRecord({ value: '' })])).rows[0]?.value).toEqual(Buffer.alloc(0))
  })
})

describe('a broken event is refused, naming the place', () => {
  const event = anEvent([aRecord({ offset: 5 })])
  const [record] = event.records['stock-ticks-0'] ?? []
  const withRecord = (change: object): unknown => ({
    ...event,
    records: { 'stock-ticks-0': [{ ...record, ...change }] },
  })

  test.each([
    ['nothing at all', undefined, 'event: expected a Kafka event'],
    ['an SQS event', { Records: [] }, 'event.bootstrapServers: expected a string'],
    ['another event source', { ...event, eventSource: 'aws:kinesis' }, 'event.eventSource'],
    ['MSK without its ARN', { ...event, eventSource: 'aws:kafka' }, 'event.eventSourceArn'],
    ['no records', { ...event, records: [] }, 'event.records: expected an object'],
    ['a partition that is no array', { ...event, records: { 'stock-ticks-0': {} } }, 'event.records["stock-ticks-0"]'],
    ['an offset as text', withRecord({ offset: '5' }), 'event.records["stock-ticks-0"][0].offset'],
    ['a record of another partition', withRecord({ partition: 1 }), 'expected a record of stock-ticks-0'],
    ['a value that is not text', withRecord({ value: 7 }), '[0].value: expected base64 text'],
    [
      'a value that is JSON',
      withRecord({ value: '{"symbol":"AAPL"}' }),
      '[0].value: expected base64 text, got "{\\"symbol',
    ],
    ['a value that is a word', withRecord({ value: 'hello' }), '[0].value: expected base64 text, got "hello"'],
    ['a value with a blank in it', withRecord({ value: 'qrvM qrs=' }), '[0].value: expected base64 text'],
    ['a value with padding in the middle', withRecord({ value: 'qg==qg==' }), '[0].value: expected base64 text'],
    ['padding alone', withRecord({ value: '====' }), '[0].value: expected base64 text'],
    ['half a letter of base64', withRecord({ value: 'q' }), '[0].value: expected base64 text'],
    ['a key that is not base64', withRecord({ key: 'AAPL-1!' }), '[0].key: expected base64 text, got "AAPL-1!"'],
    ['header bytes beyond a byte', withRecord({ headers: [{ h: [256] }] }), '[0].headers.h'],
    ['metadata without an id', withRecord({ valueSchemaMetadata: { dataFormat: 'AVRO' } }), '[0].valueSchemaMetadata'],
    ['metadata that is text', withRecord({ keySchemaMetadata: 'AVRO' }), '[0].keySchemaMetadata'],
    ['an unknown timestamp type', withRecord({ timestampType: 'NOW' }), '[0].timestampType'],
    [
      'offsets that go back',
      { ...event, records: { 'stock-ticks-0': [record, record] } },
      '[1].offset: expected more than 5',
    ],
  ])('%s', (_, broken, message) => {
    expect(() => parseKafkaEvent(broken)).toThrow(
      expect.objectContaining({ code: 'EVENT_INVALID', message: expect.stringContaining(message) }),
    )
  })
})

test('encoding keeps the order of partitions as they first come', () => {
  const rows = [aRecord({ partition: 2 }), aRecord({ partition: 0 }), aRecord({ partition: 2, offset: 1 })]
  const event = encodeKafkaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'a:1' }, rows)
  expect(Object.keys(event.records)).toEqual(['stock-ticks-2', 'stock-ticks-0'])
})
