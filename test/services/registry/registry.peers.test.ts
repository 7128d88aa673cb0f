// Records of the JVM's serializers in a real topic, their schemas in a real registry, out as rows: with a codec that asks the registry,
// and with a mapping that does, in both of its forms.

import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { avro } from '../../../lib/decode/avro/index.ts'
import { protobuf } from '../../../lib/decode/protobuf/index.ts'
import type { KafkaEvent } from '../../../lib/event/kafka-event.ts'
import {
  array,
  bigint,
  Decimal,
  decimal,
  double,
  json,
  long,
  map,
  oneOf,
  string,
  struct,
  timestamp,
} from '../../../lib/index.ts'
import { confluentRegistry } from '../../../lib/registry/index.ts'
import { recordRegistry } from '../../../mapping/registry/record-registry.ts'
import { registeredSource } from '../../../mapping/registry/registered-source.ts'
import type { SchemaRegistrySettings } from '../../../mapping/registry/schema-registry-config.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'
import { kafkaSource } from '../../../mapping/source/kafka-source.ts'
import { eventsInto, memoryLog, someSettings } from '../../mapping/builders.ts'
import { onKafka, recordsOf, started, until } from '../a-mapping.ts'
import { onRegistry } from './a-registry.ts'
import { rowsOfEvents } from './rows.ts'
import { writeTopic } from './write.ts'

const kafka = onKafka()
const registry = onRegistry()

const count = 12
const proto = `syntax = "proto3"; package shop; import "google/protobuf/timestamp.proto";
  message Heartbeat { int32 beat = 1; }
  message Desk { message Trade { string symbol = 1; double price = 2; sint64 volume = 3; google.protobuf.Timestamp at = 4; } }`

/** @returns the id */
async function register(subject: string, schema: string, schemaType: string): Promise<string> {
  const response = await fetch(`${registry().url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema, schemaType }),
  })
  const { id }: { readonly id?: number } = Object(await response.json())
  return String(id)
}

/** What the mapping delivers of a topic. @param schemaRegistry left out: the records as they are */
async function delivered(topic: string, schemaRegistry?: SchemaRegistrySettings): Promise<readonly KafkaEvent[]> {
  const settings = someSettings({ topic, consumerGroupId: `g-${randomUUID()}`, schemaRegistry })
  const [log, brokers] = [memoryLog(), inject('brokers')]
  const events = eventsInto(log, settings)
  const source = kafkaSource({ ...settings, brokers, allowed: noRemoteHosts, events, debug: log.debug })
  const decoded =
    schemaRegistry === undefined
      ? source
      : registeredSource(source, recordRegistry(schemaRegistry, confluentRegistry({ url: registry().url })), events)
  const { events: invoked } = started(topic, () => undefined, settings, { source: decoded })
  await until(() => expect(recordsOf(invoked)).toHaveLength(count))
  return invoked
}

const ofConfig = (format: 'JSON' | 'SOURCE'): SchemaRegistrySettings => ({
  ...{ uri: registry().url, isGlue: false, format, attributes: new Set(['VALUE'] as const) },
})

describe('Avro of two writers', () => {
  const Trade = {
    type: 'record',
    name: 'Trade',
    fields: [
      { name: 'symbol', aliases: ['sym'], type: 'string' },
      { name: 'price', type: ['null', 'double'], default: null },
      { name: 'volume', type: 'long' },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
      { name: 'side', type: { type: 'enum', name: 'Side', symbols: ['BUY', 'SELL'] } },
      { name: 'venue', type: 'string', default: 'unknown' },
    ],
  } as const
  const expected = Array.from({ length: count }, (_, i) => ({
    ...{ symbol: `S${i}`, price: i % 3 === 0 ? null : i + 0.5, volume: i * 1000, at: 1_700_000_000_000 },
    ...{ side: i % 2 === 0 ? 'BUY' : 'SELL', venue: i % 2 === 0 ? 'unknown' : 'XNAS' },
  }))
  let topic = ''

  beforeAll(async () => {
    topic = await kafka().topic()
    await writeTopic(inject('brokers'), topic, 'avro', registry().url, count)
  }, 180_000)

  test("becomes rows of the reader's schema, by a codec that asks the registry", async () => {
    const codec = avro(Trade, { registry: confluentRegistry({ url: registry().url }) })
    expect(await rowsOfEvents(codec, topic, await delivered(topic))).toEqual(expected)
  })

  test('becomes the same rows out of events in source format', async () => {
    const events = await delivered(topic, ofConfig('SOURCE'))
    const codec = avro(Trade, { registry: confluentRegistry({ url: registry().url }) })
    expect(await rowsOfEvents(codec, topic, events)).toEqual(expected)
    const [record] = recordsOf(events)
    expect(record?.valueSchemaMetadata).toEqual({ dataFormat: 'AVRO', schemaId: expect.stringMatching(/^\d+$/) })
  })

  test('is JSON in events of JSON format', async () => {
    const codec = json(struct({ side: string(), volume: long(), price: double().nullable() }))
    const rows = await rowsOfEvents(codec, topic, await delivered(topic, ofConfig('JSON')))
    expect(rows).toEqual(expected.map(({ side, volume, price }) => ({ side, volume, price })))
  })

  test('has its decimals in full, as text', async () => {
    const codec = avro(struct({ amount: string() }), { registry: confluentRegistry({ url: registry().url }) })
    const rows = await rowsOfEvents(codec, topic, await delivered(topic))
    expect(rows.slice(0, 2)).toEqual([{ amount: '-1.25' }, { amount: '-1.26' }])
  })

  test('has its decimals, its maps of lists and its exact numbers as columns', async () => {
    const Row = struct({
      amount: decimal(12, 2),
      tags: map(array(string())),
      volume: bigint(),
      side: oneOf('BUY', 'SELL'),
    })
    const codec = avro(Row, { registry: confluentRegistry({ url: registry().url }) })
    const rows = await rowsOfEvents(codec, topic, await delivered(topic))
    expect(rows.slice(0, 2)).toEqual([
      { amount: new Decimal(-125n, 2), tags: new Map([['a', ['x', 'y']]]), volume: 0n, side: 'BUY' },
      { amount: new Decimal(-126n, 2), tags: new Map([['a', ['x', 'y']]]), volume: 1000n, side: 'SELL' },
    ])
  })
})

describe('Protobuf of a nested message', () => {
  const Trade = struct({ symbol: string(), price: double(), volume: long(), at: timestamp() })
  const expected = Array.from({ length: count }, (_, i) => ({
    ...{ symbol: `S${i}`, price: i + 0.5, volume: -1000 * i + 0, at: 1_700_000_000_000 + i },
  }))
  let topic = ''

  beforeAll(async () => {
    topic = await kafka().topic()
    const id = await register(`${topic}-value`, proto, 'PROTOBUF')
    await writeTopic(inject('brokers'), topic, 'protobuf', id, count)
  }, 180_000)

  test('becomes rows by the place that the value names', async () => {
    const codec = protobuf(Trade, { registry: confluentRegistry({ url: registry().url }) })
    expect(await rowsOfEvents(codec, topic, await delivered(topic))).toEqual(expected)
  })

  test('becomes the same rows out of events in source format', async () => {
    const codec = protobuf(Trade, { registry: confluentRegistry({ url: registry().url }) })
    expect(await rowsOfEvents(codec, topic, await delivered(topic, ofConfig('SOURCE')))).toEqual(expected)
  })
})

test('the schemas are there after the registry was started anew', async () => {
  const id = await register('kept-value', '{"type":"record","name":"Kept","fields":[]}', 'AVRO')
  await registry().startAnew()
  expect(await confluentRegistry({ url: registry().url }).schema(id)).toMatchObject({ format: 'AVRO' })
}, 120_000)
