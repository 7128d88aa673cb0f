// What stands between the record and the codec: conditions on the record, what a tombstone is, and columns that rows take from
// their records.

import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  binary,
  type Codec,
  consoleSink,
  count,
  decoded,
  double,
  header,
  json,
  kafkaColumn,
  type Stream,
  stream,
  string,
  struct,
  timestamp,
  topicBatch,
} from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { aRecord, keepingSink } from '../../builders.ts'

const sinks = [keepingSink()]
const Quote = struct({ symbol: string(), price: double() })
const quote = (symbol: string, price = 1) => JSON.stringify({ symbol, price })
const headed = (value: string | null, ...headers: readonly (readonly [string, string | Buffer | null])[]) => ({
  value,
  headers: headers.map(([key, text]) => ({ key, value: text === null ? null : Buffer.from(text) })),
})
const kafka = stream('q').readKafka({ topic: 't' })
type RowOf<S> = S extends Stream<infer Row, infer _> ? Row : never

describe('where before decode', () => {
  test('sees the record, and what it leaves out is not decoded: no row, no dead letter', async () => {
    const seen: string[] = []
    const codec: Codec<{ readonly symbol: string; readonly price: number }> = {
      ...json(Quote),
      async prepare(records) {
        seen.push(...records.map(({ value }) => String(value)))
      },
    }
    const query = kafka
      .where(({ key }) => key?.toString() === 'k')
      .where(({ headers }) => headers.some(({ key, value }) => key === 'type' && String(value) === 'quote'))
      .decode(codec)
      .writeStream({ sinks })
    const { emitted, deadLetters, progress } = await testDriver(query).addRecords([
      { ...headed(quote('A'), ['type', 'quote']), key: 'k' },
      { ...headed('not json', ['type', 'trade']), key: 'k' },
      { ...headed('not json', ['type', 'quote']), key: 'other' },
      { ...headed('not json', ['type', 'quote']), key: 'k' },
    ])
    expect(emitted).toEqual([{ id: 't-0-0', row: { symbol: 'A', price: 1 } }])
    expect(deadLetters.map(({ id, reason }) => `${id} ${reason}`)).toEqual(['t-0-3 NOT_JSON'])
    expect(progress.numInputRows).toBe(4)
    expect(seen).toEqual([quote('A'), 'not json'])
  })

  test('that throws, or gives no answer, sets the record aside', async () => {
    const query = kafka
      .where(({ key }) => {
        if (key === null) throw new Error('no key')
        return key.toString() as never
      })
      .decode(json(Quote))
      .writeStream({ sinks })
    const { deadLetters } = await testDriver(query).addRecords([{ value: quote('A') }, { value: quote('A'), key: 'k' }])
    expect(deadLetters.map(({ id, reason }) => `${id} ${reason}`)).toEqual([
      't-0-0 FUNCTION_FAILED',
      't-0-1 WRONG_SHAPE',
    ])
    expect(String(deadLetters[0]?.value)).toBe(quote('A'))
  })

  test('stays a condition where nothing decodes the records', async () => {
    const query = kafka.where(({ offset }) => offset > 0).writeStream({ sinks })
    const { rows } = await testDriver(query).addRecords([{ value: 'a' }, { value: 'b' }])
    expect(rows.map(({ value }) => String(value))).toEqual(['b'])
  })

  test('holds for records of several rows, too', async () => {
    const query = kafka
      .where(({ partition }) => partition === 1)
      .decode(json(Quote, { many: 'lines' }))
      .writeStream({ sinks })
    const { rows, deadLetters } = await testDriver(query, { partitions: 2 }).addRecords([
      { value: '[', partition: 0 },
      { value: `${quote('A')}\n${quote('B')}`, partition: 1 },
    ])
    expect([rows.length, deadLetters.length]).toEqual([2, 0])
  })
})

describe('tombstones', () => {
  test('have three ends and no other', () => {
    // @ts-expect-error: no such end
    expect(() => stream('q').readKafka({ topic: 't', tombstones: 'null' })).toThrow(
      'q: tombstones is "null"; expected one of deadLetter, drop, row.',
    )
  })

  const records = [
    { value: quote('A'), key: 'A' },
    { value: null, key: 'B' },
  ]

  test("are the codec's business where nothing is said", async () => {
    const strict = await testDriver(kafka.decode(json(Quote)).writeStream({ sinks })).addRecords(records)
    expect(strict.deadLetters.map(({ reason }) => reason)).toEqual(['TOMBSTONE'])
    const lenient = await testDriver(
      kafka.decode(json(Quote, { malformed: 'null' })).writeStream({ sinks }),
    ).addRecords(records)
    expect(lenient.rows[1]).toEqual({ symbol: null, price: null })
  })

  test.each([undefined, 'lines'] as const)(
    'are dead letters, whatever the policy of the codec is (many: %s)',
    async (many) => {
      const source = stream('q').readKafka({ topic: 't', tombstones: 'deadLetter' })
      const streams =
        many === undefined
          ? [source.decode(json(Quote, { malformed: 'drop' })), source.decode(json(Quote, { malformed: 'fail' }))]
          : [
              source.decode(json(Quote, { malformed: 'drop', many })),
              source.decode(json(Quote, { malformed: 'fail', many })),
            ]
      for (const rows of streams) {
        const { deadLetters, progress } = await testDriver(rows.writeStream({ sinks })).addRecords(records)
        expect(deadLetters).toMatchObject([{ id: 't-0-1', reason: 'TOMBSTONE', value: null }])
        expect(progress.numDroppedMalformed).toBe(0)
      }
      const lenient = source.decode(json(Quote, { malformed: 'null' })).writeStream({ sinks })
      expect((await testDriver(lenient).addRecords(records)).deadLetters).toMatchObject([{ reason: 'TOMBSTONE' }])
    },
  )

  test.each([undefined, 'lines'] as const)('are dropped and counted (many: %s)', async (many) => {
    const source = stream('q').readKafka({ topic: 't', tombstones: 'drop' })
    const rows = many === undefined ? source.decode(json(Quote)) : source.decode(json(Quote, { many }))
    const batch = await testDriver(rows.writeStream({ sinks })).addRecords(records)
    expect(batch.rows).toEqual([{ symbol: 'A', price: 1 }])
    expect([batch.deadLetters.length, batch.progress.numDroppedMalformed]).toEqual([0, 1])
  })

  test('are rows of nulls, which may say by their keys what is gone', async () => {
    const source = stream('q').readKafka({ topic: 't', tombstones: 'row' })
    const rows = source.withKafkaColumns(kafkaColumn('key', string())).decode(json(Quote))
    expectTypeOf<RowOf<typeof rows>>().toEqualTypeOf<{
      readonly symbol: string | null
      readonly price: number | null
      readonly key: string | null
    }>()
    const batch = await testDriver(rows.writeStream({ sinks })).addRecords(records)
    expect(batch.rows).toEqual([
      { symbol: 'A', price: 1, key: 'A' },
      { symbol: null, price: null, key: 'B' },
    ])
    const mapped = source.decode(json(Quote), (value, { key }) => ({ gone: value.symbol === null, key: String(key) }))
    expect((await testDriver(mapped.writeStream({ sinks })).addRecords(records)).rows[1]).toEqual({
      gone: true,
      key: 'B',
    })
    const many = source.decode(json(Quote, { many: 'array' }))
    expect((await testDriver(many.writeStream({ sinks })).addRecords([{ value: null }])).rows).toEqual([
      { symbol: null, price: null },
    ])
  })
})

describe('columns of the record', () => {
  const all = kafka.withKafkaColumns(
    'offset',
    'partition',
    'topic',
    'key',
    kafkaColumn('timestamp').as('writtenAt'),
    header('trace'),
    header('sig', binary()).as('signature'),
  )

  test('come after those of the codec, each of its type', async () => {
    const rows = all.decode(json(Quote))
    expectTypeOf<RowOf<typeof rows>>().toEqualTypeOf<{
      readonly symbol: string
      readonly price: number
      readonly offset: number
      readonly partition: number
      readonly topic: string
      readonly key: Buffer | null
      readonly writtenAt: number
      readonly trace: string | null
      readonly signature: Buffer | null
    }>()
    let printed = ''
    const query = rows.writeStream({ sinks: [consoleSink({ showQuery: false, write: (text) => (printed = text) })] })
    const batch = await testDriver(query).addRecords([
      {
        ...headed(quote('A'), ['trace', 'first'], ['sig', Buffer.of(1, 255)], ['trace', 'last']),
        key: 'k',
        timestamp: 5,
      },
      headed(quote('B'), ['trace', null]),
    ])
    expect(batch.rows).toEqual([
      {
        ...{ symbol: 'A', price: 1, offset: 0, partition: 0, topic: 't', key: Buffer.from('k'), writtenAt: 5 },
        ...{ trace: 'last', signature: Buffer.of(1, 255) },
      },
      {
        ...{ symbol: 'B', price: 1, offset: 1, partition: 0, topic: 't', key: null, writtenAt: 0 },
        ...{ trace: null, signature: null },
      },
    ])
    expect(printed).toContain('|     A|  1.0|     0|        0|    t|[6B]|')
    expect(printed).toContain('|1970-01-01 00:00:...|')
  })

  test('can be grouped by, be the event time, and stand beside a function of decode', async () => {
    const query = kafka
      .withKafkaColumns(header('trace'), kafkaColumn('timestamp'))
      .where(({ key }) => key === null)
      .decode(json(Quote), ({ price }) => ({ price }))
      .withWatermark('timestamp', '10 seconds')
      .groupBy('trace')
      .agg({ n: count() })
      .writeStream({ outputMode: 'update', sinks })
    const records = [headed(quote('A'), ['trace', 'x']), headed(quote('B'), ['trace', 'x']), headed(quote('C'))]
    const { rows } = await testDriver(query).addRecords(records.map((record) => ({ ...record, timestamp: 60_000 })))
    expect(rows).toEqual([
      { trace: 'x', n: 2 },
      { trace: null, n: 1 },
    ])
    const batch = topicBatch(query)
    await batch.add(
      records.map(({ headers, value }, offset) => aRecord({ topic: 't', headers, value, offset, key: null })),
    )
    expect(batch.result().numRows).toBe(2)
  })

  test('are those of the record in each of its rows', async () => {
    const query = kafka
      .withKafkaColumns('offset')
      .decode(json(Quote, { many: 'array' }))
      .writeStream({ sinks })
    const { rows } = await testDriver(query).addRecords([{ value: '[]' }, { value: `[${quote('A')},${quote('B')}]` }])
    expect(rows.map(({ symbol, offset }) => [symbol, offset])).toEqual([
      ['A', 1],
      ['B', 1],
    ])
  })

  test('that are no text are a dead letter of the record', async () => {
    const query = kafka
      .withKafkaColumns(kafkaColumn('key', string()), header('trace'))
      .decode(json(Quote))
      .writeStream({ sinks })
    const { rows, deadLetters } = await testDriver(query).addRecords([
      { ...headed(quote('A'), ['trace', Buffer.of(0xff)]), key: 'k' },
      { ...headed(quote('B')), key: Buffer.of(0xc3) },
      headed(quote('C'), ['trace', '\ufeffé']),
    ])
    expect(rows).toMatchObject([{ symbol: 'C', key: null, trace: '\ufeffé' }])
    expect(deadLetters.map(({ id, reason, detail }) => `${id} ${reason} ${detail}`)).toEqual([
      't-0-0 NOT_UTF8 the header "trace" is not UTF-8 text',
      't-0-1 NOT_UTF8 the key is not UTF-8 text',
    ])
  })

  test('in the test driver are columns of the rows', async () => {
    const query = kafka.withKafkaColumns('offset', header('trace')).decode(json(Quote)).writeStream({ sinks })
    const { rows } = await testDriver(query).addRows([{ symbol: 'A', price: 1, offset: 7, trace: null }])
    expect(rows).toEqual([{ symbol: 'A', price: 1, offset: 7, trace: null }])
  })

  test('are refused under a name that is a column already, and in a type that bytes do not have', () => {
    const own = json(struct({ key: string(), timestamp: timestamp() }))
    expect(() => kafka.withKafkaColumns('key').decode(own)).toThrow(
      /withKafkaColumns adds `key`, which is a column already/,
    )
    expect(() => kafka.withKafkaColumns('offset', header('offset')).decode(own)).toThrow(/adds `offset`/)
    // @ts-expect-error: a header is text or bytes
    expect(() => header('n', double())).toThrow(/header: its bytes are text or bytes, and not of type double/)
    // @ts-expect-error: no such column
    expect(() => kafka.withKafkaColumns('headers')).toThrow(/a record has no column `headers`/)
  })
})

test('a codec may still look at the whole record', async () => {
  const codec: Codec<{ readonly symbol: string }> = {
    schema: struct({ symbol: string() }),
    malformed: 'deadLetter',
    decode: ({ headers }) => decoded({ symbol: String(headers[0]?.value) }),
  }
  const { rows } = await testDriver(kafka.decode(codec).writeStream({ sinks })).addRecords([headed(null, ['s', 'A'])])
  expect(rows).toEqual([{ symbol: 'A' }])
})
