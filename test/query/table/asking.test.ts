// Asking a running query: which rows there are, what an answer is of, what it costs, and what is refused.

import { describe, expect, expectTypeOf, test } from 'vitest'
import { Tick } from '../../../handlers/ticks/tick.ts'
import {
  bigint,
  count,
  decimal,
  json,
  listState,
  max,
  memoryState,
  min,
  queryState,
  resetState,
  type StateStore,
  type StateTable,
  stream,
  string,
  struct,
  sum,
  type TimeWindow,
  window,
} from '../../../lib/index.ts'
import { defaultPartition } from '../../../lib/query/table/default-partition.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { aTick, keepingSink, openingBellMs } from '../../builders.ts'

const sinks = [keepingSink()]
const ticks = stream('bars').rows(Tick).withWatermark('timestamp', '5 seconds')
const grouped = ticks.groupBy(window('timestamp', '3 seconds'), 'symbol')
const bars = grouped.agg({ ticks: count(), high: max('price') })
const updated = bars.writeStream({ outputMode: 'update', sinks })

/** A tick of so many seconds after the first. */
const at = (second: number, symbol = 'AAPL') => aTick({ symbol, timestamp: openingBellMs + second * 1000 })
const startsOf = (rows: readonly { readonly window: TimeWindow }[]) =>
  rows.map(({ window: { start } }) => (start - openingBellMs) / 1000)

async function allOf<Row>(table: StateTable<Row, unknown>): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const { row } of table.all()) rows.push(row)
  return rows
}

/** The store, and what was asked of it: `progress`, `head`, `seg`. */
function counted(store: StateStore) {
  const calls: string[] = []
  const reading: StateStore = {
    ...store,
    get(key) {
      calls.push(key.sk.split('#')[0] ?? '')
      return store.get(key)
    },
    put: () => Promise.reject(new Error('whoever asks writes nothing')),
    exchange: () => Promise.reject(new Error('whoever asks writes nothing')),
  }
  return { reading, taken: () => calls.splice(0) }
}

describe('which rows there are', () => {
  test('before the first batch there are none, and the answer says that there is no state yet', async () => {
    const table = queryState(updated, memoryState())
    expect(await table.fetch({ symbol: 'AAPL' })).toEqual({ rows: [], asOf: null })
    expect(await allOf(table)).toEqual([])
  })

  test('the windows of a key come by their start, as far as they are asked for', async () => {
    const state = memoryState()
    const driver = testDriver(updated, { state })
    await driver.addRows([at(6), at(0), at(3), at(3), at(4, 'MSFT')])
    const table = queryState(updated, state)
    expect(startsOf((await table.fetch({ symbol: 'AAPL' })).rows)).toEqual([0, 3, 6])
    const from = openingBellMs + 1000
    expect(startsOf((await table.fetch({ symbol: 'AAPL' }, { from })).rows)).toEqual([3, 6])
    expect(startsOf((await table.fetch({ symbol: 'AAPL' }, { from, to: from + 2000 })).rows)).toEqual([3])
    expect((await table.fetch({ symbol: 'TSLA' })).rows).toEqual([])
    const three = { start: openingBellMs + 3000, end: openingBellMs + 6000 }
    expect((await table.get({ symbol: 'MSFT', window: three })).row).toMatchObject({ ticks: 1 })
    expect((await table.get({ symbol: 'MSFT', window: { ...three, end: three.end + 1 } })).row).toBeUndefined()
  })

  test('in append mode a window is there until it has gone out', async () => {
    const query = bars.writeStream({ outputMode: 'append', sinks })
    const state = memoryState()
    const driver = testDriver(query, { state })
    const table = queryState(query, state)
    await driver.addRows([at(0), at(7)])
    expect(startsOf((await table.fetch({ symbol: 'AAPL' })).rows)).toEqual([0, 6])
    await driver.addRows([at(9)])
    // Closed by that batch; the next append to the shard lets it go.
    await driver.addRows([at(10)])
    expect(startsOf((await table.fetch({ symbol: 'AAPL' })).rows)).toEqual([6, 9])
  })

  test('they are what the columns and conditions after the aggregates make of groups; an order and a limit are not of a group', async () => {
    const query = bars
      .where(({ ticks: n }) => n > 1)
      .withColumn('twice', ({ high }) => high * 2)
      .orderBy('high', 'desc')
      .limit(1)
      .select('symbol', 'twice')
      .writeStream({ outputMode: 'complete', sinks })
    const state = memoryState()
    await testDriver(query, { state }).addRows([at(0), at(1), at(0, 'MSFT'), at(0, 'TSLA'), at(0, 'TSLA')])
    const table = queryState(query, state)
    expect((await table.fetch({ symbol: 'AAPL' })).rows).toEqual([{ symbol: 'AAPL', twice: 301 }])
    expect((await table.fetch({ symbol: 'MSFT' })).rows).toEqual([])
    expect((await allOf(table)).map(({ symbol }) => symbol)).toEqual(['AAPL', 'TSLA'])
  })

  test('a function that throws on a group fails the question, and names the group', async () => {
    const query = bars
      .withColumn('low', () => {
        throw new Error('no low')
      })
      .writeStream({ outputMode: 'update', sinks })
    const state = memoryState()
    await testDriver(query, { state }).addRows([at(0)])
    await expect(queryState(query, state).fetch({ symbol: 'AAPL' })).rejects.toThrow(
      /^bars: the row of the group window .*, symbol "AAPL" cannot be made \(FUNCTION_FAILED\): .*no low/,
    )
  })

  test('as JSON, what a double does not hold is text', async () => {
    const Deal = struct({ id: string(), price: decimal(20, 2), shares: bigint() })
    const query = stream('deals')
      .rows(Deal)
      .groupBy('id')
      .agg({ paid: sum('price'), shares: max('shares'), deals: count() })
      .writeStream({ outputMode: 'update', sinks })
    const state = memoryState()
    const price = Deal.columns.get('price')?.type.hold('12345678901234567.89')
    await testDriver(query, { state }).addRows([{ id: 'a', price: price as never, shares: 2n ** 60n }])
    const table = queryState(query, state)
    const { row } = await table.get({ id: 'a' })
    expect(row && table.toJson(row)).toBe(
      '{"id":"a","paid":"12345678901234567.89","shares":"1152921504606846976","deals":1}',
    )
  })

  test('keys and rows have the types of the query', () => {
    const table = queryState(updated, memoryState())
    expectTypeOf(table.get).parameter(0).toEqualTypeOf<{
      readonly window: { readonly start: number; readonly end: number }
      readonly symbol: string
    }>()
    expectTypeOf(table.fetch).parameter(0).toEqualTypeOf<{ readonly symbol: string }>()
    expectTypeOf<Awaited<ReturnType<typeof table.get>>['row']>().toEqualTypeOf<
      | { readonly window: TimeWindow; readonly symbol: string; readonly ticks: number; readonly high: number }
      | undefined
    >()
    const selected = queryState(bars.select('high').writeStream({ outputMode: 'update', sinks }), memoryState())
    expectTypeOf(selected.fetch).parameter(0).toEqualTypeOf<{ readonly symbol: string }>()
  })
})

describe('what an answer is of', () => {
  test('the last batch that is all in it, its watermark, the offsets below which rows are in it, and how often the state was written', async () => {
    const state = memoryState()
    const driver = testDriver(updated, { state, partitions: 2 })
    await driver.addRows([at(0), at(1)])
    await driver.addRows([at(8)], { partition: 1 })
    const { asOf } = await queryState(updated, state).fetch({ symbol: 'AAPL' })
    expect(asOf).toEqual({
      batchId: 1,
      watermarkMs: openingBellMs - 4000,
      offsets: new Map([
        ['rows-0', 2],
        ['rows-1', 1],
      ]),
      writes: 2,
      generation: expect.any(String),
    })
  })

  test('after a reset another life of the state answers, and before its first batch there is none', async () => {
    const state = memoryState()
    await testDriver(updated, { state }).addRows([at(0)])
    const table = queryState(updated, state)
    const before = await table.fetch({ symbol: 'AAPL' })
    expect(before.rows.length).toBe(1)
    await resetState(updated, state)
    expect(await table.fetch({ symbol: 'AAPL' })).toEqual({ rows: [], asOf: null })
    await testDriver(updated, { state }).addRows([at(3)])
    const after = await table.fetch({ symbol: 'AAPL' })
    expect(startsOf(after.rows)).toEqual([3])
    expect(after.asOf?.generation).not.toBe(before.asOf?.generation)
  })

  test('a reset between the progress and the shard is no answer of nothing: the question is asked again', async () => {
    const store = memoryState()
    await testDriver(updated, { state: store }).addRows([at(0)])
    let resets = 1
    const racing: StateStore = {
      ...store,
      async get(key) {
        if (key.sk === 'head' && resets-- > 0) {
          await resetState(updated, store)
          await testDriver(updated, { state: store }).addRows([at(6)])
        }
        return store.get(key)
      },
    }
    expect(startsOf((await queryState(updated, racing).fetch({ symbol: 'AAPL' })).rows)).toEqual([6])
  })
})

describe('what a question costs', () => {
  test('the first one reads the state; one after it the progress, the head, and what is new; and nothing is ever written', async () => {
    const store = memoryState()
    const driver = testDriver(updated, { state: store })
    await driver.addRows(Array.from({ length: 2000 }, (_, i) => at(0, `S${i}`)))
    const { reading, taken } = counted(store)
    const table = queryState(updated, reading)
    await table.fetch({ symbol: 'S7' })
    expect(taken()).toEqual(['progress', 'head', 'seg'])
    await table.fetch({ symbol: 'S8' })
    expect(taken()).toEqual(['progress', 'head'])
    await driver.addRows(Array.from({ length: 2000 }, (_, i) => at(1, `S${i}`)))
    expect((await table.fetch({ symbol: 'S9' })).rows).toMatchObject([{ ticks: 2 }])
    expect(taken()).toEqual(['progress', 'head', 'seg'])
  })

  test('questions that are asked at the same time share what is read', async () => {
    const store = memoryState()
    await testDriver(updated, { state: store }).addRows([at(0)])
    const { reading, taken } = counted(store)
    const table = queryState(updated, reading)
    const answers = await Promise.all(Array.from({ length: 50 }, () => table.fetch({ symbol: 'AAPL' })))
    expect(answers.every(({ rows }) => rows.length === 1)).toBe(true)
    expect(taken().length).toBeLessThanOrEqual(4)
  })

  test('of several shards the one of the key is read', async () => {
    const store = memoryState()
    await testDriver(updated, { state: store, shards: 8 }).addRows([at(0), at(0, 'MSFT'), at(0, 'TSLA')])
    const { reading, taken } = counted(store)
    expect((await queryState(updated, reading).fetch({ symbol: 'AAPL' })).rows.length).toBe(1)
    expect(taken()).toEqual(['progress', 'head'])
  })

  test('with keyedBy the shard of Kafka\u2019s own partitioner is read first, and the others only where it does not have the key', async () => {
    const query = stream('keyed')
      .readKafka({ topic: 'stock-ticks', keyedBy: 'symbol' })
      .decode(json(Tick))
      .groupBy('symbol')
      .agg({ ticks: count() })
      .writeStream({ outputMode: 'update', sinks })
    const record = (symbol: string, partition: number) => ({
      key: symbol,
      partition,
      value: JSON.stringify(aTick({ symbol })),
    })
    const store = memoryState()
    // By murmur2 both are in the first of three partitions; a producer of another kind has put MSFT elsewhere.
    expect(['AAPL', 'MSFT'].map((key) => defaultPartition(key, 3))).toEqual([0, 0])
    await testDriver(query, { state: store, partitions: 3 }).addRecords([record('AAPL', 0), record('MSFT', 2)])
    const { reading, taken } = counted(store)
    const table = queryState(query, reading)
    expect((await table.get({ symbol: 'AAPL' })).row).toEqual({ symbol: 'AAPL', ticks: 1 })
    expect(taken()).toEqual(['progress', 'head'])
    expect((await table.get({ symbol: 'MSFT' })).row).toEqual({ symbol: 'MSFT', ticks: 1 })
  })
})

describe('what is refused', () => {
  const last = stream('q').rows(Tick)
  test.each([
    ['no state', last.writeStream({ sinks }), 'q keeps no state, so there is no table to ask.'],
    ['duplicates', last.dropDuplicates('symbol').writeStream({ sinks }), 'q keeps what dropDuplicates needs'],
    ['a limit', last.limit(3).writeStream({ sinks }), 'q keeps what limit needs, and no groups'],
    [
      'state of its own',
      last
        .groupBy('symbol')
        .transformWithState({
          state: { seen: listState(string()) },
          output: struct({ symbol: string() }),
          handleInput: () => [],
        })
        .writeStream({ sinks }),
      'q keeps what transformWithState needs',
    ],
  ] as const)('a query with %s, when it is made', (_, query, words) => {
    expect(() => queryState(query as never, memoryState())).toThrow(words)
  })

  test.each([
    [{}, 'bars: the key has no `window`. A key of it takes window, symbol.'],
    [{ window: { start: 1, end: 2 }, symbol: 7 }, 'bars: `symbol` of the key is 7, and takes'],
    [{ window: 15, symbol: 'AAPL' }, 'bars: `window` of the key is 15, and takes a start and an end.'],
    [{ window: { start: 1, end: 2 }, symbol: 'AAPL', venue: 'X' }, 'bars: the key has `venue`.'],
    [null, 'bars: null is no key.'],
  ])('the key %j, in words', async (key, words) => {
    const asked = queryState(updated, memoryState()).get(key as never)
    await expect(asked).rejects.toMatchObject({ code: 'KEY_INVALID', message: expect.stringContaining(words) })
  })

  test('a range of what has no windows, and one of no times', async () => {
    const totals = ticks.groupBy('symbol').agg({ ticks: count() }).writeStream({ outputMode: 'update', sinks })
    const asked = queryState(totals, memoryState()).fetch({ symbol: 'AAPL' }, { from: 1 })
    await expect(asked).rejects.toThrow('its groups have no windows')
    const never = queryState(updated, memoryState()).fetch({ symbol: 'AAPL' }, { from: '1' as never })
    await expect(never).rejects.toMatchObject({ code: 'KEY_INVALID' })
  })

  test('a version of the query that adds a part asks the state before it has taken it over, and after; the version before no more', async () => {
    const state = memoryState()
    await testDriver(updated, { state }).addRows([at(0)])
    const evolved = grouped
      .agg({ low: min('price'), ticks: count(), high: max('price') })
      .writeStream({ outputMode: 'update', sinks, evolve: 'add' })
    const [before, after] = [queryState(updated, state), queryState(evolved, state)]
    expect((await before.fetch({ symbol: 'AAPL' })).rows).toMatchObject([{ ticks: 1, high: 150.5 }])
    expect((await after.fetch({ symbol: 'AAPL' })).rows).toMatchObject([{ low: null, ticks: 1, high: 150.5 }])
    await testDriver(evolved, { state }).addRows([at(0), at(1)])
    expect((await after.fetch({ symbol: 'AAPL' })).rows).toMatchObject([{ low: 150.5, ticks: 2, high: 150.5 }])
    await expect(before.fetch({ symbol: 'AAPL' })).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' })
  })

  test('the state of another query; not one that was kept in another output mode, or in more shards', async () => {
    const state = memoryState()
    await testDriver(updated, { state, shards: 3 }).addRows([at(0)])
    const other = grouped.agg({ ticks: count() }).writeStream({ outputMode: 'update', sinks })
    await expect(queryState(other, state).fetch({ symbol: 'AAPL' })).rejects.toMatchObject({
      code: 'STATE_INCOMPATIBLE',
      message: expect.stringMatching(/another query's: aggregates was .*Ask by the query that writes it/),
    })
    const appended = bars.writeStream({ outputMode: 'append', sinks })
    expect((await queryState(appended, state).fetch({ symbol: 'AAPL' })).rows.length).toBe(1)
  })
})
