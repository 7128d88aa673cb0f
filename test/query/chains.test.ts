// Stateful operators after each other: windows of windows, duplicates before and after them, and what of the state's layout they ask for.

import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  count,
  json,
  long,
  MicrobatchError,
  stream,
  string,
  struct,
  sum,
  timestamp,
  window,
  windowTime,
} from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { bars, event, write } from './bars-of-events.ts'

describe('a window of windows', () => {
  const byTime = bars.groupBy(window(windowTime('window'), '10 seconds')).agg({ amount: sum('amount') })
  const byColumn = bars.groupBy(window('window', '10 seconds')).agg({ amount: sum('amount') })
  const batches = [
    [event('a', 1), event('b', 2), event('a', 7)],
    [event('a', 12), event('b', 14)],
    [event('a', 26)],
    [event('b', 3), event('a', 60)],
  ]

  test('is the same by windowTime and by the column', async () => {
    const drivers = [byTime, byColumn].map((query) => testDriver(query.writeStream(write)))
    for (const batch of batches) {
      const [first, second] = await Promise.all(drivers.map((driver) => driver.addRows(batch)))
      expect(second?.emitted).toEqual(first?.emitted)
    }
  })

  test('comes out when the watermark has passed its end, once, whatever is redelivered and restarted', async () => {
    const driver = testDriver(byTime.writeStream(write))
    const rows = []
    for (const batch of batches) {
      const { emitted, late } = await driver.addRows(batch)
      rows.push({ emitted: emitted.map(({ row }) => row), late: late.length })
      await driver.restart()
      // What was acknowledged is closed.
      expect((await driver.redeliver()).emitted).toEqual([])
    }
    expect(rows).toEqual([
      { emitted: [], late: 0 },
      { emitted: [], late: 0 },
      { emitted: [{ window: { start: 0, end: 10_000 }, amount: 3 }], late: 0 },
      {
        emitted: [
          { window: { start: 10_000, end: 20_000 }, amount: 2 },
          { window: { start: 20_000, end: 30_000 }, amount: 1 },
        ],
        late: 1,
      },
    ])
  })

  test('gives in batch mode what append gives', async () => {
    const driver = testDriver(byTime.writeStream(write))
    const given = []
    for (const batch of [...batches, [event('end', 1_000)]]) given.push(...(await driver.addRows(batch)).rows)
    const whole = byTime.runBatch([...batches.flat().filter(({ at }, i) => !(at === 3_000 && i > 3))])
    expect(given).toEqual(whole)
  })

  test('goes on for a third', async () => {
    const minutes = byTime.groupBy(window('window', '1 minute')).agg({ windows: count(), amount: sum('amount') })
    const driver = testDriver(minutes.writeStream(write))
    await driver.addRows([event('a', 1), event('a', 12), event('a', 59)])
    const { rows } = await driver.addRows([event('a', 100)])
    expect(rows).toEqual([{ window: { start: 0, end: 60_000 }, windows: 3, amount: 3 }])
  })

  test('may be by the window itself: its groups end when it ends', async () => {
    const totals = bars.groupBy('window').agg({ ids: count() })
    const driver = testDriver(totals.writeStream(write))
    await driver.addRows([event('a', 1), event('b', 2)])
    const { rows } = await driver.addRows([event('a', 30)])
    expect(rows).toEqual([{ window: { start: 0, end: 5_000 }, ids: 2 }])
  })

  test('is refused in update and complete mode, in the words of Spark', () => {
    for (const outputMode of ['update', 'complete'] as const) {
      expect(() => byTime.writeStream({ ...write, outputMode })).toThrow(
        "Detected pattern of possible 'correctness' issue due to global watermark.",
      )
    }
  })

  test('is refused by a column that is none, in the words of Spark', () => {
    // @ts-expect-error: a text is no window
    expect(() => bars.withColumn('time', windowTime('id'))).toThrow('The input is not a correct window column: id.')
    // @ts-expect-error: a text has no time
    expect(() => bars.groupBy(window('id', '1 minute'))).not.toThrow()
  })
})

describe('windowTime as a column', () => {
  const timed = bars.withColumn('time', windowTime('window')).drop('window')

  test('is the last moment of the window, and the event time of what comes after it', async () => {
    const perMinute = timed.groupBy(window('time', '10 seconds')).agg({ bars: count() })
    const driver = testDriver(perMinute.writeStream(write))
    await driver.addRows([event('a', 1), event('a', 9)])
    expect((await driver.addRows([event('a', 40)])).rows).toEqual([{ window: { start: 0, end: 10_000 }, bars: 2 }])
    expect(timed.runBatch([event('a', 1)])).toEqual([{ id: 'a', amount: 1, time: 4_999 }])
  })

  test('is a number in the types, and a timestamp in the plan', () => {
    type Row = ReturnType<typeof timed.runBatch>[number]
    expectTypeOf<Row>().toEqualTypeOf<{ readonly id: string; readonly amount: number; readonly time: number }>()
    expect(timed.plan.columns.get('time')?.kind).toBe('timestamp')
  })
})

describe('windows, a condition on them, and then duplicates', () => {
  test('each window comes once', async () => {
    const busy = bars
      .where((bar) => bar.amount > 1)
      .select('window')
      .dropDuplicates('window')
    const driver = testDriver(busy.writeStream(write))
    await driver.addRows([event('a', 1, 2), event('b', 2, 3), event('c', 6, 1)])
    const { rows, progress } = await driver.addRows([event('a', 60)])
    expect(rows).toEqual([{ window: { start: 0, end: 5_000 } }])
    // The last operator of the plan is first; the window is forgotten in the batch that it came in.
    expect(progress.stateOperators.map((operator) => [operator.operatorName, operator.numRowsTotal])).toEqual([
      ['dedupe', 0],
      ['stateStoreSave', 1],
    ])
  })
})

describe('the layout of the state', () => {
  const Kafka = struct({ id: string(), at: timestamp(), amount: long() })
  const keyed = stream('keyed')
    .readKafka({ topic: 't', keyedBy: 'id' })
    .decode(json(Kafka))
    .withWatermark('at', '10 seconds')

  test('takes one shard for several operators', () => {
    const query = bars.groupBy(window('window', '10 seconds')).count().writeStream(write)
    expect(() => testDriver(query, { shards: 2 })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('takes one shard') }),
    )
  })

  test('has a shard for each partition where every operator goes by the key of the topic', async () => {
    const query = keyed
      .dropDuplicates('id', 'at')
      .groupBy(window('at', '5 seconds'), 'id')
      .agg({ amount: sum('amount') })
      .groupBy(window('window', '10 seconds'), 'id')
      .agg({ amount: sum('amount') })
      .writeStream(write)
    const driver = testDriver(query, { partitions: 2 })
    const record = (id: string, second: number) => ({
      key: id,
      value: JSON.stringify({ id, at: second * 1_000, amount: 1 }),
      partition: id === 'a' ? 0 : 1,
    })
    await driver.addRecords([record('a', 1), record('a', 1), record('a', 8), record('b', 2)])
    const { rows } = await driver.addRecords([record('a', 40)])
    expect(rows).toEqual([
      { window: { start: 0, end: 10_000 }, id: 'a', amount: 2 },
      { window: { start: 0, end: 10_000 }, id: 'b', amount: 1 },
    ])
  })

  test('is refused where an operator does not', () => {
    const windows = keyed.groupBy(window('at', '5 seconds'), 'id').agg({ amount: sum('amount') })
    expect(() => windows.groupBy(window('window', '10 seconds')).count().writeStream(write)).toThrow(
      'so groups must be by this column',
    )
    expect(() => keyed.dropDuplicates('at').writeStream(write)).toThrow('so dropDuplicates must be by this column')
    expect(() => keyed.limit(3).writeStream(write)).toThrow('limit counts them')
    const renamed = windows.withColumn('id', () => 'x', string())
    expect(() => renamed.groupBy(window('window', '10 seconds'), 'id').count().writeStream(write)).toThrow(
      'withColumn puts something else under its name',
    )
    expect(() => keyed.dropDuplicates('at').writeStream(write)).toThrow(MicrobatchError)
  })
})
