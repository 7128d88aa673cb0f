import type { DescMessage, Message } from '@bufbuild/protobuf'
import type { DoubleValue, Duration, Timestamp } from '@bufbuild/protobuf/wkt'
import protobufjs from 'protobufjs'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { array, bigint, date, decimal, map, oneOf } from '../../../lib/decode/columns.ts'
import type { MessageRow } from '../../../lib/decode/protobuf/message-row.ts'
import { protobuf } from '../../../lib/decode/protobuf/protobuf.ts'
import { type Column, double, int, long, string, struct, timestamp } from '../../../lib/decode/schema.ts'
import { protoFile, protoParser } from '../../../lib/registry/proto-text.ts'
import { decodeOne, rowOf } from '../framed-records.ts'

const text = `syntax = "proto3"; package shop;
  import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto";
  import "google/protobuf/duration.proto"; import "google/protobuf/struct.proto";
  message Order {
    uint64 id = 1; string day = 2; string amount = 3; int64 seconds = 4; float ratio = 5;
    repeated Fill fills = 6; map<string, Fill> by_venue = 7; map<int32, int64> lots = 8; repeated sint64 ids = 9;
    Buyer buyer = 10; google.protobuf.Duration took = 11; repeated google.protobuf.DoubleValue prices = 12;
    oneof note { string words = 13; Buyer who = 14; } repeated Side sides = 15; repeated bytes raw = 16;
    enum Side { BUY = 0; SELL = 1; }
  }
  message Fill { google.protobuf.Timestamp at = 1; Order.Side side = 2; optional double price = 3; }
  message Buyer { string name = 1; google.protobuf.StringValue desk = 2; }
  message Loose { google.protobuf.Struct any = 1; }
  message Tree { repeated Tree branches = 1; }`
const file = protoFile(await protoParser(), { format: 'PROTOBUF', schema: text, references: [] })

function messageNamed(name: string): DescMessage {
  const found = file.messages.find((message) => message.name === name)
  if (found === undefined) throw new Error(`no message ${name}`)
  return found
}
const Order = messageNamed('Order')

const root = new protobufjs.Root()
for (const name of ['timestamp', 'wrappers', 'duration', 'struct']) {
  protobufjs.Root.fromJSON(protobufjs.common.get(`google/protobuf/${name}.proto`) ?? {}, root)
}
protobufjs.parse(text, root, { keepCase: true })
const write = (value: object, name = 'Order'): Buffer =>
  Buffer.from(root.lookupType(`shop.${name}`).encode(value).finish())
const unsigned = (bits: bigint) => ({
  low: Number(BigInt.asIntN(32, bits)),
  high: Number(BigInt.asIntN(32, bits >> 32n)),
  unsigned: true,
})
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const order = {
  ...{ id: 7, day: '2026-01-05', amount: '19.9', seconds: 1_767_623_400, ratio: 0.1 },
  fills: [{ at: { seconds: 5, nanos: 1_999_999 }, side: 1, price: 1.5 }, { at: {} }],
  by_venue: { XNAS: { at: { seconds: -1 } } },
  ...{ lots: { 7: 70, [-3]: 30 }, ids: [-1, 2 ** 40], buyer: { name: 'Ada', desk: { value: 'A' } } },
  ...{ took: { seconds: 3, nanos: 5 }, prices: [{ value: 1.5 }, {}], who: { name: 'Bob' }, sides: [1, 0] },
  raw: [Buffer.of(1)],
}

test("a message's fields become columns of lists, maps and objects", async () => {
  const codec = protobuf(Order)
  const fill = 'struct(at timestamp, side string, price double)'
  const buyer = 'struct(name string, desk string)'
  expect(
    Array.from(codec.schema.columns, ([name, { type, isNullable }]) => `${name} ${type.name}${isNullable ? '?' : ''}`),
  ).toEqual([
    ...['id long', 'day string', 'amount string', 'seconds long', 'ratio float', `fills array(${fill})`],
    ...[`byVenue map(${fill})`, 'lots map(long)', 'ids array(long)', `buyer ${buyer}?`],
    ...['took struct(seconds long, nanos int)?', 'prices array(double)', 'words string?', `who ${buyer}?`],
    ...['sides array(string)', 'raw array(binary)'],
  ])
  expect(await rowOf(codec, write(order))).toEqual({
    ...{ id: 7, day: '2026-01-05', amount: '19.9', seconds: 1_767_623_400, ratio: Math.fround(0.1) },
    fills: [
      { at: 5001, side: 'SELL', price: 1.5 },
      { at: 0, side: 'BUY', price: null },
    ],
    byVenue: new Map([['XNAS', { at: -1000, side: 'BUY', price: null }]]),
    lots: new Map([
      ['7', 70],
      ['-3', 30],
    ]),
    ...{ ids: [-1, 2 ** 40], buyer: { name: 'Ada', desk: 'A' }, took: { seconds: 3, nanos: 5 }, prices: [1.5, 0] },
    ...{ words: null, who: { name: 'Bob', desk: null }, sides: ['SELL', 'BUY'], raw: [Buffer.of(1)] },
  })
  expect(await rowOf(codec, Buffer.alloc(0))).toMatchObject({ fills: [], byVenue: new Map(), buyer: null, who: null })
})

test('declared columns take what they want of it, with the meaning that text and numbers have in JSON', async () => {
  const Declared = struct({
    ...{ id: bigint(), day: date(), amount: decimal(9, 2, { from: 'text' }), seconds: timestamp({ unit: 'seconds' }) },
    ...{ fills: array(struct({ side: oneOf('BUY', 'SELL') })), by_venue: map(struct({ at: timestamp() })) },
    ...{ ids: array(string()), sides: array(int()), buyer: struct({ desk: string() }).default({ desk: 'none' }) },
    venue: string().default('XNAS'),
  })
  const codec = protobuf(Declared, { message: Order })
  expect(plain({ ...(await rowOf(codec, write(order))), id: '' })).toEqual({
    ...{ id: '', day: '2026-01-05', amount: '19.90', seconds: 1_767_623_400_000 },
    ...{ fills: [{ side: 'SELL' }, { side: 'BUY' }], by_venue: {}, ids: ['-1', '1099511627776'], sides: [1, 0] },
    ...{ buyer: { desk: 'A' }, venue: 'XNAS' },
  })
  const { buyer: _, ...anonymous } = order
  expect(await rowOf(codec, write(anonymous))).toMatchObject({ buyer: { desk: 'none' }, id: 7n })
})

test('every number of 64 bits is exact in a bigint or a decimal, and one beyond is refused', async () => {
  const codec = protobuf(struct({ id: bigint(), ids: array(bigint()) }), { message: Order })
  const most = unsigned(2n ** 63n - 1n)
  expect(await rowOf(codec, write({ id: most, ids: [{ low: 0, high: -(2 ** 31), unsigned: false }] }))).toEqual({
    id: 2n ** 63n - 1n,
    ids: [-(2n ** 63n)],
  })
  const above = write({ id: unsigned(2n ** 64n - 1n) })
  expect(await decodeOne(codec, above)).toMatchObject({
    detail: 'column id: expected a bigint of 64 bits, got 18446744073709551615n',
  })
  const whole = await rowOf(protobuf(struct({ id: decimal(20, 0) }), { message: Order }), above)
  expect(String(whole.id)).toBe('18446744073709551615')
})

describe('what is wrong within a message is named from the outside in', () => {
  test.each<[string, Column<unknown>, string, string]>([
    [
      'a field that is not set',
      array(struct({ price: double() })),
      'fills',
      'column fills: element 1: price: expected a value, the field is not set',
    ],
    ['a word', array(oneOf('BUY')), 'sides', 'column sides: element 0: expected one of "BUY", got "SELL"'],
  ])('%s', async (_, column, name, detail) => {
    const codec = protobuf(struct({ [name]: column }), { message: Order })
    expect(await decodeOne(codec, write(order))).toEqual({ kind: 'malformed', reason: 'WRONG_SHAPE', detail })
  })
})

test.each<[string, Column<unknown>, string]>([
  [
    'fills',
    map(string()),
    'field fills of shop.Order: it is repeated, the column is map(string): declare it as array(struct({ … }))',
  ],
  [
    'fills',
    array(struct({ side: double() })),
    'field side of shop.Fill: it is the enum shop.Order.Side, the column is double(): declare it as string() or int()',
  ],
  [
    'buyer',
    struct({ desk: struct({ value: string() }) }),
    'field desk of shop.Buyer: it is a google.protobuf.StringValue',
  ],
  ['lots', map(date()), 'field lots of shop.Order: it is a map, the column is date()'],
  ['buyer', string(), 'it is a shop.Buyer, the column is string(): declare it as struct({ … })'],
  ['took', long(), 'it is a google.protobuf.Duration, the column is long(): declare it as struct({ … })'],
  ['day', double(), 'it is string, the column is double(): declare it as string()'],
])('%# a column that its field cannot give is refused when the codec is made, naming both', (name, column, words) => {
  const make = () => protobuf(struct({ [name]: column }), { message: Order })
  if (words === '') expect(make).not.toThrow()
  else
    expect(make).toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID', message: expect.stringContaining(words) }))
})

test('a message that contains itself, or anything at all, is refused in words', () => {
  const words = 'a recursive message, which no column can hold'
  for (const name of ['Tree', 'Loose']) expect(() => protobuf(messageNamed(name))).toThrow(words)
  const any = struct({ fields: map(string()) })
  expect(() => protobuf(struct({ any }), { message: messageNamed('Loose') })).toThrow(words)
})

test("a generated message's row has TypeScript's types for what is within it", () => {
  type Fill = Message<'shop.Fill'> & { at?: Timestamp; price?: number }
  type Generated = Message<'shop.Order'> & {
    fills: Fill[]
    byVenue: { [key: string]: Fill }
    lots: { [key: number]: bigint }
    prices: DoubleValue[]
    took?: Duration
    note: { case: 'who'; value: Fill } | { case: undefined; value?: undefined }
  }
  type Row = MessageRow<Generated>
  type FillRow = { readonly at: number | null; readonly price: number | null }
  type Flat<Fields> = { [Name in keyof Fields]: Fields[Name] }
  expectTypeOf<Flat<Row['fills'][number]>>().toEqualTypeOf<FillRow>()
  expectTypeOf<Row['lots']>().toEqualTypeOf<ReadonlyMap<string, number>>()
  expectTypeOf<Row['prices']>().toEqualTypeOf<readonly number[]>()
  expectTypeOf<NonNullable<Row['took']>['seconds']>().toEqualTypeOf<number>()
  expectTypeOf<NonNullable<Row['who']>['price']>().toEqualTypeOf<number | null>()
})
