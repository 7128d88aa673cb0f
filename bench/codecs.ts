// One batch of 10,000 trades as Avro and as Protobuf, each with Confluent's header: the codecs beside the libraries that decode for
// them, which are given the same bytes without the header and make no rows of what they read.

import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import avsc from 'avsc'
import { ticksAt } from '../handlers/ticks/generator.ts'
import { Tick } from '../handlers/ticks/tick.ts'
import { avro } from '../lib/decode/avro/index.ts'
import { protobuf } from '../lib/decode/protobuf/index.ts'
import type { Codec, KafkaRow } from '../lib/index.ts'
import { memoryRegistry } from '../lib/registry/index.ts'
import { protoFile, protoParser } from '../lib/registry/proto-text.ts'
import type { Figure } from './baseline.ts'
import { batchSize } from './decode.ts'
import { compare } from './measure.ts'

const ticks = Array.from({ length: batchSize }, (_, i) => {
  const tick = ticksAt(42, 5, 1_767_623_400 + Math.floor(i / 5))[i % 5]
  if (tick === undefined) throw new Error('five symbols have a tick each')
  return tick
})

const header = Buffer.from([0, 0, 0, 0, 7])

const recordsOf = (values: readonly Uint8Array[], place: Buffer): readonly KafkaRow[] =>
  values.map((value, offset) => ({
    ...{ topic: 'trades', partition: 0, offset, timestamp: 0, timestampType: 0, key: null, headers: [] },
    value: Buffer.concat([header, place, value]),
  }))

async function rowsOf(codec: Codec<unknown>, records: readonly KafkaRow[]): Promise<() => readonly unknown[]> {
  await codec.prepare?.(records)
  return () =>
    records.map((record) => {
      const decoded = codec.decode(record)
      if (decoded.kind === 'row') return decoded.row
      throw new Error(`a contestant lost a record: ${decoded.detail}`)
    })
}

async function benchAvro(): Promise<readonly Figure[]> {
  const schema = {
    type: 'record',
    name: 'Tick',
    fields: [
      { name: 'symbol', type: 'string' },
      { name: 'price', type: 'double' },
      { name: 'volume', type: 'long' },
      { name: 'timestamp', type: { type: 'long', logicalType: 'timestamp-millis' } },
    ],
  }
  const type = avsc.Type.forSchema(schema as never)
  const values = ticks.map((tick) => type.toBuffer(tick))
  const registry = memoryRegistry({ 7: { format: 'AVRO', schema: JSON.stringify(schema) } })
  return compare(`Avro -> rows, ${batchSize.toLocaleString('en-US')} ticks a batch`, batchSize, [
    { name: 'floor: avsc, fromBuffer', run: () => values.map((value) => type.fromBuffer(value)) },
    {
      name: 'avro: header, schema, row',
      run: await rowsOf(avro(Tick, { registry }), recordsOf(values, Buffer.alloc(0))),
    },
  ])
}

const text = `syntax = "proto3"; package bench; import "google/protobuf/timestamp.proto";
  message Tick { string symbol = 1; double price = 2; int64 volume = 3; google.protobuf.Timestamp timestamp = 4; }`

async function benchProtobuf(): Promise<readonly Figure[]> {
  const [message] = protoFile(await protoParser(), { format: 'PROTOBUF', schema: text, references: [] }).messages
  if (message === undefined) throw new Error('the file has a message')
  const values = ticks.map(({ symbol, price, volume, timestamp }) => {
    const time = { seconds: BigInt(Math.floor(timestamp / 1000)), nanos: (timestamp % 1000) * 1_000_000 }
    return toBinary(message, create(message, { symbol, price, volume: BigInt(volume), timestamp: time } as never))
  })
  const registry = memoryRegistry({ 7: { format: 'PROTOBUF', schema: text } })
  return compare(`Protobuf -> rows, ${batchSize.toLocaleString('en-US')} ticks a batch`, batchSize, [
    { name: 'floor: @bufbuild/protobuf, fromBinary', run: () => values.map((value) => fromBinary(message, value)) },
    {
      name: 'protobuf: header, place, message, row',
      run: await rowsOf(protobuf(Tick, { registry }), recordsOf(values, Buffer.of(0))),
    },
  ])
}

export const benchCodecs = async (): Promise<readonly Figure[]> => [...(await benchAvro()), ...(await benchProtobuf())]
