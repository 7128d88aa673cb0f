// Records of Confluent's own serializers, of another language than the project's, in a real topic, their schemas registered by these
// serializers in a real registry, out as rows: an independent writer's headers, message indexes and values.

import { randomUUID } from 'node:crypto'
import { expect, inject, test } from 'vitest'
import { avro } from '../../../lib/decode/avro/index.ts'
import type { Codec } from '../../../lib/decode/codec.ts'
import { jsonSchema } from '../../../lib/decode/json-schema/index.ts'
import { protobuf } from '../../../lib/decode/protobuf/index.ts'
import {
  array,
  bigint,
  date,
  decimal,
  double,
  long,
  map,
  oneOf,
  string,
  struct,
  timestamp,
} from '../../../lib/index.ts'
import { confluentRegistry } from '../../../lib/registry/index.ts'
import { onKafka, recordsOf, started, until } from '../a-mapping.ts'
import { onRegistry } from './a-registry.ts'
import { type ConfluentForm, writeByConfluent } from './confluent.ts'
import { rowsOfEvents } from './rows.ts'

const kafka = onKafka()
const registry = onRegistry()

const count = 6

/** What the mapping delivers of a topic that the serializers wrote, through the handler that is deployed. */
async function rowsOf(form: ConfluentForm, codec: Codec<object>): Promise<readonly object[]> {
  const topic = await kafka().topic()
  await writeByConfluent(inject('brokers'), registry().url, form, topic, count)
  const { events } = started(topic, () => undefined, { consumerGroupId: `g-${randomUUID()}` })
  await until(() => expect(recordsOf(events)).toHaveLength(count))
  return rowsOfEvents(codec, topic, events)
}

const asked = () => confluentRegistry({ url: registry().url })
const firstMs = 1_767_623_400_000
const numbers = Array.from({ length: count }, (_, i) => i)
/** Decimals as their texts. */
const plain = (rows: readonly object[]): unknown =>
  JSON.parse(
    JSON.stringify(rows, (_, value) =>
      typeof value === 'bigint' ? `${value}n` : value instanceof Map ? [...value] : value,
    ),
  )

test('Avro: decimals of bytes and fixed, days, lists of records, maps, nulls, ids of 64 bits', async () => {
  const Order = struct({
    ...{ id: bigint(), day: date(), amount: decimal(20, 4), at: timestamp(), tags: map(string().nullable()) },
    fills: array(struct({ price: decimal(18, 6), side: oneOf('BUY', 'SELL') })),
    buyer: struct({ name: string() }).nullable(),
  })
  expect(plain(await rowsOf('avro', avro(Order, { registry: asked() })))).toEqual(
    numbers.map((i) => ({
      ...{
        id: `${2n ** 53n + BigInt(i)}n`,
        day: '2026-01-05',
        amount: `${-12_345_678_901_234 + i}.0001`,
        at: firstMs + i * 1000,
      },
      tags: [
        ['desk', 'A'],
        ['note', null],
      ],
      fills: [
        { price: '19.980000', side: 'BUY' },
        { price: '18.980000', side: 'SELL' },
      ].slice(0, i % 3),
      buyer: i % 2 === 0 ? { name: 'Ada' } : null,
    })),
  )
}, 180_000)

test.each(['protobuf0', 'protobuf1', 'protobuf2'] as const)(
  'Protobuf by the message index of %s',
  async (form) => {
    const Order = struct({
      ...{ id: bigint(), at: timestamp(), tags: map(long()), note: string().nullable() },
      fills: array(struct({ price: double(), side: oneOf('BUY', 'SELL') })),
    })
    expect(await rowsOf(form, protobuf(Order, { registry: asked() }))).toEqual(
      numbers.map((i) => ({
        ...{ id: 2n ** 63n - 1n - BigInt(i), at: firstMs + i * 1000, tags: new Map([['a', i]]) },
        note: i % 2 === 0 ? `n${i}` : null,
        fills: [
          { price: 19.5, side: 'BUY' },
          { price: 18.5, side: 'SELL' },
        ].slice(0, i % 3),
      })),
    )
  },
  180_000,
)

test('JSON Schema: exact ids and decimals of text', async () => {
  const Order = struct({
    ...{ id: bigint(), amount: decimal(9, 2, { from: 'text' }), fills: array(struct({ lots: long() })) },
  })
  expect(plain(await rowsOf('json', jsonSchema(Order, { registry: asked() })))).toEqual(
    numbers.map((i) => ({ id: `${2n ** 53n + BigInt(i)}n`, amount: `19.9${i}`, fills: [{ lots: i }] })),
  )
}, 180_000)
