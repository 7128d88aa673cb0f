import { readdirSync, readFileSync } from 'node:fs'
import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { Codec } from '../../lib/decode/codec.ts'
import { json } from '../../lib/decode/json.ts'
import { binary, boolean, double, int, long, string, struct, timestamp } from '../../lib/decode/schema.ts'
import { stream } from '../../lib/query/named-stream.ts'
import { timestampRangeMs } from '../../lib/types/timestamp.ts'
import { aRecord, aTick } from '../builders.ts'
import { mutated } from './mutated-json.ts'

const Tick = struct({ symbol: string(), price: double(), volume: long(), timestamp: timestamp() })
const nulls = { symbol: null, price: null, volume: null, timestamp: null }

const codec = json(Tick, { malformed: 'null' })
const corruptCodec = json(Tick, { malformed: 'null', corruptRecordColumn: 'corrupt' })

function rowOf<Row>({ decode }: Codec<Row>, value: string | Buffer | null): Row {
  const decoded = decode(aRecord({ value }))
  if (decoded.kind !== 'row') throw new Error(`the policy null refused a record: ${decoded.detail}`)
  return decoded.row
}
const decode = (value: string | Buffer | null) => rowOf(codec, value)
const isCorrupt = (value: string | Buffer | null) => rowOf(corruptCodec, value).corrupt !== null

interface GoldenFile {
  readonly batches: readonly { readonly input: readonly GoldenRecord[] }[]
  readonly expected: { readonly rows: readonly (readonly { readonly rows: readonly GoldenRow[] }[])[] }
}
interface GoldenRecord {
  readonly partition: number
  readonly value?: string | null
  readonly value_b64?: string
}
interface GoldenRow {
  readonly partition: number
  readonly offset: number
  readonly symbol: string | null
  readonly price: number | string | null
  readonly volume: number | bigint | null
  readonly timestamp: number | null
}

/** Integers that a double cannot hold are read from their source text. */
function goldenFile(name: string): GoldenFile {
  const exact = (_: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && /^-?\d{16,}$/.test(context?.source ?? '') && !Number.isSafeInteger(value)
      ? BigInt(context?.source ?? '')
      : value
  return JSON.parse(readFileSync(`test/golden/${name}`, 'utf8'), exact)
}

/** What Spark read and we refuse, by file, partition and offset. Every one is an integer beyond 2^53. */
const deviations = new Map<string, ReadonlyMap<string, { readonly volume: bigint }>>([
  [
    'numbers.json',
    new Map([
      ['0@4', { volume: 2n ** 63n - 1n }],
      ['0@6', { volume: -(2n ** 63n) }],
    ]),
  ],
])

describe('rows are those of Spark 3.5.0, batch by batch', () => {
  const names = readdirSync('test/golden').filter((name) => name.endsWith('.json'))
  test('there are golden files', () => expect(names.length).toBeGreaterThanOrEqual(15))

  test.each(names)('%s', (name) => {
    const { batches, expected } = goldenFile(name)
    const offsets = new Map<number, number>()
    const deviating = new Map<string, { readonly volume: bigint }>()
    batches.forEach(({ input }, batch) => {
      const decoded = input.map(({ partition, value, value_b64 }) => {
        const offset = offsets.get(partition) ?? 0
        offsets.set(partition, offset + 1)
        const bytes = value_b64 === undefined ? (value ?? null) : Buffer.from(value_b64, 'base64')
        return { partition, offset, ...decode(bytes) }
      })
      const spark = (expected.rows[batch] ?? [])
        .flatMap(({ rows }) => rows)
        .map(({ partition, offset, symbol, price, volume, timestamp }) => {
          if (typeof volume === 'bigint') deviating.set(`${partition}@${offset}`, { volume })
          return {
            ...{ partition, offset, symbol, timestamp },
            price: typeof price === 'string' ? Number(price) : price,
            volume: typeof volume === 'bigint' ? null : volume,
          }
        })
      expect(decoded.toSorted(byPlace)).toEqual(spark.toSorted(byPlace))
    })
    expect(deviating).toEqual(deviations.get(name) ?? new Map())
  })
})

interface Place {
  readonly partition: number
  readonly offset: number
}
const byPlace = (a: Place, b: Place): number => a.partition - b.partition || a.offset - b.offset

describe('a string column takes any value, as Spark writes it', () => {
  test.each([
    ['123', '123'],
    ['-0', '0'],
    ['1.50', '1.5'],
    ['1e3', '1000.0'],
    ['1e7', '1.0E7'],
    ['5e-324', '4.9E-324'],
    ['123456789012345678901234567890', '123456789012345678901234567890'],
    ['true', 'true'],
    ['null', null],
    ['NaN', '"NaN"'],
    ['-INF', '"-Infinity"'],
    ['1e309', '"Infinity"'],
    [
      '{ "a" : [ 1.50 , NaN, null, \'q"q\', "\\u0001\\n/\\/\\u00e9\\u007f"] , \'b\' : {} }',
      '{"a":[1.5,"NaN",null,"q\\"q","\\u0001\\n//é\x7f"],"b":{}}',
    ],
    ['["\\ud800", "😀"]', '["\\uD800","\\uD83D\\uDE00"]'],
    ['"a\\ud800b\\udc00\\ud83d\\ude00"', 'a?b?😀'],
    ["'it\\'s'", "it's"],
    ['""', ''],
  ])('%s', (value, symbol) => {
    expect(decode(`{"symbol":${value}}`)).toEqual({ ...nulls, symbol })
    expect(isCorrupt(`{"symbol":${value}}`)).toBe(false)
  })
})

describe('a number of the wrong kind is null, and the other columns are kept', () => {
  test.each([
    ['price', '"1"'],
    ['price', '"nan"'],
    ['price', '"INF"'],
    ['price', '""'],
    ['price', 'true'],
    ['price', '{"price":1}'],
    ['volume', '"1"'],
    ['volume', '1000.0'],
    ['volume', '1e3'],
    ['volume', 'NaN'],
    ['volume', '9007199254740991.4'],
    ['volume', '0.99999999999999999999'],
    ['volume', '9007199254740992'],
    ['volume', '-9007199254740993'],
    ['volume', '[1]'],
    ['timestamp', '1.0'],
    ['timestamp', '9223372036854775807'],
    ['timestamp', '8640000000000001'],
  ] as const)('%s: %s', (column, value) => {
    const text = `{"${column}":${value},"symbol":"A"}`
    expect(decode(text)).toEqual({ ...nulls, symbol: 'A' })
    expect(rowOf(corruptCodec, text)).toEqual({ ...nulls, symbol: 'A', corrupt: text })
  })
})

describe('a double takes these words, bare or in quotes', () => {
  test.each([
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['+Infinity', Number.POSITIVE_INFINITY],
    ['+INF', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['-INF', Number.NEGATIVE_INFINITY],
  ])('%s', (word, price) => {
    expect(decode(`{"price":${word}}`)).toEqual({ ...nulls, price })
    expect(decode(`{"price":"${word}"}`)).toEqual({ ...nulls, price })
  })
})

test('the zero of an integer has no sign, that of a fraction has', () => {
  expect(decode('{"price":-0,"volume":-0,"timestamp":-0}')).toEqual({ ...nulls, price: 0, volume: 0, timestamp: 0 })
  expect(decode('{"price":-0.0}')).toEqual({ ...nulls, price: -0 })
})

describe('the last of equal names counts', () => {
  test.each([
    ['{"price":1,"price":2}', 2, false],
    ['{"price":1,"price":null}', null, false],
    ['{"price":1,"price":"x"}', 1, true],
    ['{"price":"x","price":1}', 1, true],
  ])('%s', (text, price, corrupt) => {
    expect(decode(text)).toEqual({ ...nulls, price })
    expect(isCorrupt(text)).toBe(corrupt)
  })
})

describe('only what Spark calls corrupt is kept as text', () => {
  test.each([
    ['a tombstone', null, null],
    ['nothing', '', null],
    ['blanks', ' \n\t\r', null],
    ['an empty object', '{}', null],
    ['text after the object', '{} and so on', null],
    ['JSON null', 'null', 'null'],
    ['an array', '[{"price":1}]', '[{"price":1}]'],
    ['half an object', '{"symbol":"A"', '{"symbol":"A"'],
    ['a blank that JSON does not know', '\u00a0', '\u00a0'],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe]), '\ufffd\ufffd'],
  ])('%s', (_, value, corrupt) => {
    expect(decode(value)).toEqual(nulls)
    expect(rowOf(corruptCodec, value)).toEqual({ ...nulls, corrupt })
  })

  test('a field of the name of that column is no column', () => {
    expect(rowOf(corruptCodec, '{"corrupt":"x"}')).toEqual({ ...nulls, corrupt: null })
  })
})

describe('bytes that are not UTF-8 do not spoil a record', () => {
  test.each([
    ['bytes that never occur', '\xff\xfe', '\ufffd\ufffd'],
    ['half a surrogate pair, one character to Java', '\xed\xa0\x80', '\ufffd'],
    ['the same cut short', '\xed\xa0A', '\ufffdA'],
    ['a character cut short', '\xf0\x90\x80', '\ufffd'],
    ['overlong forms', '\xc0\x80\xe0\x80\x80', '\ufffd'.repeat(5)],
  ])('%s', (_, bytes, symbol) => {
    expect(decode(Buffer.from(`{"symbol":"${bytes}"}`, 'latin1'))).toEqual({ ...nulls, symbol })
  })
})

test('every kind of column reads what JSON can say', () => {
  const every = json(struct({ i: int(), b: boolean(), bytes: binary() }), { malformed: 'null' })
  const none = { i: null, b: null, bytes: null }
  expect(rowOf(every, '{"i":-2147483648,"b":false,"bytes":"qrs= "}')).toEqual({
    ...{ i: -(2 ** 31), b: false },
    bytes: Buffer.from([0xaa, 0xbb]),
  })
  expect(rowOf(every, '{"i":2147483648,"b":"true","bytes":"qrs"}')).toEqual(none)
  expect(rowOf(every, '{"i":-2147483649,"b":1,"bytes":"q?s="}')).toEqual(none)
})

test('the schema has nullable columns, the one for corrupt records last', () => {
  expect(Array.from(corruptCodec.schema.columns, ([name, { kind, isNullable }]) => [name, kind, isNullable])).toEqual([
    ['symbol', 'string', true],
    ['price', 'double', true],
    ['volume', 'long', true],
    ['timestamp', 'timestamp', true],
    ['corrupt', 'string', true],
  ])
  expect(Object.keys(rowOf(corruptCodec, '{"timestamp":1,"symbol":"A"}'))).toEqual([
    ...corruptCodec.schema.columns.keys(),
  ])
})

test('the types say that every column may be null', () => {
  interface Row {
    readonly symbol: string | null
    readonly price: number | null
    readonly volume: number | null
    readonly timestamp: number | null
  }
  expectTypeOf(codec).toEqualTypeOf<Codec<Row>>()
  expectTypeOf(decode('{}')).toEqualTypeOf<Row>()
  expectTypeOf(rowOf(corruptCodec, '{}').corrupt).toEqualTypeOf<string | null>()
  expectTypeOf(rowOf(corruptCodec, '{}').price).toEqualTypeOf<number | null>()
  expectTypeOf(rowOf(json(Tick, { malformed: 'drop' }), JSON.stringify(aTick())).price).toEqualTypeOf<number>()
  // The literal name must also survive where `decode` gives the call a type to aim at.
  const { where } = stream('bad')
    .readKafka({ topic: 'stock-ticks' })
    .decode(json(Tick, { malformed: 'null', corruptRecordColumn: 'bad' }))
  where(({ price, bad }) => {
    expectTypeOf(price).toEqualTypeOf<number | null>()
    expectTypeOf(bad).toEqualTypeOf<string | null>()
    return true
  })
  // @ts-expect-error no such column without corruptRecordColumn
  expect(decode('{}').corrupt).toBeUndefined()
})

describe('a column for corrupt records is refused', () => {
  test.each(['symbol', '', '0', '__proto__'])('under the name %j', (corruptRecordColumn) => {
    expect(() => json(Tick, { malformed: 'null', corruptRecordColumn })).toThrow(
      expect.objectContaining({ code: 'SCHEMA_INVALID' }),
    )
  })
  test('under another policy', () => {
    // @ts-expect-error
    expect(() => json(Tick, { malformed: 'drop', corruptRecordColumn: 'corrupt' })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })
})

property.prop([
  fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    mutated.map((text) => Buffer.from(text)),
  ),
])('whatever the bytes, there is a row with the columns of the schema', (bytes) => {
  const row = decode(Buffer.from(bytes))
  expect(Object.keys(row)).toEqual(['symbol', 'price', 'volume', 'timestamp'])
  expect(row.symbol?.isWellFormed() ?? true).toBe(true)
})

property.prop([
  fc.record({
    symbol: fc.string({ unit: 'grapheme' }),
    price: fc.double({ noNaN: true, noDefaultInfinity: true }),
    volume: fc.maxSafeInteger(),
    // In seconds they would be beyond the year 9999; a smaller number is of seconds here.
    timestamp: fc.integer({ min: 253_402_300_800, max: timestampRangeMs.max }),
  }),
])('what the strict policies accept is the same row here', (tick) => {
  const record = aRecord({ value: tick })
  const strict = json(Tick).decode(record)
  expect(strict.kind).toBe('row')
  expect(codec.decode(record)).toEqual(strict)
  expect(corruptCodec.decode(record)).toEqual({
    kind: 'row',
    row: { ...JSON.parse(JSON.stringify(tick)), corrupt: null },
  })
})
