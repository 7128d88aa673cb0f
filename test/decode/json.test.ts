import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { json } from '../../lib/decode/json.ts'
import { binary, boolean, double, int, long, string, struct, timestamp } from '../../lib/decode/schema.ts'
import { timestampRangeMs } from '../../lib/types/timestamp.ts'
import { aRecord, aTick } from '../builders.ts'

const Tick = struct({ symbol: string(), price: double(), volume: long(), timestamp: timestamp() })
const decode = (value: string | Buffer | null) => json(Tick).decode(aRecord({ value }))

test('a tick comes out with the columns of its schema, and no others', () => {
  const text = JSON.stringify({ venue: 'XNAS', ...aTick() })
  expect(decode(text)).toEqual({ kind: 'row', row: aTick() })
})

describe('a bad record is a value that says why', () => {
  test.each([
    ['a tombstone', null, 'TOMBSTONE', 'no value'],
    ['no bytes', '', 'EMPTY', 'empty'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'NOT_UTF8', 'not UTF-8'],
    ['garbage', 'not json', 'NOT_JSON', 'not json'],
    ['half an object', '{"symbol":"AAPL"', 'NOT_JSON', ''],
    ['two objects', '{}{}', 'NOT_JSON', ''],
    ['a byte order mark', '\ufeff{}', 'NOT_JSON', 'begins with a byte order mark (EF BB BF)'],
    [
      'a big integer, which is shown as it is written',
      '{"symbol":"A","price":1,"volume":12345678901234567890,"timestamp":0}',
      'WRONG_SHAPE',
      'column volume: expected an integer up to 2^53 - 1, got 12345678901234567890',
    ],
    [
      'a big integer where text belongs, the second of two',
      '{"symbol":"A","symbol":9007199254740993,"price":1,"volume":1,"timestamp":0}',
      'WRONG_SHAPE',
      'column symbol: expected a string, got 9007199254740993',
    ],
    ['a big integer alone', ' 9007199254740993 ', 'WRONG_SHAPE', 'expected a JSON object, got 9007199254740993'],
    [
      'a big integer inside another value',
      '{"symbol":{"id":[9007199254740993]}}',
      'WRONG_SHAPE',
      'column symbol: expected a string, got {"id":[9007199254740993]}',
    ],
    ['an array', '[]', 'WRONG_SHAPE', 'expected a JSON object, got []'],
    ['null', 'null', 'WRONG_SHAPE', 'expected a JSON object, got null'],
    ['a missing column', '{"symbol":"AAPL"}', 'WRONG_SHAPE', 'column price: expected a number, got nothing'],
    [
      'a null column',
      JSON.stringify({ ...aTick(), price: null }),
      'WRONG_SHAPE',
      'column price: expected a number, got null',
    ],
    [
      'a quoted number',
      JSON.stringify({ ...aTick(), price: '1' }),
      'WRONG_SHAPE',
      'column price: expected a number, got "1"',
    ],
    ['half a share', JSON.stringify({ ...aTick(), volume: 1.5 }), 'WRONG_SHAPE', 'column volume: expected an integer'],
    [
      'an integer beyond 2^53',
      '{"symbol":"A","price":1,"volume":9007199254740993,"timestamp":0}',
      'WRONG_SHAPE',
      'volume',
    ],
    [
      'a fraction that a double rounds away',
      '{"symbol":"A","price":1,"volume":9007199254740991.4,"timestamp":0}',
      'WRONG_SHAPE',
      'volume: expected an integer up to 2^53 - 1, got 9007199254740991.4',
    ],
    ['a time beyond the calendar', JSON.stringify({ ...aTick(), timestamp: 8.7e15 }), 'WRONG_SHAPE', 'timestamp'],
  ])('%s', (_, value, reason, detail) => {
    expect(decode(value)).toMatchObject({ kind: 'malformed', reason, detail: expect.stringContaining(detail) })
  })
})

test('a nullable column may be null or missing', () => {
  const codec = json(struct({ a: string().nullable(), b: double().nullable() }))
  expect(codec.decode(aRecord({ value: '{"a":null}' }))).toEqual({ kind: 'row', row: { a: null, b: null } })
})

test('a column is never found among what every object inherits', () => {
  const codec = json(struct({ constructor: string().nullable(), toString: string() }))
  expect(codec.decode(aRecord({ value: '{"toString":"x"}' }))).toEqual({
    kind: 'row',
    row: { constructor: null, toString: 'x' },
  })
  expect(codec.decode(aRecord({ value: '{}' }))).toMatchObject({
    reason: 'WRONG_SHAPE',
    detail: 'column toString: expected a string, got nothing',
  })
})

test('every kind of column reads what JSON can say', () => {
  const Row = struct({ i: int(), l: long(), b: boolean(), bytes: binary(), at: timestamp() })
  const text = '{"i":-2147483648,"l":9007199254740991,"b":true,"bytes":"qrs=","at":-1}'
  const row = { i: -(2 ** 31), l: 2 ** 53 - 1, b: true, bytes: Buffer.from([0xaa, 0xbb]), at: -1 }
  expect(json(Row).decode(aRecord({ value: text }))).toEqual({ kind: 'row', row })
  expect(json(Row).decode(aRecord({ value: text.replace('qrs=', 'q?s=') }))).toMatchObject({ reason: 'WRONG_SHAPE' })
  expect(json(Row).decode(aRecord({ value: text.replace('-2147483648', '2147483648') }))).toMatchObject({
    reason: 'WRONG_SHAPE',
  })
})

property.prop([fc.uint8Array({ maxLength: 60 })])('no bytes make the codec throw', (bytes) => {
  expect(json(Tick).decode(aRecord({ value: Buffer.from(bytes) })).kind).toBeTypeOf('string')
})

property.prop([
  fc.record({
    symbol: fc.string({ unit: 'grapheme' }),
    price: fc.double({ noNaN: true, noDefaultInfinity: true }).map((price) => price + 0),
    volume: fc.maxSafeInteger(),
    timestamp: fc.integer(timestampRangeMs),
  }),
])('whatever JSON holds exactly comes out as it was', (tick) => {
  expect(decode(JSON.stringify(tick))).toEqual({ kind: 'row', row: JSON.parse(JSON.stringify(tick)) })
})

describe('a schema refuses', () => {
  test.each([
    ['no column', {}],
    ['a number for a name, which JavaScript would move to the front', { symbol: string(), 1: string() }],
    ['an empty name', { '': string() }],
    ['the name that is no own property', { ['__proto__']: string() }],
  ])('%s', (_, columns) => {
    expect(() => struct(columns)).toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID' }))
  })
})
