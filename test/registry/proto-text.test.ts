import { fromBinary } from '@bufbuild/protobuf'
import protobufjs from 'protobufjs'
import { describe, expect, test } from 'vitest'
import { messageAt } from '../../lib/registry/proto-messages.ts'
import { protoFile, protoParser } from '../../lib/registry/proto-text.ts'
import type { SchemaReference } from '../../lib/registry/schema-registry.ts'

const parser = await protoParser()
const fileOf = (schema: string, references: readonly SchemaReference[] = []) =>
  protoFile(parser, { format: 'PROTOBUF', schema, references })

const trade = `// a comment with syntax = "proto2";
  syntax = "proto3";
  package shop;
  import "google/protobuf/timestamp.proto";
  import "google/protobuf/wrappers.proto";
  message Trade {
    string symbol = 1;
    optional double price = 2;
    google.protobuf.Timestamp trade_time = 3;
    enum Side { BUY = 0; SELL = 1; }
    Side side = 4;
    map<string, int64> unit_counts = 5;
    oneof reason { int32 code = 6; string words = 7; }
    repeated sint32 lots = 8;
    Leg leg = 9;
    message Leg { fixed64 id = 1; map<int32, Leg> legs = 2; }
    google.protobuf.StringValue note = 10;
    bytes raw = 11;
  }
  message Other { Trade.Side side = 1; message Inner { message Deep { bool a = 1; } } }`

test('the fields of a text have the types, the labels and the presence that they have there', () => {
  const [message] = fileOf(trade).messages
  expect(
    message?.fields.map(({ name, fieldKind, oneof, presence }) => [name, fieldKind, oneof?.name, presence]),
  ).toEqual([
    ['symbol', 'scalar', undefined, 2],
    ['price', 'scalar', undefined, 1],
    ['trade_time', 'message', undefined, 1],
    ['side', 'enum', undefined, 2],
    ['unit_counts', 'map', undefined, 2],
    ['code', 'scalar', 'reason', 1],
    ['words', 'scalar', 'reason', 1],
    ['lots', 'list', undefined, 2],
    ['leg', 'message', undefined, 1],
    ['note', 'message', undefined, 1],
    ['raw', 'scalar', undefined, 2],
  ])
  expect(message?.fields.map(({ jsonName }) => jsonName).slice(2, 5)).toEqual(['tradeTime', 'side', 'unitCounts'])
})

test('what protobufjs writes by the text is read by the descriptor', () => {
  const [message] = fileOf(trade).messages
  if (message === undefined) throw new Error('no message')
  const root = new protobufjs.Root()
  for (const name of ['timestamp', 'wrappers'])
    protobufjs.Root.fromJSON(protobufjs.common.get(`google/protobuf/${name}.proto`) ?? {}, root)
  protobufjs.parse(trade, root, { keepCase: true })
  const type = root.lookupType('shop.Trade')
  const written = type.encode({
    ...{
      symbol: 'AAPL',
      price: 0,
      trade_time: { seconds: 5, nanos: 6 },
      side: 1,
      unit_counts: { a: 1, b: -2 },
      words: 'x',
    },
    ...{ lots: [1, -1], leg: { id: 7, legs: { 3: { id: 8 } } }, note: { value: 'n' }, raw: Buffer.of(1) },
  })
  expect(fromBinary(message, new Uint8Array(written.finish()))).toMatchObject({
    ...{ symbol: 'AAPL', price: 0, tradeTime: { seconds: 5n, nanos: 6 }, side: 1, unitCounts: { a: 1n, b: -2n } },
    ...{ reason: { case: 'words', value: 'x' }, lots: [1, -1], leg: { id: 7n, legs: { 3: { id: 8n } } }, note: 'n' },
    ...{ raw: new Uint8Array([1]) },
  })
})

test('proto2 has required fields, defaults and groups', () => {
  const file = fileOf(`package old; message Order {
    required string id = 1; optional int32 lots = 2 [default = 5]; optional Side side = 3 [default = SELL];
    enum Side { BUY = 1; SELL = 2; } repeated group Line = 4 { optional string sku = 1; } }`)
  const [order] = file.messages
  expect(order?.fields.map(({ name, presence }) => [name, presence])).toEqual([
    ['id', 3],
    ['lots', 1],
    ['side', 1],
    ['line', 2],
  ])
  expect(order && fromBinary(order, Buffer.from([10, 1, 65, 35, 10, 1, 66, 36]))).toMatchObject({
    ...{ id: 'A', lots: 5, side: 2, line: [{ sku: 'B' }] },
  })
})

test('imported files are found by the names that the registry gives them', () => {
  const money = {
    name: 'common/money.proto',
    schema: 'syntax = "proto3"; package common; message Money { int64 units = 1; }',
  }
  const tax = {
    name: 'tax.proto',
    schema: 'syntax = "proto3"; import "common/money.proto"; message Tax { common.Money amount = 1; }',
  }
  const main =
    'syntax = "proto3"; package a.b; import "tax.proto"; import "common/money.proto"; message Bill { Tax tax = 1; common.Money sum = 2; }'
  const [bill] = fileOf(main, [money, tax]).messages
  expect(bill?.typeName).toBe('a.b.Bill')
  expect(bill?.fields.map(({ message }) => message?.typeName)).toEqual(['Tax', 'common.Money'])
})

test.each([
  ['what is no .proto file', 'message {', 'illegal type name'],
  ['a type that no import has', 'syntax = "proto3"; message A { common.Money sum = 1; }', /common\.Money/],
  ['an edition', 'edition = "2023"; message A {}', 'has edition 2023; read are proto2 and proto3'],
])('%s is refused in words', (_, text, words) => {
  expect(() => fileOf(text)).toThrow(words)
})

test('a schema of another format is refused', () => {
  expect(() => protoFile(parser, { format: 'AVRO', schema: '"int"', references: [] })).toThrow('is a schema of AVRO')
})

describe('the message at a place', () => {
  const file = fileOf(trade)

  test.each([
    [[0], 'shop.Trade'],
    [[1], 'shop.Other'],
    // The entries of maps are no messages of the file.
    [[0, 0], 'shop.Trade.Leg'],
    [[1, 0, 0], 'shop.Other.Inner.Deep'],
    [[0, 1], undefined],
    [[2], undefined],
  ])('%j is %s, by the order of the file', (indexes, name) => {
    expect(messageAt(file, 'confluent', { indexes })?.typeName).toBe(name)
  })

  test.each([
    [0, 'shop.Other'],
    [1, 'shop.Other.Inner'],
    [2, 'shop.Other.Inner.Deep'],
    [3, 'shop.Trade'],
    [4, 'shop.Trade.Leg'],
    // 5 is shop.Trade.Leg.LegsEntry, 6 shop.Trade.UnitCountsEntry.
    [5, undefined],
    [6, undefined],
    [7, undefined],
  ])("%d is %s, by Glue's order of names", (index, name) => {
    expect(messageAt(file, 'glue', { indexes: [index] })?.typeName).toBe(name)
  })
})
