import { describe, expect, expectTypeOf, test } from 'vitest'
import { Tick } from '../../handlers/ticks/tick.ts'
import {
  avg,
  checkState,
  consoleSink,
  count,
  double,
  json,
  kafkaHandler,
  last,
  long,
  map,
  max,
  maxBy,
  memoryDeadLetters,
  memoryState,
  min,
  minBy,
  resetState,
  type Sink,
  stream,
  string,
  struct,
  sum,
  timestamp,
  window,
} from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { anEvent, aRecord, aTick, keepingSink, openingBellMs } from '../builders.ts'

const ticks = stream('bars').rows(Tick)
const timed = ticks.withWatermark('timestamp', '10 seconds')
const at = (second: number, change: Parameters<typeof aTick>[0] = {}) =>
  aTick({ timestamp: openingBellMs + second * 1000, ...change })
const windowAt = (second: number, sizeS = 3) => ({
  start: openingBellMs + second * 1000,
  end: openingBellMs + (second + sizeS) * 1000,
})

describe('a bar', () => {
  const bars = timed
    .groupBy(window('timestamp', '3 seconds'), 'symbol')
    .agg({
      ticks: count(),
      open: minBy('price', 'timestamp'),
      high: max('price'),
      low: min('price'),
      close: maxBy('price', 'timestamp'),
      turnover: sum((tick) => tick.price * tick.volume),
      volume: sum('volume'),
    })
    .withColumn('vwap', (bar) => bar.turnover / bar.volume)
    .drop('turnover')

  test('has its window, its symbol, its aggregates and what is computed from them', async () => {
    const driver = testDriver(bars.writeStream({ outputMode: 'update', sinks: [keepingSink()] }))
    const { rows } = await driver.addRows([
      at(1, { price: 151, volume: 30 }),
      at(0, { price: 150, volume: 10 }),
      at(2, { price: 149, volume: 10 }),
    ])
    expect(rows).toEqual([
      {
        window: windowAt(0),
        symbol: 'AAPL',
        ticks: 3,
        open: 150,
        high: 151,
        low: 149,
        close: 149,
        volume: 50,
        vwap: (151 * 30 + 150 * 10 + 149 * 10) / 50,
      },
    ])
  })

  test('prints with the columns in the order of the query', async () => {
    let printed = ''
    const sinks = [consoleSink({ write: (text) => (printed = text) })]
    await testDriver(bars.writeStream({ outputMode: 'update', sinks })).addRows([at(0)])
    expect(printed.split('\n')[4]).toBe('|              window|symbol|ticks| open| high|  low|close|volume| vwap|')
  })

  test('has the types that its aggregates say', () => {
    type Bar = ReturnType<typeof bars.runBatch>[number]
    expectTypeOf<Bar['symbol']>().toEqualTypeOf<string>()
    expectTypeOf<Bar['ticks']>().toEqualTypeOf<number>()
    expectTypeOf<Bar['vwap']>().toEqualTypeOf<number>()
    expectTypeOf<Bar['window']['start']>().toExtend<number>()
    // @ts-expect-error: turnover was dropped
    expectTypeOf<Bar['turnover']>()
  })

  test('does not compile with a column that is not there, nor with an average of text', () => {
    const grouped = timed.groupBy('symbol')
    // @ts-expect-error: no such column
    expect(() => grouped.agg({ high: max('prise') })).toThrow('cannot be resolved')
    // @ts-expect-error: an average of text
    expect(() => grouped.agg({ mean: avg('symbol') })).toThrow('data type mismatch')
    // @ts-expect-error: no such column to watch
    expect(() => ticks.withWatermark('time', '1 second')).toThrow('cannot be resolved')
    // @ts-expect-error: text is no time
    expect(() => ticks.withWatermark('symbol', '1 second')).toThrow('has the invalid type')
    // @ts-expect-error: no such column to group by
    expect(() => timed.groupBy('venue').count()).toThrow('cannot be resolved')
    // @ts-expect-error: no such column to make windows of
    expect(() => timed.groupBy(window('time', '3 seconds')).count()).toThrow('cannot be resolved')
  })
})

describe('a query is refused in Spark’s words', () => {
  const bySymbol = ticks.groupBy('symbol').count()
  const write = (outputMode: 'append' | 'update' | 'complete') => ({ outputMode, sinks: [keepingSink()] })

  test.each([
    [
      'append without a watermark',
      () => bySymbol.writeStream(write('append')),
      'Append output mode not supported when there are streaming aggregations on streaming DataFrames/DataSets without watermark',
    ],
    [
      'append with a watermark that does not make groups final',
      () => timed.groupBy('symbol').count().writeStream(write('append')),
      'without watermark',
    ],
    [
      'append when the watermark’s column was replaced',
      () =>
        timed
          .withColumn('timestamp', () => 0, timestamp())
          .groupBy(window('timestamp', '1 second'))
          .count()
          .writeStream(write('append')),
      'without watermark',
    ],
    [
      'a sort of anything but a complete table',
      () => bySymbol.orderBy('count').writeStream(write('update')),
      'Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode',
    ],
    [
      'a sort of rows that are grouped then',
      () => timed.orderBy('price').groupBy('symbol').count(),
      'Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated DataFrame/Dataset in Complete output mode',
    ],
    [
      'groups by a map',
      () =>
        ticks
          .withColumn('tags', () => new Map<string, string>(), map(string()))
          .groupBy('tags')
          .count(),
      'The expression "tags" cannot be used as a grouping expression because its data type "MAP<STRING, STRING>" is not an orderable',
    ],
    [
      'a limit in update mode',
      () => bySymbol.limit(3).writeStream(write('update')),
      'Limits are not supported on streaming DataFrames/Datasets in Update output mode',
    ],
    [
      'a negative delay',
      () => ticks.withWatermark('timestamp', '-1 second'),
      'delay threshold (-1 second) should not be negative.',
    ],
    ['two watermarks', () => timed.withWatermark('timestamp', '1 second'), 'Redefining watermark is disallowed.'],
    [
      'two windows',
      () => timed.groupBy(window('timestamp', '1 second'), window('timestamp', '2 seconds').as('b')).count(),
      'Multiple time/session window expressions would result in a cartesian product of rows, therefore they are currently not supported.',
    ],
    [
      'a window of months',
      () => window('timestamp', '1 month'),
      'Intervals greater than a month is not supported (1 month).',
    ],
    ['event time that is no timestamp', () => timed.groupBy(window('price', '1 second')), 'has the invalid type'],
  ])('%s', (_, build, message) => {
    expect(() => {
      const built = build()
      if ('count' in built) built.count()
    }).toThrow(expect.objectContaining({ code: 'QUERY_INVALID', message: expect.stringContaining(message) }))
  })

  test('two output columns of one name, which Spark allows and nobody can read', () => {
    expect(() => ticks.groupBy('symbol').agg({ symbol: count() })).toThrow('two output columns are named `symbol`')
  })
  test('a second aggregation over groups that are never final', () => {
    const counts = bySymbol.groupBy('count').agg({ symbols: count() })
    expect(() => counts.writeStream({ sinks: [keepingSink()] })).toThrow(/without watermark$/)
    expect(() => counts.writeStream({ outputMode: 'update', sinks: [keepingSink()] })).toThrow(
      /possible 'correctness' issue/,
    )
  })
})

describe('complete mode', () => {
  test('can be sorted and cut', async () => {
    const query = ticks
      .groupBy('symbol')
      .agg({ volume: sum('volume') })
      .orderBy('volume', 'desc')
      .limit(1)
    const driver = testDriver(query.writeStream({ outputMode: 'complete', sinks: [keepingSink()] }))
    expect((await driver.addRows([at(0), at(0, { symbol: 'MSFT', volume: 5000 })])).rows).toEqual([
      { symbol: 'MSFT', volume: 5000 },
    ])
    expect((await driver.addRows([at(1, { volume: 9000 })])).rows).toEqual([{ symbol: 'AAPL', volume: 10_000 }])
  })

  test('of all rows together has one row, also over nothing', async () => {
    const driver = testDriver(
      ticks
        .where(() => false)
        .groupBy()
        .agg({ n: count(), high: max('price') })
        .writeStream({ outputMode: 'complete', sinks: [keepingSink()] }),
    )
    expect((await driver.addRows([at(0)])).rows).toEqual([{ n: 0, high: null }])
  })
})

describe('groups without an end', () => {
  test('a window without a watermark is kept for ever, apart from its like', async () => {
    const driver = testDriver(
      ticks
        .groupBy(window('timestamp', '3 seconds'))
        .count()
        .writeStream({ outputMode: 'update', sinks: [keepingSink()] }),
    )
    await driver.addRows([at(0), at(3)])
    expect((await driver.addRows([at(1000), at(1)])).rows).toEqual(
      expect.arrayContaining([
        { window: windowAt(0), count: 2 },
        { window: windowAt(999), count: 1 },
      ]),
    )
    expect([driver.stateRows, driver.watermarkMs]).toEqual([3, 0])
  })

  test('the watermark’s own column as a key ends at its time', async () => {
    const driver = testDriver(
      timed
        .groupBy('timestamp')
        .count()
        .writeStream({ outputMode: 'append', sinks: [keepingSink()] }),
    )
    await driver.addRows([at(0), at(0), at(1)])
    expect((await driver.addRows([at(10)])).rows).toEqual([{ timestamp: openingBellMs, count: 2 }])
  })
})

describe('late rows', () => {
  test('are counted, given to the late sink with their place, and nothing else', async () => {
    const taken: object[] = []
    const lateSink: Sink<object> = { description: 'late', write: async ({ rows }) => void taken.push(...rows) }
    const query = timed
      .groupBy(window('timestamp', '3 seconds'), 'symbol')
      .count()
      .writeStream({ outputMode: 'update', sinks: [keepingSink()], lateSink })
    const driver = testDriver(query)
    await driver.addRows([at(0), at(30)])
    const batch = await driver.addRows([at(1), at(2), at(29)])
    expect(batch.late).toEqual([at(1), at(2)])
    expect(batch.progress.stateOperators[0]).toMatchObject({
      numLateRows: 2,
      numRowsDroppedByWatermark: 1,
      numRowsUpdated: 1,
    })
    expect(taken).toEqual([
      { row: at(1), id: 'rows-0-2' },
      { row: at(2), id: 'rows-0-3' },
    ])
  })

  test('of sliding windows may miss one window and reach another', async () => {
    const query = timed
      .groupBy(window('timestamp', '10 seconds', '5 seconds'))
      .count()
      .writeStream({ outputMode: 'append', sinks: [keepingSink()] })
    const driver = testDriver(query)
    await driver.addRows([at(20)])
    const { late, rows } = await driver.addRows([at(7), at(40)])
    expect(late).toEqual([at(7)])
    expect(rows).toEqual([
      { window: windowAt(5, 10), count: 1 },
      { window: windowAt(15, 10), count: 1 },
      { window: windowAt(20, 10), count: 1 },
    ])
  })
})

describe('the watermark', () => {
  const query = timed.groupBy(window('timestamp', '3 seconds')).count()

  test('waits for every partition with policy min, and progress says for which', async () => {
    const driver = testDriver(query.writeStream({ outputMode: 'update', sinks: [keepingSink()] }), { partitions: 2 })
    const first = await driver.addRows([at(100)], { partition: 0 })
    expect(first.progress.eventTime?.heldBackBy).toEqual({ partition: 'rows-1', eventTime: null })
    const second = await driver.addRows([at(50)], { partition: 1 })
    expect(second.progress.eventTime?.heldBackBy).toEqual({
      partition: 'rows-1',
      eventTime: '2026-01-05T14:30:50.000Z',
    })
    expect(driver.watermarkMs).toBe(openingBellMs + 40_000)
  })

  test('follows the furthest partition with policy max, Spark’s', async () => {
    const driver = testDriver(
      query.writeStream({ outputMode: 'update', sinks: [keepingSink()], watermarkPolicy: 'max' }),
      {
        partitions: 2,
      },
    )
    await driver.addRows([at(100)], { partition: 0 })
    expect(driver.watermarkMs).toBe(openingBellMs + 90_000)
  })

  test('passes over a partition that has been silent for the idle timeout', async () => {
    let nowMs = openingBellMs
    const driver = testDriver(
      query.writeStream({ outputMode: 'update', sinks: [keepingSink()], idleTimeout: '60 seconds' }),
      {
        partitions: 2,
        now: () => nowMs,
      },
    )
    for (const second of [0, 30, 59]) {
      nowMs = openingBellMs + second * 1000
      await driver.addRows([at(second)], { partition: 0 })
      expect(driver.watermarkMs).toBe(0)
    }
    nowMs = openingBellMs + 61_000
    await driver.addRows([at(61)], { partition: 0 })
    expect(driver.watermarkMs).toBe(openingBellMs + 51_000)
  })

  test('does not move for rows that were left out before it, and does for those after it', async () => {
    const noneLeft = { outputMode: 'update', sinks: [keepingSink()] } as const
    const before = ticks
      .where(() => false)
      .withWatermark('timestamp', '10 seconds')
      .groupBy(window('timestamp', '3 seconds'))
      .count()
    const after = timed
      .where(() => false)
      .groupBy(window('timestamp', '3 seconds'))
      .count()
    const [first, second] = [testDriver(before.writeStream(noneLeft)), testDriver(after.writeStream(noneLeft))]
    await first.addRows([at(100)])
    await second.addRows([at(100)])
    expect([first.watermarkMs, second.watermarkMs]).toEqual([0, openingBellMs + 90_000])
  })

  test('is not moved by a row from the future, wherever its time was computed', async () => {
    const Raw = struct({ seconds: double(), symbol: string() })
    const query = stream('q')
      .readKafka({ topic: 't' })
      .decode(json(Raw))
      .withColumn('time', (row) => row.seconds * 1000, timestamp())
      .withWatermark('time', '10 seconds')
      .groupBy(window('time', '3 seconds'))
      .count()
    const driver = testDriver(query.writeStream({ outputMode: 'update', sinks: [keepingSink()] }))
    const value = JSON.stringify({ seconds: openingBellMs / 1000 + 7200, symbol: 'AAPL' })
    const { deadLetters } = await driver.addRecords([{ value, timestamp: openingBellMs }])
    expect([deadLetters[0]?.reason, driver.watermarkMs]).toEqual(['FROM_THE_FUTURE', 0])
  })
})

describe('a row without an event time is counted, since it is in no window', () => {
  const Reading = struct({ symbol: string(), at: timestamp({ unit: 'millis' }) })
  const source = stream('readings')
    .readKafka({ topic: 't' })
    .decode(json(Reading, { malformed: 'null' }))
  const records = ['{"symbol":"A","at":1}', '{"symbol":"A","at":"soon"}', '{"symbol":"A"}', 'garbage'].map((value) => ({
    value,
  }))
  const write = { outputMode: 'update', sinks: [keepingSink()] } as const
  test('by the watermark and its window', async () => {
    const query = source.withWatermark('at', '1 second').groupBy(window('at', '1 second'), 'symbol').count()
    const { rows, progress, late, deadLetters } = await testDriver(query.writeStream(write)).addRecords(records)
    expect(rows).toEqual([{ window: { start: 0, end: 1000 }, symbol: 'A', count: 1 }])
    expect([progress.numInputRows, progress.numRowsWithoutEventTime, late, deadLetters]).toEqual([4, 3, [], []])
  })
  test('by the window alone', async () => {
    const query = source.groupBy(window('at', '1 second')).count()
    const { progress } = await testDriver(query.writeStream(write)).addRecords(records)
    expect(progress.numRowsWithoutEventTime).toBe(3)
  })
  test('by the watermark alone, and then it is in a group all the same', async () => {
    const query = source.withWatermark('at', '1 second').groupBy('symbol').count()
    const { rows, progress } = await testDriver(query.writeStream(write)).addRecords(records)
    expect(rows).toEqual([
      { symbol: 'A', count: 3 },
      { symbol: null, count: 1 },
    ])
    expect(progress.numRowsWithoutEventTime).toBe(3)
  })
  test('not where nothing looks at it, nor where an operator has left the row out before', async () => {
    const untimed = await testDriver(source.writeStream({ sinks: [keepingSink()] })).addRecords(records)
    expect(untimed.progress.numRowsWithoutEventTime).toBe(0)
    const query = source
      .where(({ at }) => at !== null)
      .withWatermark('at', '1 second')
      .groupBy(window('at', '1 second'))
      .count()
    const { progress } = await testDriver(query.writeStream(write)).addRecords(records)
    expect(progress.numRowsWithoutEventTime).toBe(0)
  })
})

describe('one bad tick cannot stop a query for ever', () => {
  const Raw = struct({ symbol: string(), volume: long(), at: double() })
  const raw = stream('q')
    .readKafka({ topic: 't' })
    .decode(json(Raw))
    .withColumn('time', (row) => row.at, timestamp())
  const bySymbol = raw
    .withWatermark('time', '10 seconds')
    .groupBy(window('time', '7 seconds'), 'symbol')
    .agg({ volume: sum('volume') })
  const run = async (value: object) => {
    const driver = testDriver(
      bySymbol.writeStream({ outputMode: 'update', sinks: [consoleSink({ write: () => {} })], maxFuture: 'off' }),
    )
    const { rows, deadLetters } = await driver.addRecords([value, value].map((row) => ({ value: JSON.stringify(row) })))
    return { rows, reasons: deadLetters.map(({ reason }) => reason) }
  }

  test('not a sum of volumes beyond 2^53 - 1', async () => {
    const { rows } = await run({ symbol: 'HUGE', volume: Number.MAX_SAFE_INTEGER, at: 0 })
    expect(rows).toEqual([{ window: { start: 0, end: 7000 }, symbol: 'HUGE', volume: null }])
  })
  test('not a symbol of half a megabyte', async () => {
    expect((await run({ symbol: 'x'.repeat(500_000), volume: 1, at: 0 })).reasons).toEqual([
      'KEY_TOO_LONG',
      'KEY_TOO_LONG',
    ])
  })
  test('not a note of half a megabyte that an aggregate keeps, and no less than the rows beside it', async () => {
    const query = stream('notes')
      .readKafka({ topic: 't' })
      .decode(json(struct({ symbol: string(), note: string() })))
      .groupBy('symbol')
      .agg({ notes: count('note'), last: last('note'), longest: max('note') })
      .writeStream({ outputMode: 'update', sinks: [keepingSink()] })
    const { rows, deadLetters } = await testDriver(query).addRecords(
      ['x'.repeat(500_000), 'ok', 'y'.repeat(32_768)].map((note) => ({ value: JSON.stringify({ symbol: 'A', note }) })),
    )
    expect(rows).toEqual([{ symbol: 'A', notes: 2, last: 'y'.repeat(32_768), longest: 'y'.repeat(32_768) }])
    expect(deadLetters).toMatchObject([
      { offset: 0, reason: 'VALUE_TOO_LONG', detail: 'column note: 500000, allowed: 32768' },
    ])
  })
  test.each([8.7e15, -8.64e15, 0.5])('not an event time of %d, which no calendar has', async (at) => {
    expect((await run({ symbol: 'A', volume: 1, at })).reasons).toEqual(['EVENT_TIME_INVALID', 'EVENT_TIME_INVALID'])
  })
  test('and a row from the future is set aside under every policy', async () => {
    const kafka = stream('q').readKafka({ topic: 't' })
    const streams = [
      ...(['deadLetter', 'drop'] as const).map((malformed) => kafka.decode(json(Tick, { malformed }))),
      ...[kafka.decode(json(Tick, { malformed: 'fail' }))],
    ]
    for (const ticks of streams) {
      const query = ticks.writeStream({ sinks: [keepingSink()] })
      const value = JSON.stringify(aTick({ timestamp: openingBellMs + 7_200_000 }))
      const { deadLetters } = await testDriver(query).addRecords([{ value, timestamp: openingBellMs }])
      expect(deadLetters.map(({ reason }) => reason)).toEqual(['FROM_THE_FUTURE'])
    }
  })
})

describe('kept state is refused', () => {
  const write = { outputMode: 'update', sinks: [keepingSink()] } as const
  const windowed = (topic: string) =>
    stream('q').readKafka({ topic }).decode(json(Tick)).groupBy(window('timestamp', '3 seconds')).count()
  const watched = stream('q')
    .readKafka({ topic: 'a' })
    .decode(json(Tick))
    .withWatermark('timestamp', '1 second')
    .groupBy(window('timestamp', '3 seconds'))
    .count()
  const record = { value: JSON.stringify(aTick()) }

  test.each([
    ['when a watermark comes to a query, whose groups lie elsewhere then', windowed('a'), watched],
    ['when a watermark goes', watched, windowed('a')],
    ['when the topic is another', windowed('a'), windowed('b')],
  ])('%s', async (_, before, after) => {
    const state = memoryState()
    await testDriver(before.writeStream(write), { state }).addRecords([record])
    const run = testDriver(after.writeStream(write), { state }).addRecords([record])
    await expect(run).rejects.toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
  })
})

test('a reset begins with nothing, also where kept state was another query’s', async () => {
  const state = memoryState()
  const write = { outputMode: 'update', sinks: [keepingSink()] } as const
  const bySymbol = ticks.groupBy('symbol').count().writeStream(write)
  await testDriver(bySymbol, { state }).addRows([at(0), at(1)])
  expect(await resetState(bySymbol, state, { nowMs: openingBellMs })).toBe(1)
  expect((await testDriver(bySymbol, { state }).addRows([at(2)])).rows).toEqual([{ symbol: 'AAPL', count: 1 }])
  const byPrice = ticks.groupBy('price').count().writeStream(write)
  await resetState(byPrice, state, { nowMs: openingBellMs })
  expect((await testDriver(byPrice, { state }).addRows([at(3)])).rows).toEqual([{ price: 150.5, count: 1 }])
})

test("what is kept for a query is told to be its own, or another one's, before it runs", async () => {
  const state = memoryState()
  const write = (outputMode: 'update' | 'complete') =>
    ticks
      .withWatermark('timestamp', '1 second')
      .groupBy(window('timestamp', '3 seconds'))
      .count()
      .writeStream({ outputMode, sinks: [keepingSink()] })
  await expect(checkState(write('update'), state)).resolves.toBeUndefined()
  await testDriver(write('update'), { state }).addRows([at(0)])
  await expect(checkState(write('update'), state)).resolves.toBeUndefined()
  await expect(checkState(write('update'), state, { shards: 1 })).resolves.toBeUndefined()
  await expect(checkState(write('complete'), state)).rejects.toMatchObject({
    code: 'STATE_INCOMPATIBLE',
    message: expect.stringMatching(
      /outputMode was update, is now complete \(groups that have ended are no longer kept.*\. .*microbatch start --fresh/,
    ),
  })
  await expect(checkState(write('update'), state, { shards: 2 })).rejects.toThrow('shards was 1, is now 2')
})

describe('words that are none', () => {
  test.each([
    ['a mode', { outputMode: 'upate' as 'update' }, 'outputMode is "upate"'],
    ['a policy', { watermarkPolicy: 'mean' as 'min' }, 'watermarkPolicy is "mean"'],
    ['a negative limit of the future', { maxFuture: '-1 hour' }, 'should not be negative'],
    ['a negative idle timeout', { idleTimeout: '-1 hour' }, 'should not be negative'],
  ])('%s', (_, options, message) => {
    expect(() => ticks.writeStream({ sinks: [keepingSink()], ...options })).toThrow(message)
  })
})

describe('the driver', () => {
  const query = timed
    .groupBy(window('timestamp', '3 seconds'), 'symbol')
    .count()
    .writeStream({ outputMode: 'update', sinks: [keepingSink()] })

  test('delivers a batch again with the same outcome, and counts no row twice', async () => {
    const driver = testDriver(query)
    const first = await driver.addRows([at(0), at(0)])
    const again = await driver.redeliver()
    expect(again.rows).toEqual(first.rows)
    await driver.restart()
    expect((await driver.redeliver()).rows).toEqual(first.rows)
  })
})

describe('the handler', () => {
  const bars = stream('bars')
    .readKafka({ topic: 'stock-ticks' })
    .decode(json(Tick))
    .withWatermark('timestamp', '10 seconds')
    .groupBy(window('timestamp', '3 seconds'), 'symbol')
    .count()
  const query = bars.writeStream({ outputMode: 'update', sinks: [keepingSink()] })
  const deadLetters = memoryDeadLetters()

  test('needs state for an aggregation', () => {
    expect(() => kafkaHandler(query, { deadLetters, partitions: 1 })).toThrow('needs state')
  })
  test('needs the partition count for policy min', () => {
    expect(() => kafkaHandler(query, { deadLetters, state: memoryState() })).toThrow('needs the number of partitions')
  })
  test('counts a batch that is delivered twice once', async () => {
    const handler = kafkaHandler(query, { deadLetters, state: memoryState(), partitions: 1 })
    const event = anEvent([aRecord(), aRecord({ offset: 1 })])
    const progress = [await handler(event), await handler(event)]
    expect(progress.map(({ batchId, stateOperators }) => [batchId, stateOperators[0]?.numRowsUpdated])).toEqual([
      [0, 1],
      [0, 0],
    ])
  })
})
