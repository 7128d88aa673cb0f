// A batch that comes again is the same batch: its number, its key and its clock are those of the first try, whatever failed, in
// whichever container it comes again.

import { describe, expect, test } from 'vitest'
import {
  count,
  currentTimestamp,
  int,
  json,
  long,
  MicrobatchError,
  max,
  memoryState,
  type Sink,
  type SinkBatch,
  stream,
  struct,
  timestamp,
  window,
} from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { openingBellMs } from '../builders.ts'

const Value = struct({ v: int(), at: timestamp() })
const kafka = stream('q').readKafka({ topic: 't' })
const values = kafka.decode(json(Value))
const aRecord = (v: number, at = openingBellMs) => ({ value: JSON.stringify({ v, at }) })
const bars = values.withWatermark('at', '1 second').groupBy(window('at', '10 seconds')).agg({ n: count() })

/** Notes what it is given, and fails as long as it is told to. */
function noting() {
  const seen: SinkBatch<object>[] = []
  const sink: Sink<object> & { isDown: boolean; readonly seen: typeof seen } = {
    description: 'noting',
    isDown: false,
    seen,
    async write(batch) {
      seen.push(batch)
      if (sink.isDown) throw new Error('the answer was lost')
    },
  }
  return sink
}

describe('the number of a batch', () => {
  test('is its own when its answer was lost and it comes again, in a new container too', async () => {
    const sink = noting()
    const driver = testDriver(bars.writeStream({ outputMode: 'update', sinks: [sink] }))
    await driver.addRecords([aRecord(1)])
    sink.isDown = true
    await driver.addRecords([aRecord(2)]).catch(() => undefined)
    await driver.redeliver().catch(() => undefined)
    await driver.restart()
    sink.isDown = false
    const { progress } = await driver.redeliver()
    expect(sink.seen.map(({ batchId, number, key }) => [batchId, number, key])).toEqual([
      [0, 0, 't-0:0-1'],
      [1, 1, 't-0:1-2'],
      [1, 1, 't-0:1-2'],
      [1, 1, 't-0:1-2'],
    ])
    expect(progress.batchId).toBe(1)
    await driver.addRecords([aRecord(3)])
    expect(sink.seen.at(-1)?.batchId).toBeGreaterThan(1)
  })

  test('of another batch is another, though batches of other partitions came in between', async () => {
    const sink = noting()
    const driver = testDriver(bars.writeStream({ outputMode: 'update', sinks: [sink] }), { partitions: 2 })
    await driver.addRecords([{ ...aRecord(1), partition: 0, offset: 5 }])
    await driver.addRecords([{ ...aRecord(1), partition: 1, offset: 7 }])
    await driver.addRecords([{ ...aRecord(1), partition: 0, offset: 5 }])
    const several = [
      { partition: 1, offset: 8 },
      { partition: 0, offset: 6 },
      { partition: 0, offset: 7 },
    ]
    await driver.addRecords(several.map((place) => ({ ...aRecord(1), ...place })))
    const [first, second, again, last] = sink.seen
    expect([first?.batchId, second?.batchId, again?.batchId]).toEqual([0, 1, 0])
    expect([first?.key, again?.key, last?.key]).toEqual(['t-0:5-6', 't-0:5-6', 't-0:6-8 t-1:8-9'])
    expect(last?.batchId).toBeGreaterThan(1)
  })

  test('is not said where nobody knows it; what it was used for is done by the key or the ids', async () => {
    const table: number[] = []
    let lastId = -1
    let lastKey = ''
    const byId: Sink<{ readonly v: number }> = {
      description: 'skips a batch that it has, by its number',
      async write({ batchId, rows }) {
        if (Number(batchId) <= lastId) return
        table.push(...rows.map(({ row }) => row.v))
        lastId = Number(batchId)
      },
    }
    const keyed: number[] = []
    const byKey: Sink<{ readonly v: number }> = {
      description: 'skips a batch that it has, by its key',
      async write({ key, rows }) {
        if (key !== lastKey) keyed.push(...rows.map(({ row }) => row.v))
        lastKey = key
      },
    }
    const driver = testDriver(values.writeStream({ sinks: [byId, byKey] }))
    await driver.addRecords([aRecord(1)])
    await driver.addRecords([aRecord(2)])
    await driver.restart()
    await driver.redeliver()
    await driver.addRecords([aRecord(3)])
    expect(keyed).toEqual([1, 2, 3])
    expect(new Set(table)).toEqual(new Set([1, 2, 3]))
  })

  test('is told to the late sink, too', async () => {
    const late = noting()
    const driver = testDriver(bars.writeStream({ outputMode: 'update', sinks: [noting()], lateSink: late }))
    await driver.addRecords([aRecord(1)])
    await driver.addRecords([aRecord(2, openingBellMs + 60_000)])
    await driver.addRecords([aRecord(3)])
    await driver.redeliver()
    expect(late.seen.map(({ batchId, key, rows }) => [batchId, key, rows.length])).toEqual([
      [2, 't-0:2-3 late', 1],
      [2, 't-0:2-3 late', 1],
    ])
  })
})

describe('the clock of a batch', () => {
  const clock = { now: openingBellMs }
  const now = () => clock.now
  const byClock = values.withColumn('now', currentTimestamp()).groupBy(window('now', '10 seconds'))

  test('is when it was first tried: a retry folds its rows into the same window, and emits the same', async () => {
    for (const outputMode of ['complete', 'update'] as const) {
      clock.now = openingBellMs
      const sink = noting()
      const driver = testDriver(byClock.agg({ n: count() }).writeStream({ outputMode, sinks: [sink] }), { now })
      sink.isDown = true
      await driver.addRecords([aRecord(1), aRecord(2)]).catch(() => undefined)
      clock.now += 15_000
      await driver.restart()
      sink.isDown = false
      const { rows } = await driver.redeliver()
      const first = { window: { start: openingBellMs, end: openingBellMs + 10_000 }, n: 2 }
      expect(rows).toEqual([first])
      const { rows: next } = await driver.addRecords([aRecord(3)])
      const second = { window: { start: openingBellMs + 10_000, end: openingBellMs + 20_000 }, n: 1 }
      expect(next).toEqual(outputMode === 'complete' ? [first, second] : [second])
    }
  })

  test('is kept before any row is folded, and goes with the record where batches are cut otherwise', async () => {
    clock.now = openingBellMs
    const store = memoryState()
    let failing = true
    const state: typeof store = {
      ...store,
      put: (item, rev) => {
        if (failing && item.sk === 'head') throw new MicrobatchError('STATE_TOO_LARGE', 'refused for now')
        return store.put(item, rev)
      },
    }
    const query = byClock
      .agg({ n: count(), last: max('now') })
      .writeStream({ outputMode: 'complete', sinks: [noting()] })
    const driver = testDriver(query, { now, state: { ...state, range: store.range } })
    const container = await driver.addRecords([aRecord(1), aRecord(2)]).catch((error: unknown) => error)
    expect(container).toMatchObject({ code: 'STATE_TOO_LARGE' })
    failing = false
    clock.now += 3_000
    const longer = [0, 1, 2].map((offset) => ({ ...aRecord(offset), offset }))
    expect((await driver.addRecords(longer)).rows).toEqual([
      { window: { start: openingBellMs, end: openingBellMs + 10_000 }, n: 3, last: openingBellMs + 3_000 },
    ])
    clock.now += 9_000
    const again = await driver.redeliver()
    expect(again.rows).toMatchObject([{ n: 3, last: openingBellMs + 3_000 }])
  })

  test('is the same for all rows, also after an aggregation; functions read it as a column', async () => {
    clock.now = openingBellMs + 500
    const aged = values
      .withColumn('now', currentTimestamp())
      .withColumn('age', ({ now, at }) => now - at, long())
      .select('v', 'age')
    const tape = testDriver(aged.writeStream({ sinks: [noting()] }), { now })
    expect((await tape.addRecords([aRecord(1), aRecord(2)])).rows).toEqual([
      { v: 1, age: 500 },
      { v: 2, age: 500 },
    ])
    clock.now += 1_000
    expect((await tape.redeliver()).rows[0]?.age).toBe(500)
    expect((await tape.addRecords([aRecord(3)])).rows[0]?.age).toBe(1_500)
    const stamped = values.groupBy('v').count().withColumn('at', currentTimestamp())
    const driver = testDriver(stamped.writeStream({ outputMode: 'complete', sinks: [noting()] }), { now })
    expect((await driver.addRecords([aRecord(1)])).rows).toEqual([{ v: 1, count: 1, at: openingBellMs + 1_500 }])
    expect(aged.runBatch([{ v: 1, at: 7 }], { nowMs: 10 })).toEqual([{ v: 1, age: 3 }])
  })

  test('may be the event time: a backlog of old records is not from the future then', async () => {
    clock.now = openingBellMs + 86_400_000
    const query = values.withColumn('now', currentTimestamp()).withWatermark('now', '1 second')
    const counted = query.groupBy(window('now', '1 minute')).count()
    const driver = testDriver(counted.writeStream({ outputMode: 'update', sinks: [noting()] }), { now })
    const { rows, deadLetters } = await driver.addRecords([{ ...aRecord(1), timestamp: openingBellMs }])
    expect([rows.length, deadLetters.length]).toEqual([1, 0])
  })
})
