import type { DescMessage, Message } from '@bufbuild/protobuf'
import type { Timestamp } from '@bufbuild/protobuf/wkt'
import protobufjs from 'protobufjs'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { MessageRow } from '../../../lib/decode/protobuf/message-row.ts'
import { protobuf } from '../../../lib/decode/protobuf/protobuf.ts'
import {
  binary,
  boolean,
  double,
  int,
  long,
  type Schema,
  string,
  struct,
  timestamp,
} from '../../../lib/decode/schema.ts'
import { protoFile, protoParser } from '../../../lib/registry/proto-text.ts'
import { memoryRegistry } from '../../../lib/registry/schema-registry.ts'
import { decodeOne, framed, framedByGlue, rowOf } from '../framed-records.ts'

const text = `syntax = "proto3"; package shop;
  import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto";
  message Heartbeat { int32 beat = 1; }
  message Trade {
    string symbol = 1; optional double price = 2; google.protobuf.Timestamp traded_at = 3; Side side = 4; sint64 volume = 5;
    oneof reason { int32 code = 6; string words = 7; google.protobuf.Int32Value wrapped = 12; }
    google.protobuf.StringValue note = 8; bytes raw = 9; bool is_last = 10; uint32 lots = 11;
    enum Side { BUY = 0; SELL = 1; }
  }
  message Tree { repeated Tree branches = 1; map<string, int32> leaves = 2; Tree root = 3; Heartbeat beat = 4; string name = 5; }`
const file = protoFile(await protoParser(), { format: 'PROTOBUF', schema: text, references: [] })
const registry = memoryRegistry({ 7: { format: 'PROTOBUF', schema: text } })

function messageNamed(name: string): DescMessage {
  const found = file.messages.find((message) => message.name === name)
  if (found === undefined) throw new Error(`no message ${name}`)
  return found
}

const root = new protobufjs.Root()
for (const name of ['timestamp', 'wrappers']) {
  protobufjs.Root.fromJSON(protobufjs.common.get(`google/protobuf/${name}.proto`) ?? {}, root)
}
protobufjs.parse(text, root, { keepCase: true })
const write = (name: string, value: object) => root.lookupType(`shop.${name}`).encode(value).finish()

const largest = protobufjs.util.LongBits.fromHash('\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f').toLong(false)

/** The place of shop.Trade, the second message of the file, as Confluent writes it. */
const tradePlace = Buffer.from([2, 2])
const trade = {
  ...{ symbol: 'AAPL', price: 1.5, traded_at: { seconds: 1_700_000_000, nanos: 123_456_789 }, side: 1, volume: -7 },
  ...{ code: 3, note: { value: 'n' }, raw: Buffer.of(1, 2), is_last: true, lots: 4_000_000_000 },
}
const Trade = struct({
  ...{ traded_at: timestamp(), symbol: string(), price: double().nullable(), side: string(), volume: long() },
  ...{ code: int().nullable(), words: string().nullable(), wrapped: int().nullable(), note: string().nullable() },
  ...{ raw: binary(), isLast: boolean(), lots: long() },
})

describe('a schema of columns and a registry', () => {
  const codec = protobuf(Trade, { registry })

  test('takes the fields of its names, by the name in the file or in JavaScript', async () => {
    const row = await rowOf(codec, framed(7, tradePlace, write('Trade', trade)))
    expect(Object.entries(row)).toEqual([
      ...[
        ['traded_at', 1_700_000_000_123],
        ['symbol', 'AAPL'],
        ['price', 1.5],
        ['side', 'SELL'],
        ['volume', -7],
      ],
      ...[
        ['code', 3],
        ['words', null],
        ['wrapped', null],
        ['note', 'n'],
      ],
      ...[
        ['raw', Buffer.of(1, 2)],
        ['isLast', true],
        ['lots', 4_000_000_000],
      ],
    ])
  })

  test('has the defaults of what is not written, and null where the file tells the two apart', async () => {
    const row = await rowOf(codec, framed(7, tradePlace, write('Trade', { traded_at: {}, wrapped: { value: 9 } })))
    expect(row).toEqual({
      ...{
        traded_at: 0,
        symbol: '',
        price: null,
        side: 'BUY',
        volume: 0,
        code: null,
        words: null,
        wrapped: 9,
        note: null,
      },
      ...{ raw: Buffer.alloc(0), isLast: false, lots: 0 },
    })
  })

  test('refuses a field that is not set where its column is not nullable', async () => {
    expect(await decodeOne(codec, framed(7, tradePlace, write('Trade', {})))).toEqual({
      kind: 'malformed',
      reason: 'WRONG_SHAPE',
      detail: 'column traded_at: expected a value, the field is not set',
    })
  })

  test('reads the first message by the one byte that stands for it', async () => {
    const beat = protobuf(struct({ beat: int() }), { registry })
    expect(await rowOf(beat, framed(7, Buffer.of(0), write('Heartbeat', { beat: 5 })))).toEqual({ beat: 5 })
    expect(await rowOf(beat, framed(7, Buffer.of(2, 0), write('Heartbeat', { beat: 5 })))).toEqual({ beat: 5 })
  })

  test('takes a value of an event in source format, where the place is still before the message', async () => {
    const valueSchemaMetadata = { dataFormat: 'PROTOBUF', schemaId: '7' }
    const value = Buffer.concat([tradePlace, write('Trade', trade)])
    expect(await rowOf(codec, value, { valueSchemaMetadata })).toMatchObject({ symbol: 'AAPL' })
  })

  test("takes Glue's header and number, which goes by names", async () => {
    const uuid = '0f8fad5b-d9cb-469f-a165-70867728950e'
    const glue = memoryRegistry({ [uuid]: { format: 'PROTOBUF', schema: text } }, 'glue')
    // shop.Heartbeat is 0, shop.Trade 1.
    const value = framedByGlue(uuid, Buffer.of(1), write('Trade', trade))
    expect(await rowOf(protobuf(Trade, { registry: glue }), value)).toMatchObject({ symbol: 'AAPL' })
  })

  test.each([
    ['a tombstone', null, 'TOMBSTONE', 'no value'],
    ['an empty value', Buffer.alloc(0), 'EMPTY', 'empty'],
    ['a value without a header', write('Trade', trade), 'NOT_FRAMED', 'begins with 10'],
    ['a header and nothing else', framed(7), 'NOT_FRAMED', 'no place of a message'],
    ['a place that the file does not have', framed(7, Buffer.of(2, 40)), 'SCHEMA_UNUSABLE', 'no message at the place'],
    ['another message', framed(7, Buffer.of(0)), 'SCHEMA_UNUSABLE', 'shop.Heartbeat has no field traded_at'],
    ['a message that is cut off', framed(7, tradePlace, Buffer.of(10, 5, 65)), 'NOT_PROTOBUF', ''],
    ['a text that is not UTF-8', framed(7, tradePlace, Buffer.of(10, 1, 0xff)), 'NOT_PROTOBUF', ''],
  ])('refuses %s', async (_, value, reason, detail) => {
    const given = value === null ? null : Buffer.from(value)
    expect(await decodeOne(codec, given)).toEqual({
      kind: 'malformed',
      reason,
      detail: expect.stringContaining(detail),
    })
  })

  test.each([
    ['volume', { volume: largest }, 'column volume: expected an integer up to 2^53 - 1, got 9223372036854775807'],
    ['side', { side: 9 }, 'column side: expected a value of shop.Trade.Side, got 9'],
    [
      'traded_at',
      { traded_at: { seconds: 253_402_300_800 } },
      'column traded_at: expected a time of the years 1 to 9999',
    ],
  ])('refuses a %s that its column does not take', async (_, change, detail) => {
    const value = framed(7, tradePlace, write('Trade', { traded_at: {}, ...change }))
    expect(await decodeOne(codec, value)).toEqual({
      kind: 'malformed',
      reason: 'WRONG_SHAPE',
      detail: expect.stringContaining(detail),
    })
  })

  test('keeps every digit of a number that is declared as text, and the number of an enum as an integer', async () => {
    const exact = protobuf(struct({ volume: string(), side: int() }), { registry })
    const value = write('Trade', { volume: largest, side: 9 })
    expect(await rowOf(exact, framed(7, tradePlace, value))).toEqual({ volume: '9223372036854775807', side: 9 })
  })

  test.each([
    [
      'repeated',
      struct({ branches: string() }),
      'field branches of shop.Tree: it is a recursive message, which no column can hold, the column is string(): leave it out',
    ],
    ['a map', struct({ leaves: string() }), 'it is a map'],
    ['recursive', struct({ root: string() }), 'it is a recursive message, which no column can hold'],
    ['a message within', struct({ beat: string() }), 'it is a shop.Heartbeat'],
    ['of another type', struct({ name: long() }), 'it is string, the column is long(): declare it as string().'],
  ])('makes records bad, in words, whose field is %s', async (_, schema: Schema<unknown>, words) => {
    const value = framed(7, Buffer.of(2, 4), write('Tree', {}))
    expect(await decodeOne(protobuf(schema, { registry }), value)).toMatchObject({
      reason: 'SCHEMA_UNUSABLE',
      detail: expect.stringContaining(words),
    })
  })
})

describe('the descriptor of a message', () => {
  const Described = messageNamed('Trade')
  const codec = protobuf(Described)

  test('gives the columns, nullable where its file lets them be unset', () => {
    expect(
      Array.from(codec.schema.columns, ([name, { kind, isNullable }]) => `${name} ${kind}${isNullable ? '?' : ''}`),
    ).toEqual([
      ...['symbol string', 'price double?', 'tradedAt timestamp?', 'side string', 'volume long', 'code int?'],
      ...['words string?', 'wrapped int?', 'note string?', 'raw binary', 'isLast boolean', 'lots long'],
    ])
  })

  test('reads values without a header', async () => {
    expect(await rowOf(codec, Buffer.from(write('Trade', trade)))).toMatchObject({
      symbol: 'AAPL',
      tradedAt: 1_700_000_000_123,
    })
    expect(await rowOf(codec, Buffer.alloc(0))).toMatchObject({ symbol: '', price: null })
  })

  test('reads values with one, and asks no registry', async () => {
    const bare = protobuf(Described, { framing: 'confluent' })
    expect(await rowOf(bare, framed(123, tradePlace, write('Trade', trade)))).toMatchObject({ symbol: 'AAPL' })
    expect(await decodeOne(bare, framed(123, Buffer.of(0), write('Heartbeat', { beat: 1 })))).toMatchObject({
      reason: 'NOT_FRAMED',
      detail: 'the value is shop.Heartbeat, not shop.Trade',
    })
  })

  test.each([
    ['7', tradePlace],
    ['0f8fad5b-d9cb-469f-a165-70867728950e', Buffer.of(1)],
  ])('reads values of an event in source format, whose schema is %s', async (schemaId, place) => {
    const value = Buffer.concat([place, write('Trade', trade)])
    const valueSchemaMetadata = { dataFormat: 'PROTOBUF', schemaId }
    expect(await rowOf(codec, value, { valueSchemaMetadata })).toMatchObject({ symbol: 'AAPL' })
  })

  test('with a registry takes what was written as that message, by a later file too', async () => {
    const later = text.replace('bool is_last = 10;', 'bool is_last = 10; string venue = 20;')
    const registered = protobuf(Described, {
      registry: memoryRegistry({ 7: { format: 'PROTOBUF', schema: text }, 8: { format: 'PROTOBUF', schema: later } }),
    })
    const withVenue = Buffer.concat([write('Trade', trade), Buffer.of(0xa2, 1, 1, 65)])
    expect(await rowOf(registered, framed(8, tradePlace, withVenue))).toMatchObject({ symbol: 'AAPL' })
    expect(await decodeOne(registered, framed(7, Buffer.of(0)))).toMatchObject({
      detail: 'the value is a shop.Heartbeat, the codec reads shop.Trade',
    })
  })

  test('may have columns chosen of its fields', async () => {
    const chosen = protobuf(struct({ side: string(), symbol: string() }), { message: Described })
    expect(await rowOf(chosen, Buffer.from(write('Trade', trade)))).toEqual({ side: 'SELL', symbol: 'AAPL' })
  })

  test('with a field that is no column is refused in words', () => {
    expect(() => protobuf(messageNamed('Tree'))).toThrow(
      expect.objectContaining({
        code: 'SCHEMA_INVALID',
        message: expect.stringContaining('field branches of shop.Tree'),
      }),
    )
  })

  test('or a registry there must be', () => {
    expect(() => protobuf(Trade, {} as never)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })
})

test("a generated message's row has TypeScript's types", () => {
  type Generated = Message<'shop.Trade'> & {
    symbol: string
    price?: number
    volume: bigint
    at?: Timestamp
    raw: Uint8Array
    side: 0 | 1
    reason: { case: 'code'; value: number } | { case: 'words'; value: string } | { case: undefined; value?: undefined }
  }
  expectTypeOf<Pick<MessageRow<Generated>, keyof MessageRow<Generated>>>().toEqualTypeOf<{
    readonly symbol: string
    readonly price: number | null
    readonly volume: number
    readonly at: number | null
    readonly raw: Buffer
    readonly side: string
    readonly code: number | null
    readonly words: string | null
  }>()
})
