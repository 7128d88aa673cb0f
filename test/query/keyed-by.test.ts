// A topic whose records are keyed by a column: each partition has a shard of its own, and the rows that come out are those of any
// other routing. What is declared and not true is refused where it can be seen.

import { describe, expect, test } from 'vitest'

import { Tick } from '../../handlers/ticks/tick.ts'
import { json, memoryState, type OutputMode, resetState, stream, sum, window } from '../../lib/index.ts'
import { type TestRecord, testDriver } from '../../lib/testing/index.ts'
import { aTick, keepingSink, openingBellMs } from '../builders.ts'
import { seeded } from '../state/schedule/random.ts'

const partitions = 4
const symbols = ['AAPL', 'GOOGL', 'MSFT', 'AMZN', 'TSLA', 'NVDA', 'META']
const partitionOf = (symbol: string): number => symbols.indexOf(symbol) % partitions

const query = (outputMode: OutputMode, keyedBy?: string) =>
  stream('bars')
    .readKafka({ topic: 'stock-ticks', ...(keyedBy === undefined ? {} : { keyedBy }) })
    .decode(json(Tick))
    .withWatermark('timestamp', '10 seconds')
    .groupBy(window('timestamp', '3 seconds', '1 second'), 'symbol')
    .agg({ volume: sum('volume') })
    .writeStream({ outputMode, sinks: [keepingSink()], watermarkPolicy: 'max' })

const aKeyed = (symbol: string, second: number, partition = partitionOf(symbol), key: string | null = symbol) => ({
  key,
  partition,
  value: JSON.stringify(aTick({ symbol, timestamp: openingBellMs + second * 1000, volume: second + 1 })),
})

/** Ticks with some disorder, some of them late, in batches of several partitions. */
function someBatches(seed: number): readonly (readonly TestRecord[])[] {
  const random = seeded(seed)
  return Array.from({ length: 30 }, (_, batch) =>
    Array.from({ length: random.between(1, 40) }, () =>
      aKeyed(random.pick(symbols), Math.max(0, 2 * batch - random.between(0, random.chance(0.1) ? 30 : 8))),
    ),
  )
}

describe.each(['append', 'update', 'complete'] as const)('%s', (mode) => {
  test.each<readonly [string, { readonly shards?: number; readonly restarts?: boolean }, string | undefined]>([
    ['one shard', { shards: 1 }, undefined],
    ['five shards', { shards: 5 }, undefined],
    ['a shard for each partition', {}, 'symbol'],
    ['a shard for each partition, a restart after each batch', { restarts: true }, 'symbol'],
  ])('%s give the same rows, batch by batch, and the same late rows', async (_, { restarts, ...options }, keyedBy) => {
    const plain = testDriver(query(mode), { partitions })
    const other = testDriver(query(mode, keyedBy), { partitions, ...options })
    let emitted = 0
    let late = 0
    for (const batch of someBatches(11)) {
      const [expected, found] = [await plain.addRecords(batch), await other.addRecords(batch)]
      expect(found.rows).toEqual(expected.rows)
      expect(found.late.length).toBe(expected.late.length)
      expect(found.emitted.map(({ id }) => id)).toEqual(expected.emitted.map(({ id }) => id))
      expect((await other.redeliver()).rows).toEqual(mode === 'append' ? [] : expected.rows)
      if (restarts === true) await other.restart()
      emitted += expected.rows.length
      late += expected.late.length
    }
    expect(emitted).toBeGreaterThan(200)
    expect(late > 0).toBe(mode !== 'complete')
  })
})

test('a record under another key, or under none, is a dead letter that says what was declared', async () => {
  const driver = testDriver(query('update', 'symbol'), { partitions })
  const { rows, deadLetters, progress } = await driver.addRecords([
    aKeyed('AAPL', 0),
    aKeyed('AAPL', 1, 0, 'GOOGL'),
    aKeyed('AAPL', 1, 0, null),
  ])
  expect(rows.map((row) => row)).toMatchObject([{ volume: 1 }, { volume: 1 }, { volume: 1 }])
  expect(deadLetters.map(({ offset, reason, detail }) => ({ offset, reason, detail }))).toEqual([
    { offset: 1, reason: 'NOT_KEYED', detail: 'keyedBy: column symbol is "AAPL", the record has the key "GOOGL"' },
    { offset: 2, reason: 'NOT_KEYED', detail: 'keyedBy: column symbol is "AAPL", the record has no key' },
  ])
  expect(progress.numDeadLetters).toBe(2)
})

describe('a key with records in two partitions, though keyedBy declares that it has one', () => {
  const inTwoShards = expect.objectContaining({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(/"bars".*AAPL.* is in two shards.*producer.*resetState/),
  })

  test.each(['update', 'complete'] as const)('%s: fails the batch that has both', async (mode) => {
    const driver = testDriver(query(mode, 'symbol'), { partitions })
    await expect(driver.addRecords([aKeyed('AAPL', 0, 0), aKeyed('AAPL', 0, 1)])).rejects.toEqual(inTwoShards)
  })

  test('complete: fails the next table, whatever batches they came in', async () => {
    const driver = testDriver(query('complete', 'symbol'), { partitions })
    await driver.addRecords([aKeyed('AAPL', 0, 0)])
    await expect(driver.addRecords([aKeyed('AAPL', 0, 1)])).rejects.toEqual(inTwoShards)
  })

  test('append: fails when the window closes, and emits neither part', async () => {
    const driver = testDriver(query('append', 'symbol'), { partitions })
    await driver.addRecords([aKeyed('AAPL', 0, 0)])
    expect((await driver.addRecords([aKeyed('AAPL', 0, 1)])).rows).toEqual([])
    await expect(driver.addRecords([aKeyed('GOOGL', 60)])).rejects.toEqual(inTwoShards)
    await expect(driver.redeliver()).rejects.toEqual(inTwoShards)
  })

  test('a reset is the way out', async () => {
    const state = memoryState()
    const keyed = query('complete', 'symbol')
    const driver = testDriver(keyed, { partitions, state })
    await expect(driver.addRecords([aKeyed('AAPL', 0, 0), aKeyed('AAPL', 0, 1)])).rejects.toEqual(inTwoShards)
    expect(await resetState(keyed, state, { partitions })).toBe(2)
    expect((await driver.addRecords([aKeyed('AAPL', 0)])).rows).toHaveLength(3)
  })
})

describe('keyedBy is refused', () => {
  const ticks = stream('bars').readKafka({ topic: 'stock-ticks', keyedBy: 'symbol' }).decode(json(Tick))
  const write = { outputMode: 'update', sinks: [keepingSink()] } as const

  test('where groups are not by its column: they would take rows of several partitions', () => {
    const byWindow = ticks.groupBy(window('timestamp', '3 seconds')).count()
    expect(() => byWindow.writeStream(write)).toThrow(
      /keyedBy: "symbol", so groups must be by this column\. Group by it/,
    )
  })

  test('where something else stands under its name', () => {
    const folded = ticks.withColumn('symbol', ({ symbol }) => symbol.slice(0, 1), Tick.columns.get('symbol') as never)
    expect(() => folded.groupBy('symbol').count().writeStream(write)).toThrow(/withColumn puts something else/)
  })

  test('without the number of partitions, which is the number of shards', () => {
    const bySymbol = ticks.groupBy('symbol').count().writeStream(write)
    expect(() => testDriver(bySymbol, { partitions: null as never })).toThrow(/their number must be known/)
  })

  test('not where rows go through without groups', () => {
    expect(() => ticks.where(({ price }) => price > 1).writeStream({ sinks: [keepingSink()] })).not.toThrow()
  })
})
