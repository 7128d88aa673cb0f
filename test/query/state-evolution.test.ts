// Versions of a query over one state: what is kept, what begins empty, what comes out, and what is said of it. Which change passes at
// all is the table of docs/state-evolution.md, which is run by test/docs/state-evolution.test.ts.

import { describe, expect, test } from 'vitest'
import {
  avg,
  collectList,
  count,
  countIf,
  currentTimestamp,
  double,
  json,
  listState,
  long,
  max,
  min,
  type Sink,
  sessionWindow,
  stream,
  string,
  struct,
  sum,
  timestamp,
  valueState,
  window,
} from '../../lib/index.ts'
import type { Item, StateStore } from '../../lib/state/store.ts'
import { memoryState } from '../../lib/state/stores/memory.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { keepingSink, openingBellMs } from '../builders.ts'

const Tick = struct({ symbol: string(), price: double(), volume: long(), at: timestamp() })
const ticks = stream('bars').readKafka({ topic: 'ticks' }).decode(json(Tick))
const timed = ticks.withWatermark('at', '10 seconds')
const bySymbol = ticks.groupBy('symbol')
const windowed = timed.groupBy(window('at', '10 seconds'), 'symbol')
const update = { outputMode: 'update', sinks: [keepingSink()] } as const
const append = { outputMode: 'append', sinks: [keepingSink()] } as const

const record = (offset: number, seconds: number, price = 100 + offset, symbol = 'AAPL') => ({
  offset,
  timestamp: openingBellMs,
  value: JSON.stringify({ symbol, price, volume: 10, at: openingBellMs + seconds * 1000 }),
})
const endsAt = (rows: readonly { readonly window: { readonly end: number } }[]): readonly number[] =>
  rows.map(({ window: { end } }) => (end - openingBellMs) / 1000)

describe('an aggregate that was added', () => {
  const before = bySymbol.agg({ ticks: count() }).writeStream(update)
  const grown = bySymbol.agg({
    mean: avg('price'),
    ticks: count(),
    turnover: sum((t) => t.price * t.volume),
    large: countIf((t) => t.volume > 5),
    prices: collectList('price'),
  })
  const after = grown.writeStream({ ...update, evolve: 'add' })

  test('begins empty in groups that were there, and counts rows from then on', async () => {
    const state = memoryState()
    await testDriver(before, { state }).addRecords([record(0, 0), record(1, 0), record(2, 0, 7, 'GOOGL')])
    const driver = testDriver(after, { state })
    const first = await driver.addRecords([record(3, 0)])
    expect(first.rows).toEqual([{ symbol: 'AAPL', mean: 103, ticks: 3, turnover: 1030, large: 1, prices: [103] }])
    await driver.restart()
    const second = await driver.addRecords([record(4, 0, 9, 'GOOGL'), record(5, 0, 1, 'MSFT')])
    expect(second.rows).toEqual([
      { symbol: 'GOOGL', mean: 9, ticks: 2, turnover: 90, large: 1, prices: [9] },
      { symbol: 'MSFT', mean: 1, ticks: 1, turnover: 10, large: 1, prices: [1] },
    ])
    expect((await driver.addRecords([record(6, 0)])).rows).toEqual([
      { symbol: 'AAPL', mean: 104.5, ticks: 4, turnover: 2090, large: 2, prices: [103, 106] },
    ])
  })

  test('is null, 0 or empty where a group comes out that no row has reached since', async () => {
    const state = memoryState()
    const bars = windowed.agg({ ticks: count() }).writeStream(append)
    await testDriver(bars, { state }).addRecords([record(0, 0), record(1, 1)])
    const more = windowed.agg({ ticks: count(), mean: avg('price'), large: countIf((t) => t.volume > 5) })
    const driver = testDriver(more.writeStream({ ...append, evolve: 'add' }), { state })
    const { rows } = await driver.addRecords([record(2, 60)])
    expect(rows).toMatchObject([{ symbol: 'AAPL', ticks: 2, mean: null, large: 0 }])
  })

  test('is nullable for the sinks, which are told of columns', () => {
    const nullable = (columns: ReadonlyMap<string, { readonly isNullable: boolean }>) =>
      [...columns].filter(([, { isNullable }]) => isNullable).map(([name]) => name)
    expect(nullable(after.plan.columns)).toEqual(['mean', 'turnover'])
    // What a function of the row gives may be null anyway.
    expect(nullable(grown.writeStream(update).plan.columns)).toEqual(['turnover'])
    const sessions = timed
      .groupBy(sessionWindow('at', '5 seconds'), 'symbol')
      .agg({ mean: avg('price'), ticks: count() })
    expect(nullable(sessions.writeStream({ ...append, evolve: 'add' }).plan.columns)).toEqual(['mean'])
  })

  test('is said once, by the batch that took the state over', async () => {
    const state = memoryState()
    await testDriver(before, { state }).addRecords([record(0, 0)])
    const driver = testDriver(
      bySymbol.agg({ ticks: count(), low: min('price') }).writeStream({ ...update, evolve: 'add' }),
      {
        state,
      },
    )
    expect((await driver.addRecords([record(1, 0)])).warnings).toEqual([
      'kept state was taken over from another version of the query: `low min(price double)` begins empty',
    ])
    expect((await driver.addRecords([record(2, 0)])).warnings).toEqual([])
  })

  test('goes with the version after it, and begins empty when it comes again', async () => {
    const state = memoryState()
    const both = bySymbol.agg({ ticks: count(), volume: sum('volume') })
    await testDriver(both.writeStream(update), { state }).addRecords([record(0, 0)])
    const less = bySymbol.agg({ ticks: count() }).writeStream({ ...update, evolve: 'drop' })
    expect((await testDriver(less, { state }).addRecords([record(1, 0)])).rows).toEqual([{ symbol: 'AAPL', ticks: 2 }])
    const again = testDriver(both.writeStream({ ...update, evolve: 'add' }), { state })
    expect((await again.addRecords([record(2, 0)])).rows).toEqual([{ symbol: 'AAPL', ticks: 3, volume: 10 }])
    await again.restart()
    expect((await again.addRecords([record(3, 0)])).rows).toEqual([{ symbol: 'AAPL', ticks: 4, volume: 20 }])
  })

  test('is refused by the version before, which then is told how it may go back', async () => {
    const state = memoryState()
    await testDriver(before, { state }).addRecords([record(0, 0)])
    const low = bySymbol.agg({ ticks: count(), low: min('price') })
    await testDriver(low.writeStream({ ...update, evolve: 'add' }), { state }).addRecords([record(1, 0)])
    await expect(testDriver(before, { state }).addRecords([record(2, 0)])).rejects.toMatchObject({
      code: 'STATE_INCOMPATIBLE',
      message: expect.stringMatching(/`low min\(price double\)` is gone.*evolve: 'drop' of writeStream/),
    })
    const back = bySymbol.agg({ ticks: count() }).writeStream({ ...update, evolve: 'drop' })
    expect((await testDriver(back, { state }).addRecords([record(2, 0)])).rows).toEqual([{ symbol: 'AAPL', ticks: 3 }])
  })
})

test('an aggregate with another name keeps its values, and so do those beside it in another order', async () => {
  const state = memoryState()
  const before = bySymbol.agg({ low: min('price'), high: max('price'), ticks: count() }).writeStream(update)
  await testDriver(before, { state }).addRecords([record(0, 0, 5), record(1, 0, 9)])
  const driver = testDriver(
    bySymbol.agg({ ticks: count(), top: max('price'), low: min('price') }).writeStream(update),
    {
      state,
    },
  )
  const row = { symbol: 'AAPL', ticks: 3, top: 9, low: 5 }
  expect((await driver.addRecords([record(2, 0, 7)])).rows).toEqual([row])
  await driver.restart()
  expect((await driver.addRecords([record(3, 0, 7)])).rows).toEqual([{ ...row, ticks: 4 }])
})

describe('other operators than one aggregation', () => {
  test('sessions that were open go on, and merge with an aggregate more', async () => {
    const state = memoryState()
    const sessions = timed.groupBy(sessionWindow('at', '5 seconds'), 'symbol')
    const before = sessions.agg({ ticks: count() }).writeStream(append)
    await testDriver(before, { state }).addRecords([record(0, 0), record(1, 7)])
    const after = sessions.agg({ high: max('price'), ticks: count() }).writeStream({ ...append, evolve: 'add' })
    const driver = testDriver(after, { state })
    await driver.addRecords([record(2, 4)])
    await driver.restart()
    expect((await driver.addRecords([record(3, 100)])).rows).toMatchObject([{ symbol: 'AAPL', high: 102, ticks: 3 }])
  })

  test('windows that another operator follows', async () => {
    const state = memoryState()
    const before = windowed.agg({ ticks: count() }).dropDuplicates('ticks').writeStream(append)
    await testDriver(before, { state }).addRecords([record(0, 0), record(1, 1)])
    const after = windowed.agg({ high: max('price'), ticks: count() }).dropDuplicates('ticks')
    const driver = testDriver(after.writeStream({ ...append, evolve: 'add' }), { state })
    expect((await driver.addRecords([record(2, 2), record(3, 60)])).rows).toMatchObject([{ high: 102, ticks: 3 }])
  })

  test('a state variable more is empty for keys that were there, and one that was dropped is gone', async () => {
    const state = memoryState()
    const counted = (more: boolean) =>
      bySymbol.transformWithState({
        state: more
          ? { prices: listState(double()), ticks: valueState(long()) }
          : ({ ticks: valueState(long()) } as { ticks: ReturnType<typeof valueState<number>>; prices: never }),
        output: struct({ ticks: long(), prices: string() }),
        *handleInput(_, { price }, { state: { ticks, prices } }) {
          ticks.update((ticks.get() ?? 0) + 1)
          const list = prices as { appendValue(value: number): void; get(): readonly number[] } | undefined
          list?.appendValue(price)
          yield { ticks: ticks.get() ?? 0, prices: String(list?.get() ?? 'none') }
        },
      })
    const run = async (more: boolean, evolve: 'add' | 'drop', offset: number) => {
      const driver = testDriver(counted(more).writeStream({ ...update, evolve }), { state })
      return (await driver.addRecords([record(offset, 0)])).rows
    }
    expect(await run(false, 'add', 0)).toEqual([{ ticks: 1, prices: 'none' }])
    expect(await run(true, 'add', 1)).toEqual([{ ticks: 2, prices: '101' }])
    expect(await run(true, 'add', 2)).toEqual([{ ticks: 3, prices: '101,102' }])
    expect(await run(false, 'drop', 3)).toEqual([{ ticks: 4, prices: 'none' }])
    expect(await run(true, 'add', 4)).toEqual([{ ticks: 5, prices: '104' }])
  })

  test('a row that waits in a join has the default of a column that was added, or null', async () => {
    const state = memoryState()
    const Left = struct({ symbol: string(), at: timestamp() })
    const Grown = struct({
      symbol: string(),
      venue: string().default('XNAS'),
      note: string().nullable(),
      at: timestamp(),
    })
    const right = stream('right').readKafka({ topic: 'right' }).decode(json(Left)).withWatermark('at', '10 seconds')
    const join = (schema: typeof Left) =>
      stream('bars')
        .readKafka({ topic: 'left' })
        .decode(json(schema))
        .withWatermark('at', '10 seconds')
        .join(right, {
          on: [['symbol', 'symbol']],
          prefix: 'right_',
          within: { after: '1 minute' },
        })
    const from = (topic: string) => ({ ...record(0, 0), topic })
    await testDriver(join(Left).writeStream(append), { state }).addRecords([from('left')])
    const driver = testDriver(join(Grown as never).writeStream({ ...append, evolve: 'add' }), { state })
    expect((await driver.addRecords([from('right')])).rows).toMatchObject([
      { symbol: 'AAPL', venue: 'XNAS', note: null },
    ])
  })

  test('rows that a batch owes come out of the next version, which has other columns', async () => {
    const state = memoryState()
    const broken: Sink<object> = { description: 'broken', write: () => Promise.reject(new Error('the sink is down')) }
    const before = timed.dropDuplicates('price').writeStream({ ...append, sinks: [broken] })
    await expect(testDriver(before, { state }).addRecords([record(0, 0)])).rejects.toThrow('the sink is down')
    const Grown = struct({ venue: string().nullable(), symbol: string(), price: double(), at: timestamp() })
    const after = stream('bars').readKafka({ topic: 'ticks' }).decode(json(Grown)).withWatermark('at', '10 seconds')
    const silent = testDriver(after.dropDuplicates('price').writeStream(append), { state })
    await expect(silent.addRecords([record(0, 0)])).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' })
    const grown = after.dropDuplicates('price').writeStream({ ...append, evolve: 'add' })
    const driver = testDriver(grown, { state })
    const row = { venue: null, symbol: 'AAPL', price: 100, at: openingBellMs }
    expect((await driver.addRecords([record(0, 0)])).rows).toEqual([row])
  })
})

describe('another output mode', () => {
  test('update, then append: what is out stays out, what is open comes out once when it ends', async () => {
    const state = memoryState()
    const bars = windowed.agg({ ticks: count() })
    const before = testDriver(bars.writeStream(update), { state })
    await before.addRecords([record(0, 0), record(1, 12)])
    // The windows to 10 and to 20 have ended, and a batch of the partition follows: their rows are out.
    await before.addRecords([record(2, 31)])
    await before.addRecords([record(3, 35)])
    const driver = testDriver(bars.writeStream(append), { state })
    expect((await driver.addRecords([record(4, 38)])).rows).toEqual([])
    const { rows } = await driver.addRecords([record(5, 60)])
    expect(endsAt(rows)).toEqual([40])
    expect(rows).toMatchObject([{ ticks: 3 }])
  })

  test('update, then append: a batch that has not come out before comes out at last', async () => {
    const state = memoryState()
    const bars = windowed.agg({ ticks: count() })
    const broken: Sink<object> = { description: 'broken', write: () => Promise.reject(new Error('the sink is down')) }
    await testDriver(bars.writeStream(update), { state }).addRecords([record(0, 0)])
    const down = testDriver(bars.writeStream({ ...update, sinks: [broken] }), { state })
    await expect(down.addRecords([record(1, 1), record(2, 31)])).rejects.toThrow('the sink is down')
    const driver = testDriver(bars.writeStream(append), { state })
    const { rows } = await driver.addRecords([record(1, 1), record(2, 31)])
    expect(endsAt(rows)).toEqual([10])
    expect(rows).toMatchObject([{ ticks: 2 }])
  })

  test('append, then update: every group comes out in the first batch, and then those that change', async () => {
    const state = memoryState()
    const bars = windowed.agg({ ticks: count() })
    await testDriver(bars.writeStream(append), { state }).addRecords([record(0, 0), record(1, 12), record(2, 14)])
    const driver = testDriver(bars.writeStream(update), { state })
    const { rows } = await driver.addRecords([record(3, 15)])
    expect(endsAt(rows)).toEqual([10, 20])
    expect(rows).toMatchObject([{ ticks: 1 }, { ticks: 3 }])
    expect(endsAt((await driver.addRecords([record(4, 16)])).rows)).toEqual([20])
  })

  test('complete, then append: what has ended comes out once, and goes', async () => {
    const state = memoryState()
    const bars = windowed.agg({ ticks: count() })
    const complete = { outputMode: 'complete', sinks: [keepingSink()] } as const
    await testDriver(bars.writeStream(complete), { state }).addRecords([record(0, 0), record(1, 12), record(2, 40)])
    const driver = testDriver(bars.writeStream(append), { state })
    expect(endsAt((await driver.addRecords([record(3, 41)])).rows)).toEqual([10, 20])
    expect(endsAt((await driver.addRecords([record(4, 42)])).rows)).toEqual([])
    expect(driver.stateRows).toBe(1)
  })
})

test('a watermark with another delay never goes back', async () => {
  const state = memoryState()
  const delayed = (delay: string) =>
    ticks.withWatermark('at', delay).groupBy(window('at', '10 seconds')).agg({ ticks: count() })
  const long = testDriver(delayed('5 seconds').writeStream(append), { state })
  await long.addRecords([record(0, 0), record(1, 20)])
  expect(long.watermarkMs).toBe(openingBellMs + 15_000)
  const longer = testDriver(delayed('30 seconds').writeStream(append), { state })
  const { late } = await longer.addRecords([record(2, 30), record(3, 9)])
  expect(longer.watermarkMs).toBe(openingBellMs + 15_000)
  expect(late).toHaveLength(1)
  const shorter = testDriver(delayed('1 second').writeStream(append), { state })
  expect(endsAt((await shorter.addRecords([record(4, 31)])).rows)).toEqual([30])
  expect(shorter.watermarkMs).toBe(openingBellMs + 30_000)
})

/** Progress as a version of the library wrote it that knew of no parts. */
function fromBefore(state: StateStore, change: (fields: Record<string, unknown>) => object): StateStore {
  const older = (item: Item): Item => {
    const fields = JSON.parse(Buffer.from(item.body).toString())
    return { ...item, body: Buffer.from(JSON.stringify(change(fields))) }
  }
  return { ...state, put: (item, rev) => state.put(item.sk === 'progress' ? older(item) : item, rev) }
}

test('state that was kept before there was such a thing goes on with an aggregate more', async () => {
  const state = memoryState()
  const old = fromBefore(state, ({ evolution: _, owesTable: __, ...fields }) => fields)
  const before = windowed.agg({ ticks: count(), 'high price': max('price') }).writeStream(update)
  await testDriver(before, { state: old }).addRecords([record(0, 0)])
  const after = windowed.agg({ mean: avg('price'), 'high price': max('price'), ticks: count() })
  const driver = testDriver(after.writeStream({ ...update, evolve: 'add' }), { state })
  expect((await driver.addRecords([record(1, 1)])).rows).toMatchObject([{ ticks: 2, 'high price': 101, mean: 101 }])
})

test('a takeover is said also where a query keeps the clock of its batches, which opens its state before', async () => {
  const state = memoryState()
  const stamped = ticks.withColumn('now', currentTimestamp()).groupBy('symbol')
  await testDriver(stamped.agg({ ticks: count() }).writeStream(update), { state }).addRecords([record(0, 0)])
  const after = stamped.agg({ ticks: count(), last: max('now') }).writeStream({ ...update, evolve: 'add' })
  const { warnings } = await testDriver(after, { state }).addRecords([record(1, 0)])
  expect(warnings).toEqual([expect.stringContaining('`last max(now timestamp)` begins empty')])
})

test('names that cannot be told apart in what is kept are refused, whatever word is said', async () => {
  const state = memoryState()
  const odd = { 'ticks (all)': count() }
  await testDriver(bySymbol.agg(odd).writeStream(update), { state }).addRecords([record(0, 0)])
  await testDriver(bySymbol.agg(odd).writeStream(update), { state }).addRecords([record(1, 0)])
  const after = bySymbol.agg({ ...odd, 'a, b count(null)': count() }).writeStream({ ...update, evolve: 'add' })
  await testDriver(after, { state }).addRecords([record(2, 0)])
  const again = bySymbol.agg({ ...odd, mean: avg('price') }).writeStream({ ...update, evolve: ['add', 'drop'] })
  await expect(testDriver(again, { state }).addRecords([record(3, 0)])).rejects.toMatchObject({
    code: 'STATE_INCOMPATIBLE',
  })
})

test('a word that is none is refused when the query is built', () => {
  expect(() => bySymbol.count().writeStream({ ...update, evolve: 'all' as 'add' })).toThrow(
    'evolve is "all"; expected one of add, drop.',
  )
})
