// One query over several topics, which have the same partitions and offsets: rows are told apart by topic, the watermark waits for
// all partitions of all topics, and each topic may have a codec of its own.

import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  byTopic,
  count,
  decoded,
  double,
  first,
  json,
  kafkaHandler,
  last,
  long,
  maxBy,
  memoryDeadLetters,
  memoryState,
  type Stream,
  stream,
  string,
  struct,
  sum,
  timestamp,
  topicBatch,
  window,
} from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { anEvent, aRecord, keepingSink, openingBellMs } from '../../builders.ts'

const sinks = [keepingSink()]
const Trade = struct({ symbol: string(), price: double(), at: timestamp() })
const source = stream('q').readKafka({ topics: ['trades', 'old'] })
const aTrade = (topic: string, price: number, aheadMs = 0, more: object = {}) => ({
  topic,
  value: JSON.stringify({ symbol: 'A', price, at: openingBellMs + aheadMs }),
  ...more,
})
type RowOf<S> = S extends Stream<infer Row, infer _> ? Row : never

test('rows have the ids of their topics, and progress lists the topics', async () => {
  const query = source.withKafkaColumns('topic').decode(json(Trade)).writeStream({ sinks })
  const driver = testDriver(query)
  const { emitted, progress } = await driver.addRecords([aTrade('trades', 1), aTrade('old', 2), aTrade('trades', 3)])
  expect(emitted.map(({ id, row: { topic, price } }) => [id, topic, price])).toEqual([
    ['old-0-0', 'old', 2],
    ['trades-0-0', 'trades', 1],
    ['trades-0-1', 'trades', 3],
  ])
  expect(progress.sources).toEqual([
    {
      description: 'KafkaV2[Subscribe[trades, old]]',
      startOffset: { old: { 0: 0 }, trades: { 0: 0 } },
      endOffset: { old: { 0: 1 }, trades: { 0: 2 } },
      numInputRows: 3,
    },
  ])
})

describe('an aggregation', () => {
  const bars = (topics: readonly string[]) =>
    stream('bars')
      .readKafka({ topics })
      .decode(json(Trade))
      .withWatermark('at', '10 seconds')
      .groupBy(window('at', '10 seconds'), 'symbol')
      .agg({
        n: count(),
        total: sum('price'),
        first: first('price'),
        last: last('price'),
        top: maxBy('price', 'symbol'),
      })
  const query = bars(['trades', 'old']).writeStream({ outputMode: 'append', sinks })

  test('waits for every partition of every topic', async () => {
    const driver = testDriver(query, { partitions: { trades: 2, old: 1 } })
    await driver.addRecords([aTrade('trades', 1), aTrade('trades', 2, 60_000, { partition: 1 })])
    expect(driver.watermarkMs).toBe(0)
    const waiting = await driver.addRecords([aTrade('trades', 3, 60_000)])
    expect(waiting.progress.eventTime?.heldBackBy?.partition).toBe('old-0')
    const { rows } = await driver.addRecords([aTrade('old', 4, 5_000), aTrade('old', 5, 61_000)])
    expect(rows).toMatchObject([{ n: 2, total: 5 }])
    expect(driver.watermarkMs).toBe(openingBellMs + 50_000)
  })

  test('orders rows at the same partition and offset by topic, whichever comes first', async () => {
    const update = bars(['trades', 'old']).writeStream({ outputMode: 'update', sinks })
    const expected = { n: 2, first: 2, last: 1, top: 1 }
    for (const order of [
      ['trades', 'old'],
      ['old', 'trades'],
    ] as const) {
      const driver = testDriver(update)
      for (const topic of order) await driver.addRecords([aTrade(topic, topic === 'old' ? 2 : 1, 0, { offset: 7 })])
      await driver.restart()
      expect((await driver.redeliver()).rows).toMatchObject([expected])
    }
    const batch = topicBatch(update)
    await batch.add(['trades', 'old'].map((topic) => aRecord({ ...aTrade(topic, topic === 'old' ? 2 : 1), offset: 7 })))
    expect(batch.topics).toEqual(['trades', 'old'])
    expect(batch.result().rows).toMatchObject([expected])
  })

  test('keeps its state when its topics are named in another order, and not with another topic', async () => {
    const state = memoryState()
    const run = (topics: readonly string[]) =>
      testDriver(bars(topics).writeStream({ outputMode: 'update', sinks }), { state })
    await run(['trades', 'old']).addRecords([aTrade('old', 1)])
    const again = await run(['old', 'trades']).addRecords([aTrade('trades', 2)])
    expect(again.rows).toMatchObject([{ n: 2, total: 3 }])
    await expect(run(['old']).addRecords([aTrade('old', 1)])).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' })
  })

  test('is told the partitions of each', () => {
    const options = { state: memoryState(), deadLetters: memoryDeadLetters() }
    expect(() => kafkaHandler(query, { ...options, partitions: { trades: 1 } })).toThrow(
      'partitions says nothing of the topic old',
    )
    expect(() => kafkaHandler(query, { ...options, partitions: { trades: 1, old: 0 } })).toThrow('partitions is 0')
    expect(() => kafkaHandler(query, options)).toThrow('needs the number of partitions')
  })
})

test('the handler takes the records of each of its topics, one topic a batch as mappings send them, and of no other', async () => {
  const query = source
    .decode(json(Trade))
    .groupBy('symbol')
    .agg({ n: count(), total: sum('price') })
    .writeStream({ outputMode: 'update', sinks: [keepingSink()] })
  const handler = kafkaHandler(query, { state: memoryState(), deadLetters: memoryDeadLetters() })
  const eventOf = (topic: string, price: number) => anEvent([aRecord({ ...aTrade(topic, price), key: null })])
  await handler(eventOf('trades', 1))
  const { sink, sources } = await handler(eventOf('old', 2))
  expect([sink.numOutputRows, sources[0]?.startOffset]).toEqual([1, { old: { 0: 0 } }])
  const [written] = query.sinks as unknown as readonly [ReturnType<typeof keepingSink>]
  expect(written.batches.at(-1)?.[0]?.row).toEqual({ symbol: 'A', n: 2, total: 3 })
  await expect(handler(eventOf('other', 1))).rejects.toThrow(
    'q reads the topics trades, old, and the event has records of other',
  )
})

describe('a codec for each topic', () => {
  const Old = struct({ symbol: string(), cents: long() })

  test('gives rows with the columns of all, null where a topic has none', async () => {
    const rows = source.decode(byTopic({ trades: json(Trade), old: json(Old, { many: 'lines' }) }))
    expectTypeOf<RowOf<typeof rows>>().toEqualTypeOf<{
      readonly symbol: string
      readonly price: number | null
      readonly at: number | null
      readonly cents: number | null
    }>()
    const { emitted, deadLetters } = await testDriver(rows.writeStream({ sinks })).addRecords([
      aTrade('trades', 1.5),
      { topic: 'old', value: '{"symbol":"B","cents":7}\n{"symbol":"C"}' },
    ])
    expect(emitted).toEqual([
      { id: 'old-0-0#0', row: { symbol: 'B', price: null, at: null, cents: 7 } },
      { id: 'trades-0-0#0', row: { symbol: 'A', price: 1.5, at: openingBellMs, cents: null } },
    ])
    expect(deadLetters.map(({ id, value }) => `${id} ${value}`)).toEqual(['old-0-0#1 {"symbol":"C"}'])
  })

  test('has ids without numbers where each record is one row, and may unify rows', async () => {
    const query = source
      .decode(
        byTopic({ trades: json(Trade), old: json(Old) }),
        ({ symbol, price, cents }) => ({ symbol, price: price ?? (cents ?? 0) / 100 }),
        { price: double() },
      )
      .writeStream({ sinks })
    const { emitted } = await testDriver(query).addRecords([
      aTrade('trades', 1.5),
      { topic: 'old', value: '{"symbol":"B","cents":750}' },
    ])
    expect(emitted.map(({ id, row }) => [id, row.symbol, row.price])).toEqual([
      ['old-0-0', 'B', 7.5],
      ['trades-0-0', 'A', 1.5],
    ])
  })

  test('prepares each for its own records, and holds what it gives', async () => {
    const seen: (readonly string[])[] = []
    const own = {
      schema: Old,
      malformed: 'deadLetter',
      async prepare(records: readonly { readonly topic: string }[]) {
        seen.push(records.map(({ topic }) => topic))
      },
      decode: () => decoded({ symbol: 'B', cents: 'many' as never }),
    } as const
    const query = source.decode(byTopic({ trades: json(Trade), old: own })).writeStream({ sinks })
    const { rows, deadLetters } = await testDriver(query).addRecords([
      aTrade('trades', 1),
      { topic: 'old', value: 'x' },
    ])
    expect([rows.length, seen]).toEqual([1, [['old']]])
    expect(deadLetters).toMatchObject([{ id: 'old-0-0', reason: 'WRONG_SHAPE' }])
  })

  test('is refused in words where it cannot be', () => {
    expect(() => source.decode(byTopic({ trades: json(Trade) }))).toThrow('byTopic has no codec for old')
    expect(() => byTopic({ a: json(Trade), b: json(struct({ price: string() })) })).toThrow(
      'byTopic: `price` is of type double in a, string in b',
    )
    expect(() => byTopic({ a: json(Trade), b: json(Trade, { malformed: 'drop' }) })).toThrow(/"deadLetter".* "drop"/)
    expect(() => byTopic({})).toThrow('name a topic')
  })
})

test('topics that cannot be are refused when the query is built', () => {
  expect(() => stream('q').readKafka({ topics: [] })).toThrow('names no topic')
  expect(() => stream('q').readKafka({ topics: ['a', 'b', 'a'] })).toThrow('names the topic a twice')
  const keyed = { topics: ['a', 'b'], keyedBy: 'symbol' }
  // @ts-expect-error: keyedBy is for one topic
  expect(() => stream('q').readKafka(keyed)).toThrow('keyedBy is for one topic')
})
