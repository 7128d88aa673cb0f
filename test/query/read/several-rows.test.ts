// One record, many rows: each row counts once, is known by its record and its number in it, and is bad by itself.

import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  aggregate,
  count,
  deadLetter,
  decoded,
  double,
  first,
  json,
  last,
  long,
  type ManyCodec,
  malformed,
  maxBy,
  minBy,
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
import { aRecord, keepingSink, openingBellMs } from '../../builders.ts'

const sinks = [keepingSink()]
const kafka = stream('q').readKafka({ topic: 't' })

interface Trade {
  readonly s: string
  readonly p: number
  readonly t: number
  readonly v: number
}

/** The messages of a market data API: `{"type":"trade","data":[{"s":…,"p":…,"t":…,"v":…},…]}`. */
const messages = kafka.decode(json(struct({ type: string() })), ({ type }, { value }) => ({
  type,
  data: JSON.parse(String(value)).data as readonly Trade[] | null,
}))
const aMessage = (...data: readonly (Partial<Trade> | null | string)[]) => ({
  value: JSON.stringify({
    type: 'trade',
    data: data.map((trade) =>
      typeof trade === 'object' && trade !== null ? { s: 'XYZ', p: 10.5, t: openingBellMs, v: 3, ...trade } : trade,
    ),
  }),
})

const trades = messages.flatMap(
  ({ data }) => (data ?? []).map(({ s, p, t, v }) => ({ symbol: s, price: p, at: t, volume: v })),
  { symbol: string(), price: double(), at: timestamp(), volume: long() },
)

describe('flatMap', () => {
  const query = trades.writeStream({ sinks })

  test('makes the trades of a message rows, with the ids of their places in it', async () => {
    const driver = testDriver(query)
    const value =
      '{"type":"trade","data":[{"s":"XYZ","p":10.5,"t":1767623400000,"v":3},{"s":"XYZ","p":11,"t":1767623400005,"v":4}]}'
    const { emitted, progress } = await driver.addRecords([{ value }, aMessage()])
    expect(emitted).toEqual([
      { id: 't-0-0#0', row: { symbol: 'XYZ', price: 10.5, at: 1_767_623_400_000, volume: 3 } },
      { id: 't-0-0#1', row: { symbol: 'XYZ', price: 11, at: 1_767_623_400_005, volume: 4 } },
    ])
    expect(progress).toMatchObject({ numInputRows: 2, sink: { numOutputRows: 2 } })
    expect((await driver.redeliver()).emitted).toEqual(emitted)
  })

  test('sets a bad row aside by its number, and the others go on', async () => {
    const { rows, deadLetters } = await testDriver(query).addRecords([
      aMessage({ v: 1 }, { p: 'much' as never }, { v: 3 }),
    ])
    expect(rows.map(({ volume }) => volume)).toEqual([1, 3])
    expect(deadLetters).toMatchObject([
      {
        id: 't-0-0#1',
        offset: 0,
        index: 1,
        reason: 'WRONG_SHAPE',
        detail: 'column price: expected a number, got "much" from the function of flatMap',
      },
    ])
    expect(String(deadLetters[0]?.value)).toContain('"type":"trade"')
  })

  test('sets the record aside where the function throws, and what it says by deadLetter', async () => {
    const strict = messages.flatMap(({ data }) => {
      if (data === null) throw new Error('no data')
      if (data.length === 0) return deadLetter('NOTHING')
      return data.map((trade) => (trade.v > 0 ? { v: trade.v } : deadLetter('NO_VOLUME', `${trade.v}`)))
    })
    const { rows, deadLetters } = await testDriver(strict.writeStream({ sinks })).addRecords([
      { value: '{"type":"trade","data":null}' },
      aMessage(),
      aMessage({ v: 1 }, { v: 0 }, { v: 2 }),
    ])
    expect(rows).toEqual([{ v: 1 }, { v: 2 }])
    expect(deadLetters.map(({ id, reason }) => `${id} ${reason}`)).toEqual([
      't-0-0 FUNCTION_FAILED',
      't-0-1 NOTHING',
      't-0-2#1 NO_VOLUME',
    ])
    expect(String(deadLetters[0]?.value)).toBe('{"type":"trade","data":null}')
  })

  test('takes any iterable of rows, and nothing else', async () => {
    const { rows, deadLetters } = await testDriver(
      kafka
        .decode(json(struct({ n: long() })))
        .flatMap(function* ({ n }): Generator<{ i: number }> {
          for (let i = 0; i < n; i += 1) yield { i }
        })
        .writeStream({ sinks }),
    ).addRecords([{ value: '{"n":2}' }, { value: '{"n":1000000}' }, { value: '{"n":0}' }])
    expect(rows).toEqual([{ i: 0 }, { i: 1 }])
    expect(deadLetters).toMatchObject([{ id: 't-0-1', reason: 'TOO_MANY_ROWS' }])
    for (const given of ['text', 7, {}, Promise.resolve([])] as const) {
      const wrong = kafka.decode(json(struct({ n: long() }))).flatMap(() => given as never)
      const batch = await testDriver(wrong.writeStream({ sinks })).addRecords([{ value: '{"n":2}' }])
      expect(batch.deadLetters).toMatchObject([{ id: 't-0-0', reason: 'WRONG_SHAPE' }])
    }
  })

  test('a record of more than 1,000 bad rows is one dead letter', async () => {
    const { rows, deadLetters } = await testDriver(query).addRecords([
      aMessage({ v: 1 }, ...Array.from({ length: 1_001 }, () => ({ s: 7 as never }))),
      aMessage({ v: 2 }),
    ])
    expect(rows.map(({ volume }) => volume)).toEqual([2])
    expect(deadLetters).toMatchObject([{ id: 't-0-0', reason: 'TOO_MANY_BAD_ROWS' }])
  })
})

describe('explode', () => {
  const lists = kafka.decode(json(struct({ id: string() })), ({ id }, { value }) => ({
    id,
    xs: JSON.parse(String(value)).xs as readonly (number | null)[] | null,
  }))
  const records = [
    { value: '{"id":"a","xs":[1,null,2]}' },
    { value: '{"id":"b","xs":[]}' },
    { value: '{"id":"c","xs":null}' },
  ]

  test('is a row for each element, nulls too, in the place of the list or beside it', async () => {
    const { rows } = await testDriver(lists.explode('xs').writeStream({ sinks })).addRecords(records)
    expect(rows).toEqual([
      { id: 'a', xs: 1 },
      { id: 'a', xs: null },
      { id: 'a', xs: 2 },
    ])
    const beside = await testDriver(lists.explode('xs', 'x').select('id', 'x').writeStream({ sinks })).addRecords(
      records,
    )
    expect(beside.rows.map(({ x }) => x)).toEqual([1, null, 2])
  })

  test('explodeOuter keeps rows without elements', async () => {
    const { emitted } = await testDriver(
      lists.explodeOuter('xs', 'x').select('id', 'x').writeStream({ sinks }),
    ).addRecords(records)
    expect(emitted.map(({ id, row: { id: name, x } }) => [id, name, x])).toEqual([
      ['t-0-0#0', 'a', 1],
      ['t-0-0#1', 'a', null],
      ['t-0-0#2', 'a', 2],
      ['t-0-1#0', 'b', null],
      ['t-0-2#0', 'c', null],
    ])
  })

  test('holds elements to a type, and says what is no list', async () => {
    const { rows, deadLetters } = await testDriver(
      lists.explode('xs', 'x', long().nullable()).select('x').writeStream({ sinks }),
    ).addRecords([{ value: '{"id":"a","xs":[1,"two",2.5,3]}' }])
    expect(rows).toEqual([{ x: 1 }, { x: 3 }])
    expect(deadLetters.map(({ id, detail }) => `${id} ${detail}`)).toEqual([
      't-0-0#1 column x: expected an integer up to 2^53 - 1 or null, got "two" from explode of `xs`',
      't-0-0#2 column x: expected an integer up to 2^53 - 1 or null, got 2.5 from explode of `xs`',
    ])
    const noList = await testDriver(lists.explode('xs').writeStream({ sinks })).addRecords([
      { value: '{"id":"a","xs":{"a":1}}' },
    ])
    expect(noList.deadLetters).toMatchObject([
      { id: 't-0-0', detail: 'column xs: explode expected a list or null, got {"a":1}' },
    ])
  })

  test('two in a row make all pairs, numbered through', async () => {
    const { emitted } = await testDriver(
      lists
        .explode('xs', 'x')
        .explode('xs', 'y')
        .where(({ x, y }) => x !== y)
        .select('x', 'y')
        .writeStream({ sinks }),
    ).addRecords([{ value: '{"id":"a","xs":[1,2]}' }])
    expect(emitted).toEqual([
      { id: 't-0-0#1', row: { x: 1, y: 2 } },
      { id: 't-0-0#2', row: { x: 2, y: 1 } },
    ])
  })
})

describe('a codec of several rows', () => {
  const Quote = struct({ s: string(), p: double() })
  const value = '[{"s":"A","p":1},{"s":"B","p":"x"},{"s":"C","p":3}]'

  test('has dead letters of its elements, with their bytes', async () => {
    const query = kafka.decode(json(Quote, { many: 'array' })).writeStream({ sinks })
    const { emitted, deadLetters, progress } = await testDriver(query).addRecords([
      { value, key: 'k' },
      { value: '[{}' },
    ])
    expect(emitted.map(({ id, row }) => `${id} ${row.s}`)).toEqual(['t-0-0#0 A', 't-0-0#2 C'])
    expect(deadLetters.map(({ id, reason, value, key }) => [id, reason, String(value), key && String(key)])).toEqual([
      ['t-0-0#1', 'WRONG_SHAPE', '{"s":"B","p":"x"}', 'k'],
      ['t-0-1', 'NOT_JSON', '[{}', null],
    ])
    expect(progress).toMatchObject({ numInputRows: 2, numDeadLetters: 2 })
  })

  test('drops elements, or fails naming one, as its policy says', async () => {
    const dropping = kafka.decode(json(Quote, { many: 'array', malformed: 'drop' })).writeStream({ sinks })
    const { rows, progress } = await testDriver(dropping).addRecords([{ value }, { value: '[' }])
    expect([rows.length, progress.numDroppedMalformed]).toEqual([2, 2])
    const failing = kafka.decode(json(Quote, { many: 'lines', malformed: 'fail' })).writeStream({ sinks })
    await expect(testDriver(failing).addRecords([{ value: '{"s":"A","p":1}\n{"p":"x"}' }])).rejects.toMatchObject({
      code: 'RECORD_MALFORMED',
      message: expect.stringContaining('q: t-0@0#1 is bad (WRONG_SHAPE'),
      at: { offset: 0 },
    })
  })

  test("of one's own is held to its schema, and may throw", async () => {
    const codec: ManyCodec<{ readonly s: string; readonly p: number }> = {
      schema: Quote,
      malformed: 'deadLetter',
      decodeMany({ value }) {
        const parts = String(value).split(';')
        if (parts.length > 3) throw new Error('too long')
        if (parts.length > 2) return malformed('NOT_MINE', 'three parts')
        return {
          kind: 'rows',
          elements: parts.map((p) => decoded({ s: 'A', p: p === 'x' ? ('x' as never) : Number(p) })),
        }
      },
    }
    const { rows, deadLetters } = await testDriver(kafka.decode(codec).writeStream({ sinks })).addRecords(
      ['1;2', '3;x', '1;2;3', '1;2;3;4'].map((text) => ({ value: text })),
    )
    expect(rows.map(({ p }) => p)).toEqual([1, 2, 3])
    expect(deadLetters.map(({ id, reason }) => `${id} ${reason}`)).toEqual([
      't-0-1#1 WRONG_SHAPE',
      't-0-2 NOT_MINE',
      't-0-3 CODEC_FAILED',
    ])
  })
})

describe('an aggregation', () => {
  const bars = (change: (rows: typeof trades) => typeof trades = (rows) => rows) =>
    change(trades)
      .withWatermark('at', '10 seconds')
      .groupBy(window('at', '10 seconds'), 'symbol')
      .agg({
        n: count(),
        volume: sum('volume'),
        open: minBy('price', 'at'),
        close: maxBy('price', 'at'),
        first: first('price'),
        last: last('price'),
      })
  const prices = (...all: readonly number[]) => aMessage(...all.map((p) => ({ p })))

  test('counts each row once, and orders those of one record by their numbers', async () => {
    for (const shards of [1, 3]) {
      const driver = testDriver(bars().writeStream({ outputMode: 'update', sinks }), { shards })
      const { rows } = await driver.addRecords([prices(3, 1, 2), prices(5, 4)])
      const bar = { symbol: 'XYZ', n: 5, volume: 15, open: 4, close: 4, first: 3, last: 4 }
      expect(rows).toMatchObject([bar])
      expect((await driver.redeliver()).rows).toMatchObject([bar])
      await driver.restart()
      // The same records, one of them with what comes after: each attempt of a batch may be cut otherwise.
      const again = await driver.addRecords([
        { ...prices(5, 4), offset: 1 },
        { ...prices(7), offset: 2 },
      ])
      expect(again.rows).toMatchObject([{ n: 6, volume: 18, open: 7, close: 7, first: 3, last: 7 }])
    }
  })

  test('in batch mode is the same', async () => {
    const query = bars().writeStream({ outputMode: 'complete', sinks })
    const records = [prices(3, 1, 2), prices(5, 4)]
    const { rows } = await testDriver(query).addRecords(records)
    const batch = topicBatch(query)
    await batch.add(records.map(({ value }, offset) => aRecord({ topic: 't', offset, value })).toReversed())
    expect(batch.result().rows).toEqual(rows)
    const data = records.map(({ value }) => JSON.parse(value))
    expect(bars().runBatch(data as never)).toEqual(rows)
  })

  test('counts late rows by themselves', async () => {
    for (const shards of [1, 3]) {
      const driver = testDriver(bars().writeStream({ outputMode: 'append', sinks }), { shards })
      await driver.addRecords([aMessage({ t: openingBellMs + 60_000 })])
      const late = aMessage({ v: 1 }, { s: 'ABC', v: 2 }, { t: openingBellMs + 61_000 }, { v: 3 })
      const batch = await driver.addRecords([late])
      expect(batch.late.map(({ volume }) => volume)).toEqual([1, 2, 3])
      expect(batch.progress.stateOperators).toMatchObject([{ numLateRows: 3, numRowsDroppedByWatermark: 2 }])
      expect((await driver.redeliver()).late.map(({ volume }) => volume)).toEqual([1, 2, 3])
    }
  })

  test('sets aside the one row on which an aggregate of its own throws', async () => {
    const picky = aggregate({
      column: long(),
      version: 1,
      init: () => 0,
      add(total: number, { volume }: { readonly volume: number }) {
        if (volume === 2) throw new Error('two')
        return total + volume
      },
      merge: (left, right) => left + right,
      result: (total) => total,
    })
    const query = trades.groupBy('symbol').agg({ total: picky }).writeStream({ outputMode: 'update', sinks })
    const { rows, deadLetters } = await testDriver(query).addRecords([aMessage({ v: 1 }, { v: 2 }, { v: 4 })])
    expect(rows).toEqual([{ symbol: 'XYZ', total: 5 }])
    expect(deadLetters).toMatchObject([{ id: 't-0-0#1', index: 1, reason: 'FUNCTION_FAILED' }])
  })

  test('after a watermark that stands before the generator takes the times of the messages', async () => {
    const query = kafka
      .decode(json(struct({ at: timestamp() })), ({ at }, { value }) => ({
        at,
        xs: JSON.parse(String(value)).xs as readonly string[],
      }))
      .withWatermark('at', '10 seconds')
      .explode('xs', 'x', string())
      .groupBy(window('at', '10 seconds'), 'x')
      .count()
      .writeStream({ outputMode: 'append', sinks })
    const driver = testDriver(query)
    const message = (ahead: number, ...xs: readonly unknown[]) => ({
      value: JSON.stringify({ at: openingBellMs + ahead, xs }),
    })
    await driver.addRecords([message(0, 'a', 'b', 'a'), message(1_000)])
    expect(driver.watermarkMs).toBe(openingBellMs - 9_000)
    // A message without elements moves the watermark; one whose elements are all bad does not.
    await driver.addRecords([message(50_000, 7)])
    expect(driver.watermarkMs).toBe(openingBellMs - 9_000)
    const { rows } = await driver.addRecords([message(20_000)])
    expect(rows.map(({ x, count }) => [x, count])).toEqual([
      ['a', 2],
      ['b', 1],
    ])
  })

  test('is refused in append mode where flatMap comes after the watermark, which Spark loses there too', () => {
    const rows = trades.withWatermark('at', '10 seconds').flatMap((trade) => [trade], { at: timestamp() })
    expect(() => rows.groupBy(window('at', '10 seconds')).count().writeStream({ sinks })).toThrow(
      /Append output mode not supported/,
    )
  })

  test('has no generator after it', () => {
    const counts = trades.groupBy('symbol').count()
    expect(() => counts.flatMap((row) => [row])).toThrow(/flatMap after an aggregation/)
  })
})

test('the types of the columns follow', () => {
  type RowOf<S> = S extends Stream<infer Row, infer _> ? Row : never
  const Lists = struct({ id: string() })
  const lists = kafka.decode(json(Lists), (row) => ({ ...row, xs: [1] as readonly number[] | null }))
  const exploded = lists.explode('xs', 'x')
  expectTypeOf<RowOf<typeof exploded>['x']>().toEqualTypeOf<number>()
  const outer = lists.explodeOuter('xs')
  expectTypeOf<RowOf<typeof outer>>().toEqualTypeOf<{ readonly id: string; readonly xs: number | null }>()
  const mapped = lists.flatMap(({ id }) => [{ id, n: 1 }])
  expectTypeOf<RowOf<typeof mapped>>().toEqualTypeOf<{ id: string; n: number }>()
  const many = kafka.decode(json(Lists, { many: 'lines' }))
  expectTypeOf<RowOf<typeof many>>().toEqualTypeOf<{ readonly id: string }>()
  const lenient = kafka.decode(json(Lists, { many: 'array', malformed: 'null', corruptRecordColumn: 'bad' }))
  expectTypeOf<RowOf<typeof lenient>>().toEqualTypeOf<{ readonly id: string | null; readonly bad: string | null }>()
  // @ts-expect-error: id is no list
  expect(() => lists.explode('id')).not.toThrow()
})
