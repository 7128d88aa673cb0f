import { fromBinary, toJson } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { protobuf } from '../../../lib/decode/protobuf/index.ts'
import { array, double, long, map, string, struct, timestamp } from '../../../lib/index.ts'
import { memoryRegistry } from '../../../lib/registry/index.ts'
import { protoFile, protoParser } from '../../../lib/registry/proto-text.ts'
import { protobufValue } from '../../../lib/sink/encoders/protobuf-value.ts'

const text = `syntax = "proto3"; package shop;
  import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto";
  message Heartbeat { int32 beat = 1; }
  message Desk {
    message Venue { string mic = 1; }
    enum Side { UNKNOWN = 0; BUY = 1; }
    message Trade {
      string symbol = 1; google.protobuf.DoubleValue price = 2; sint64 volume_traded = 3; google.protobuf.Timestamp at = 4;
      Side side = 5; repeated string tags = 6; map<string, double> levels = 7; Venue venue = 8;
    }
  }`
const file = protoFile(await protoParser(), { format: 'PROTOBUF', schema: text, references: [] })
const message = file.messages[1]?.nestedMessages.find(({ name }) => name === 'Trade')
if (message === undefined) throw new Error('no message')
const flat = struct({ symbol: string(), price: double().nullable(), volume_traded: long(), at: timestamp() })
const row = { symbol: 'AAPL', price: 150.5, volume_traded: -(2 ** 40), at: -1500 }
const record = { topic: 't', partition: 0, offset: 0, timestamp: 0, timestampType: 0, headers: [], key: null } as const

test('a row is written with the header of a registry, and read back by the codec that asks it', async () => {
  const encode = await protobufValue({ message, schemaId: 9 }).encoder(flat.columns)
  const codec = protobuf(flat, { registry: memoryRegistry({ 9: { format: 'PROTOBUF', schema: text } }) })
  for (const each of [row, { ...row, price: null }]) {
    const value = encode(each)
    await codec.prepare?.([{ ...record, value }])
    expect(codec.decode({ ...record, value })).toEqual({ kind: 'row', row: each })
  }
})

test('enums, lists, maps and messages are written from words, lists, maps and objects', async () => {
  const whole = struct({
    side: string(),
    tags: array(string()),
    levels: map(double()),
    venue: struct({ mic: string() }),
  })
  const encode = await protobufValue({ message }).encoder(whole.columns)
  const value = encode({ side: 'BUY', tags: ['a', 'b'], levels: new Map([['bid', 1.5]]), venue: { mic: 'X' } })
  expect(toJson(message, fromBinary(message, value))).toEqual({
    side: 'BUY',
    tags: ['a', 'b'],
    levels: { bid: 1.5 },
    venue: { mic: 'X' },
  })
})

test('columns that are no field, a word that the enum has not and a value of another type are said', async () => {
  const value = protobufValue({ message })
  await expect(value.encoder(struct({ other: string() }).columns)).rejects.toThrow(
    'protobuf: no field of shop.Desk.Trade is one of the columns other.',
  )
  const encode = await value.encoder(struct({ side: string(), symbol: string() }).columns)
  expect(() => encode({ side: 'SELL', symbol: 'A' })).toThrow('shop.Desk.Side has no value SELL')
  const numbers = await value.encoder(struct({ volume_traded: string() }).columns)
  expect(() => numbers({ volume_traded: 'high' })).toThrow('protobuf: a row is no shop.Desk.Trade')
})
