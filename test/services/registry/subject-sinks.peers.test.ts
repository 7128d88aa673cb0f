// Rows that a sink wrote to a real topic with schemas that it registered in a real registry, read by others: Confluent's deserializers for
// Python, and Apicurio's for the JVM.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toBinary } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import {
  array,
  bigint,
  Decimal,
  date,
  decimal,
  double,
  long,
  map,
  string,
  struct,
  timestamp,
} from '../../../lib/index.ts'
import { confluentRegistry } from '../../../lib/registry/index.ts'
import { protoFile, protoParser } from '../../../lib/registry/proto-text.ts'
import { avroValue } from '../../../lib/sink/encoders/avro-value.ts'
import { protobufValue } from '../../../lib/sink/encoders/protobuf-value.ts'
import type { RowEncoder } from '../../../lib/sink/rows/row-encoder.ts'
import { kafkaSink } from '../../../lib/sink/topics/index.ts'
import { defaultLibsDir } from '../../../local/kafka/distribution.ts'
import { freePort } from '../../../local/process/port.ts'
import { type LocalRegistry, startRegistry } from '../../../local/registry/server.ts'
import { aBatch } from '../../sink/batches.ts'
import { onKafka } from '../a-mapping.ts'
import { readByConfluent } from './confluent.ts'
import { readTopic } from './write.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'microbatch-subjects-'))
const kafka = onKafka()
const brokers = inject('brokers')
let local: LocalRegistry
let registry: ReturnType<typeof confluentRegistry>

beforeAll(async () => {
  local = await startRegistry({ port: await freePort(), dataDir, libsDir: defaultLibsDir, log: () => undefined })
  registry = confluentRegistry({ url: local.url })
  const body = JSON.stringify({ compatibility: 'BACKWARD' })
  const headers = { 'content-type': 'application/json' }
  expect((await fetch(`${local.url}/config`, { method: 'PUT', body, headers })).status).toBe(200)
}, 180_000)
afterAll(async () => {
  await local.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

const Fill = struct({
  ...{
    id: bigint(),
    symbol: string(),
    price: double().nullable(),
    amount: decimal(20, 4),
    day: date(),
    at: timestamp(),
  },
  ...{ tags: map(string().nullable()), legs: array(struct({ lots: long(), side: string().nullable() })) },
})
const fill = {
  ...{ id: 2n ** 63n - 1n, symbol: 'AAPL', price: null, amount: Decimal.of('-12345678901234.0001'), day: '2026-01-05' },
  ...{ at: 1_767_623_400_123, tags: new Map([['desk', null]]), legs: [{ lots: 2 ** 52 + 1, side: 'BUY' }] },
}

interface Written {
  readonly columns: typeof Fill.columns
  readonly row: object
  readonly value: RowEncoder
}

async function write(topic: string, { columns, row, value }: Written, key?: RowEncoder): Promise<void> {
  const keyed = key === undefined ? {} : { key: { columns: ['symbol'], encoder: key } }
  const sink = kafkaSink<object>({ topic, connection: { brokers }, value, ...keyed })
  await sink.write(aBatch([{ id: 'a', row }], { columns }))
  await sink.close?.()
}

test('Avro, keys as well as values, with schemas of the columns', async () => {
  const topic = await kafka().topic()
  const encoder = avroValue({ registry, register: true })
  await write(topic, { columns: Fill.columns, row: fill, value: encoder }, encoder)
  expect(await readByConfluent(brokers, local.url, 'avro', topic, 1)).toEqual([
    [
      { symbol: 'AAPL' },
      {
        ...{
          id: '9223372036854775807',
          symbol: 'AAPL',
          price: null,
          amount: '-12345678901234.0001',
          day: '2026-01-05',
        },
        ...{ at: '2026-01-05 14:30:00.123000+00:00', tags: { desk: null }, legs: [{ lots: 2 ** 52 + 1, side: 'BUY' }] },
      },
    ],
  ])
  const [[key, value] = []] = await readTopic(brokers, topic, local.url, 1)
  expect(key).toEqual({ symbol: 'AAPL' })
  expect(value).toMatchObject({ symbol: 'AAPL', price: null, legs: [{ lots: 2 ** 52 + 1, side: 'BUY' }] })
}, 300_000)

test('a column more is a version more; a change that the registry finds incompatible is refused in its words', async () => {
  const topic = await kafka().topic()
  const columns = struct({ symbol: string(), ticks: long() })
  const value = avroValue({ registry, register: true })
  await write(topic, { columns: columns.columns, row: { symbol: 'A', ticks: 1 }, value })
  const more = struct({ symbol: string(), ticks: long(), high: double().nullable() })
  await write(topic, { columns: more.columns, row: { symbol: 'B', ticks: 2, high: 1.5 }, value })
  // With the latest schema of the subject, without any of its own.
  await write(topic, {
    columns: more.columns,
    row: { symbol: 'C', ticks: 3, high: null },
    value: avroValue({ registry }),
  })
  const found = await readByConfluent(brokers, local.url, 'avro', topic, 3)
  expect(found.map(([, row]) => row)).toEqual([
    { symbol: 'A', ticks: 1 },
    { symbol: 'B', ticks: 2, high: 1.5 },
    { symbol: 'C', ticks: 3, high: null },
  ])
  const other = struct({ symbol: string(), ticks: string() })
  await expect(write(topic, { columns: other.columns, row: { symbol: 'D', ticks: '4' }, value })).rejects.toThrow(
    new RegExp(
      `the schema of the values cannot be had: ${local.url}, ${topic}-value: the registry refuses the schema: it is not compatible`,
    ),
  )
}, 300_000)

test('Protobuf, the file of the message registered', async () => {
  const topic = await kafka().topic()
  const text = `syntax = "proto3"; package shop; import "google/protobuf/timestamp.proto";
    message Heartbeat { int32 beat = 1; }
    message Desk { message Fill { string symbol = 1; sint64 volume = 2; google.protobuf.Timestamp at = 3; } }`
  const file = protoFile(await protoParser(), { format: 'PROTOBUF', schema: text, references: [] })
  const message = file.messages[1]?.nestedMessages[0]
  if (message === undefined) throw new Error('no message')
  const columns = struct({ symbol: string(), volume: long(), at: timestamp() })
  const row = { symbol: 'AAPL', volume: -5, at: 1_767_623_400_123 }
  const value = protobufValue({ message, registry, register: true })
  await write(topic, { columns: columns.columns, row, value })
  const descriptor = Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)).toString('base64')
  expect(await readByConfluent(brokers, local.url, 'protobuf', topic, 1, descriptor, message.typeName)).toEqual([
    ['a', { symbol: 'AAPL', volume: '-5', at: '2026-01-05T14:30:00.123Z' }],
  ])
}, 300_000)
