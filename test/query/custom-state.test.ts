// transformWithState through the whole of a query, batch by batch: what is kept of a key, timers, and functions that fail.

import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  double,
  listState,
  long,
  mapState,
  type Stream,
  stream,
  string,
  struct,
  timestamp,
  valueState,
  window,
} from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'

const Tick = struct({ symbol: string(), price: double(), at: timestamp() })
const ticks = stream('ticks').rows(Tick)
const timed = ticks.withWatermark('at', '10 seconds')
const nowhere = { description: 'nowhere', write: async () => {} }
const Text = struct({ text: string() })

const aTick = (at: number, price = 1, symbol = 'AAPL') => ({ symbol, price, at: at * 1000 })
const append = <Row extends object, Source extends object>(query: Stream<Row, Source>) =>
  query.writeStream({ sinks: [nowhere] })
const texts = (rows: readonly { readonly text: string }[]): readonly string[] => rows.map(({ text }) => text)

describe('transformWithState', () => {
  it('keeps a value of each key, over batches, restarts and redeliveries', async () => {
    const changes = ticks.groupBy('symbol').transformWithState({
      state: { last: valueState(double()) },
      output: struct({ symbol: string(), change: double() }),
      *handleInput({ symbol }, { price }, { state: { last } }) {
        const before = last.get()
        last.update(price)
        if (before !== null) yield { symbol, change: price - before }
      },
    })
    const driver = testDriver(append(changes))
    expect((await driver.addRows([aTick(0, 10), aTick(1, 12), aTick(1, 5, 'GOOGL')])).rows).toEqual([
      { symbol: 'AAPL', change: 2 },
    ])
    await driver.restart()
    const { emitted, progress } = await driver.addRows([aTick(2, 4, 'GOOGL'), aTick(3, 13)])
    expect(emitted.map(({ id, row }) => [id, row])).toEqual([
      ['rows-0-3#0', { symbol: 'GOOGL', change: -1 }],
      ['rows-0-4#0', { symbol: 'AAPL', change: 1 }],
    ])
    expect(progress.stateOperators[0]).toMatchObject({
      operatorName: 'transformWithStateExec',
      numRowsUpdated: 2,
      numRowsTotal: 2,
    })
    // The functions are not asked again: what they gave is kept until it is out.
    expect((await driver.redeliver()).emitted).toEqual(emitted)
    await driver.restart()
    expect((await driver.redeliver()).emitted).toEqual(emitted)
  })

  it('keeps lists and maps, which come back as they were put in', async () => {
    const counts = ticks.groupBy('symbol').transformWithState({
      state: { recent: listState(struct({ price: double(), at: timestamp() })), seen: mapState(double(), long()) },
      output: Text,
      handleInput(_, { price, at }, { state: { recent, seen } }) {
        expectTypeOf(seen.getValue(1)).toEqualTypeOf<number | null>()
        seen.updateValue(price, (seen.getValue(price) ?? 0) + 1)
        recent.appendValue({ price, at })
        if (recent.get().length > 2) recent.put(recent.get().slice(1))
        if (price === 0) seen.removeKey(7)
        if (price < 0) {
          seen.clear()
          recent.clear()
        }
        const prices = recent.get().map((tick) => tick.price)
        return [{ text: `${prices} ${[...seen.iterator()].map(([key, count]) => `${key}:${count}`)} ${seen.exists()}` }]
      },
    })
    const driver = testDriver(append(counts))
    expect(texts((await driver.addRows([aTick(0, 7), aTick(1, 8)])).rows)).toEqual(['7 7:1 true', '7,8 7:1,8:1 true'])
    await driver.restart()
    const { rows } = await driver.addRows([aTick(2, 7), aTick(3, 0), aTick(4, -1), aTick(5, 3)])
    expect(texts(rows)).toEqual(['8,7 7:2,8:1 true', '7,0 8:1,0:1 true', '  false', '3 3:1 true'])
    await driver.addRows([aTick(6, -1)])
    expect(driver.stateRows).toBe(0)
  })

  it('changes nothing that is kept when an object is changed afterwards', async () => {
    const first = ticks.groupBy('symbol').transformWithState({
      state: { kept: valueState(struct({ price: double() })) },
      output: Text,
      handleInput(_, { price }, { state: { kept } }) {
        const before = kept.get() ?? { price }
        if (!kept.exists()) kept.update(before)
        const text = String(before.price)
        Object.assign(before, { price: -1 })
        return [{ text }]
      },
    })
    expect(texts((await testDriver(append(first)).addRows([aTick(0, 3), aTick(1, 4), aTick(2, 5)])).rows)).toEqual([
      '3',
      '3',
      '3',
    ])
  })

  const sessions = timed.groupBy('symbol').transformWithState({
    state: { ticks: listState(double()), end: valueState(timestamp()) },
    output: struct({ symbol: string(), ticks: long(), end: timestamp(), watermark: timestamp().nullable() }),
    timeMode: 'eventTime',
    handleInput(_, { price, at }, { state, registerTimer, deleteTimer }) {
      state.ticks.appendValue(price)
      const end = state.end.get()
      if (end !== null && end >= at + 5000) return
      if (end !== null) deleteTimer(end)
      state.end.update(at + 5000)
      registerTimer(at + 5000)
    },
    *handleExpiredTimer({ symbol }, { expiryTimeMs }, { state, currentWatermarkMs }) {
      yield { symbol, ticks: state.ticks.get().length, end: expiryTimeMs, watermark: currentWatermarkMs }
      state.ticks.clear()
      state.end.clear()
    },
  })

  it('fires timers by event time when the watermark reaches them, in the order of their times, and leaves out late rows', async () => {
    const driver = testDriver(append(sessions))
    const first = await driver.addRows([aTick(0), aTick(2, 1, 'GOOGL'), aTick(3), aTick(1, 1, 'MSFT')])
    expect(first.rows).toEqual([])
    expect(first.progress.stateOperators[0]?.customMetrics).toMatchObject({
      numRegisteredTimers: 4,
      numDeletedTimers: 1,
    })
    await driver.restart()
    const { rows, emitted } = await driver.addRows([aTick(17.5, 1, 'NFLX')])
    expect(rows).toEqual([
      { symbol: 'MSFT', ticks: 1, end: 6000, watermark: 7500 },
      { symbol: 'GOOGL', ticks: 1, end: 7000, watermark: 7500 },
    ])
    expect(emitted.map(({ id }) => id)).toEqual(['["MSFT"]@6000#0', '["GOOGL"]@7000#0'])
    const { late, rows: none } = await driver.addRows([aTick(7.5, 1, 'IBM'), aTick(7.501, 1, 'IBM')])
    expect([late, none]).toEqual([[aTick(7.5, 1, 'IBM')], []])
  })

  it('in batch mode handles all rows, and fires the timers that they registered', () => {
    expect(sessions.runBatch([aTick(0), aTick(2, 1, 'GOOGL'), aTick(3)])).toEqual([
      { symbol: 'GOOGL', ticks: 1, end: 7000, watermark: null },
      { symbol: 'AAPL', ticks: 2, end: 8000, watermark: null },
    ])
  })

  it('fires a timer that a timer registers as event time passes it, however far that goes at a time', async () => {
    const minutes = timed.groupBy('symbol').transformWithState({
      output: struct({ at: timestamp() }),
      timeMode: 'eventTime',
      handleInput: (_, { at }, { registerTimer, listTimers }) => {
        if (listTimers().length === 0) registerTimer(at + 1000)
      },
      handleExpiredTimer(_, { expiryTimeMs }, { registerTimer }) {
        registerTimer(expiryTimeMs + 1000)
        // One for a time that is past fires when time goes on.
        registerTimer(expiryTimeMs - 500)
        return expiryTimeMs % 1000 === 0 ? [{ at: expiryTimeMs }] : []
      },
    })
    const driver = testDriver(append(minutes))
    await driver.addRows([aTick(0)])
    const { rows } = await driver.addRows([aTick(14)])
    expect(rows).toEqual([1000, 2000, 3000, 4000].map((at) => ({ at })))
    expect((await driver.addRows([aTick(15.2)])).rows).toEqual([{ at: 5000 }])
  })

  it('fires timers by processing time with the first rows that come afterwards, and forgets what its time to live is over of', async () => {
    let clock = 1_000_000
    const idle = ticks.groupBy('symbol').transformWithState({
      state: { last: valueState(double(), { ttl: '1 minute' }), all: listState(double(), { ttl: '10 seconds' }) },
      output: Text,
      timeMode: 'processingTime',
      handleInput(_, { price }, { state, registerTimer, currentProcessingTimeMs }) {
        registerTimer(currentProcessingTimeMs + 30_000)
        const text = `${state.last.get()} ${state.all.get()}`
        state.last.update(price)
        state.all.appendValue(price)
        return [{ text }]
      },
      handleExpiredTimer: ({ symbol }, { expiryTimeMs }, { state }) => [
        { text: `${symbol} idle at ${expiryTimeMs}: ${state.last.get()} ${state.all.get()}` },
      ],
    })
    const driver = testDriver(append(idle), { now: () => clock })
    expect(texts((await driver.addRows([aTick(0, 1)])).rows)).toEqual(['null '])
    clock += 5_000
    expect(texts((await driver.addRows([aTick(0, 2)])).rows)).toEqual(['1 1'])
    clock += 7_000
    expect(texts((await driver.addRows([aTick(0, 3)])).rows)).toEqual(['2 2'])
    clock += 20_000
    await driver.restart()
    const { rows, emitted, progress } = await driver.addRows([aTick(0, 4, 'GOOGL')])
    expect(texts(rows)).toEqual(['AAPL idle at 1030000: 3 ', 'null '])
    expect(emitted[0]?.id).toBe('["AAPL"]@1030000~1032000#0')
    expect(progress.stateOperators[0]?.customMetrics).toMatchObject({ numExpiredTimers: 1 })
    expect((await driver.redeliver()).emitted).toEqual(emitted)
    clock += 60_000
    const last = await driver.addRows([aTick(0, 5)])
    expect(texts(last.rows)).toContain('null ')
    // Nothing was left of either key, and one of them has come again.
    expect(last.progress.stateOperators[0]).toMatchObject({ numRowsRemoved: 2, numRowsTotal: 1 })
  })

  it('sets a row aside whose function throws, or puts in or gives what a column does not take; nothing of the call counts', async () => {
    const strict = ticks.groupBy('symbol').transformWithState({
      state: { total: valueState(double()), list: listState(double()), map: mapState(string(), long()) },
      output: struct({ total: double() }),
      handleInput(_, { price }, { state: { total, list, map } }) {
        const sum = (total.get() ?? 0) + price
        total.update(sum)
        list.appendList([price, price])
        map.updateValue(String(price), 1)
        map.removeKey('1')
        if (price === 2) throw new Error('no twos')
        if (price === 3) total.update('three' as unknown as number)
        if (price === 4) return [{ total: 'four' as unknown as number }]
        if (price === 5) return 5 as unknown as []
        if (price === 6) list.put(Array.from({ length: 100_000 }, () => Math.PI))
        return [{ total: sum + list.get().length + map.keys().length }]
      },
    })
    const driver = testDriver(append(strict))
    const { rows, deadLetters } = await driver.addRows([1, 2, 3, 4, 5, 6, 1].map((price) => aTick(0, price)))
    expect(deadLetters.map(({ offset, reason }) => [offset, reason])).toEqual([
      [1, 'FUNCTION_FAILED'],
      [2, 'WRONG_SHAPE'],
      [3, 'WRONG_SHAPE'],
      [4, 'WRONG_SHAPE'],
      [5, 'STATE_TOO_LONG'],
    ])
    expect(deadLetters[0]?.detail).toContain('the function of handleInput threw Error: no twos')
    expect(rows).toEqual([{ total: 1 + 2 }, { total: 2 + 4 }])
  })

  it('makes a dead letter of the key where a timer’s function throws; the timer is over, and what it changed is not', async () => {
    const query = timed.groupBy('symbol').transformWithState({
      state: { rows: valueState(long()) },
      output: struct({ rows: long() }),
      timeMode: 'eventTime',
      handleInput(_, { at }, { state: { rows }, registerTimer }) {
        rows.update((rows.get() ?? 0) + 1)
        registerTimer(at + 1000)
      },
      handleExpiredTimer({ symbol }, _, { state: { rows } }) {
        const all = rows.get() ?? 0
        rows.clear()
        if (symbol === 'BAD') throw new Error('bad timer')
        return [{ rows: all }]
      },
    })
    const driver = testDriver(append(query))
    await driver.addRows([aTick(0), aTick(0, 1, 'BAD')])
    const { rows, deadLetters } = await driver.addRows([aTick(20, 1, 'OTHER')])
    expect(rows).toEqual([{ rows: 1 }])
    expect(deadLetters).toMatchObject([{ reason: 'FUNCTION_FAILED', id: expect.stringContaining('["BAD"]@1000') }])
    expect(driver.stateRows).toBe(2)
    const again = await driver.addRows([aTick(40, 1, 'OTHER')])
    expect([again.rows, again.deadLetters]).toEqual([[{ rows: 2 }], []])
  })

  it('goes before a window, by the event time of its rows, which is above the watermark', async () => {
    const doubled = timed.groupBy('symbol').transformWithState({
      output: struct({ symbol: string(), at: timestamp() }),
      timeMode: 'eventTime',
      eventTimeColumn: 'at',
      handleInput: ({ symbol }, { at, price }) => [
        { symbol, at: price < 0 ? 0 : at },
        { symbol, at },
      ],
    })
    const driver = testDriver(append(doubled.groupBy(window('at', '10 seconds'), 'symbol').count()))
    await driver.addRows([aTick(1), aTick(2)])
    const { rows, deadLetters } = await driver.addRows([aTick(25), aTick(26, -1)])
    expect(rows).toMatchObject([{ symbol: 'AAPL', count: 5 }])
    expect(deadLetters).toEqual([])
    const second = await driver.addRows([aTick(27, -1)])
    expect(second.deadLetters).toMatchObject([{ reason: 'EVENT_TIME_INVALID' }])
  })

  it('comes after an aggregation, and works in update mode and over several shards', async () => {
    const bars = timed.groupBy(window('at', '10 seconds'), 'symbol').count()
    const numbered = bars.groupBy('symbol').transformWithState({
      state: { bars: valueState(long()) },
      output: struct({ symbol: string(), bar: long(), count: long() }),
      handleInput({ symbol }, { count }, { state: { bars } }) {
        const bar = (bars.get() ?? 0) + 1
        bars.update(bar)
        return [{ symbol, bar, count }]
      },
    })
    const driver = testDriver(append(numbered))
    await driver.addRows([aTick(1), aTick(12)])
    expect((await driver.addRows([aTick(45)])).rows).toEqual([
      { symbol: 'AAPL', bar: 1, count: 1 },
      { symbol: 'AAPL', bar: 2, count: 1 },
    ])
    const sharded = testDriver(sessions.writeStream({ outputMode: 'update', sinks: [nowhere] }), { shards: 3 })
    await sharded.addRows(['a', 'b', 'c', 'd'].map((symbol) => aTick(0, 1, symbol)))
    expect((await sharded.addRows([aTick(30)])).rows).toHaveLength(4)
  })

  it('is refused without what its times need, in Spark’s words where Spark has some', () => {
    const output = Text
    const handleInput = () => []
    const grouped = ticks.groupBy('symbol')
    expect(() => grouped.transformWithState({ output, handleInput, timeMode: 'eventTime' })).toThrow(
      'Watermark needs to be defined',
    )
    expect(() => grouped.transformWithState({ output, handleInput, handleExpiredTimer: () => [] })).toThrow(
      'handleExpiredTimer is never called with timeMode none',
    )
    const state = { last: valueState(double(), { ttl: '1 minute' }) }
    expect(() => grouped.transformWithState({ output, handleInput, state })).toThrow(
      'Cannot provide TTL config for state=last and timeMode=none.',
    )
    expect(() => valueState(double(), { ttl: '0 seconds' })).toThrow('TTL duration must be greater than zero')
    expect(() => ticks.groupBy(window('at', '1 second')).transformWithState({ output, handleInput })).toThrow(
      'groups by columns, and not by windows',
    )
    expect(() =>
      grouped.transformWithState({ output, handleInput }).writeStream({ outputMode: 'complete', sinks: [nowhere] }),
    ).toThrow('Complete output mode not supported when there are no streaming aggregations')
    const counted = grouped.transformWithState({ output, handleInput }).groupBy('text').count()
    expect(() => counted.writeStream({ outputMode: 'update', sinks: [nowhere] })).toThrow(
      'transformWithState in update mode is not supported with aggregation on a streaming DataFrame/Dataset',
    )
  })

  it('is typed: key, row, variables and what is given', () => {
    const query = ticks.groupBy('symbol').transformWithState({
      state: { last: valueState(double()), list: listState(string()), map: mapState(string(), long()) },
      output: struct({ symbol: string() }),
      handleInput(key, row, { state }) {
        expectTypeOf(key.symbol).toEqualTypeOf<string>()
        expectTypeOf(row.price).toEqualTypeOf<number>()
        expectTypeOf(state.last.get()).toEqualTypeOf<number | null>()
        expectTypeOf(state.list.get()).toEqualTypeOf<readonly string[]>()
        expectTypeOf(state.map.keys()).toEqualTypeOf<readonly string[]>()
        // @ts-expect-error the key has the grouping columns only
        void key.price
        // @ts-expect-error a value of another type
        if (row.price < 0) state.last.update('x')
        return [{ symbol: key.symbol }]
      },
    })
    expectTypeOf(query.runBatch([])[0]?.symbol).toEqualTypeOf<string | undefined>()
    ticks.groupBy('symbol').transformWithState({
      output: struct({ symbol: string() }),
      // @ts-expect-error a row of other columns
      handleInput: () => [{ name: 'x' }],
    })
  })
})
