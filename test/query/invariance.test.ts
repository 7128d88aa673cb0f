// What never changes the result: with policy `min`, the partitions known and
// disorder within each partition at most the delay, the final groups are the same for any split into batches, any
// interleaving of partitions, any crash and redelivery. And a stream that has ended says what batch mode says.

import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { Tick } from '../../handlers/ticks/tick.ts'
import {
  avg,
  boolAnd,
  collectList,
  corr,
  count,
  type EmittedRow,
  first,
  json,
  last,
  max,
  maxBy,
  min,
  minBy,
  mode,
  type OutputMode,
  percentileApprox,
  type Sink,
  stddev,
  stream,
  sum,
  window,
} from '../../lib/index.ts'
import { type TestRecord, testDriver } from '../../lib/testing/index.ts'

const delayMs = 10_000
const sizes = ['3 seconds', '10 seconds'] as const
const slides = { '3 seconds': '1 second', '10 seconds': '5 seconds' } as const

interface Step {
  /** How many records of each partition come, at the most. */
  readonly take: readonly number[]
  /** The batch fails at its sink, after the groups were folded, and what is delivered next may be cut otherwise. */
  readonly crashes: boolean
  /** The next batch meets a new container. */
  readonly restarts: boolean
}

/** Ticks of one partition, none further behind the latest so far than the delay. */
const partition = fc
  .array(
    fc.record({
      symbol: fc.constantFrom('AAPL', 'GOOGL'),
      aheadMs: fc.nat({ max: 6_000 }),
      behindMs: fc.nat({ max: delayMs }),
      price: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      volume: fc.nat({ max: 1000 }),
    }),
    { maxLength: 25 },
  )
  .map((moves) => {
    let latest = 1_767_623_400_000
    return moves.map(({ symbol, aheadMs, behindMs, price, volume }) => {
      const isAhead = aheadMs > 3_000
      if (isAhead) latest += aheadMs - 3_000
      return { symbol, price, volume, timestamp: isAhead ? latest : latest - behindMs }
    })
  })

const step: fc.Arbitrary<Step> = fc.record({
  take: fc.array(fc.nat({ max: 6 }), { minLength: 3, maxLength: 3 }),
  crashes: fc.boolean(),
  restarts: fc.boolean(),
})

/** One tick so late that it ends every window before it. */
const sentinel = { symbol: 'END', price: 1, volume: 1, timestamp: 1_767_700_000_000 }

function barsQuery(
  outputMode: OutputMode,
  size: (typeof sizes)[number],
  isSliding: boolean,
  sinks: readonly Sink<object>[],
) {
  const plan = stream('bars')
    .readKafka({ topic: 'stock-ticks' })
    .decode(json(Tick))
    .withWatermark('timestamp', '10 seconds')
    .groupBy(window('timestamp', size, isSliding ? slides[size] : size), 'symbol')
    .agg({
      ticks: count(),
      open: minBy('price', 'timestamp'),
      high: max('price'),
      low: min('price'),
      close: maxBy('price', 'timestamp'),
      turnover: sum((tick) => tick.price * tick.volume),
      volume: sum('volume'),
      mean: avg('price'),
      first: first('price'),
      last: last('price', { ignoreNulls: true }),
      sd: stddev('price'),
      related: corr('price', 'volume'),
      prices: collectList('price'),
      usual: mode('volume'),
      middle: percentileApprox('price', 0.5, 16),
      isDear: boolAnd((tick) => tick.price > 100),
    })
  return { plan, query: plan.writeStream({ outputMode, sinks, maxFuture: 'off' }) }
}

type Ticks = readonly (typeof sentinel)[]

/** Runs the stream to its end, whatever happens on the way; the rows of all batches, in their order. */
async function runStream(
  outputMode: OutputMode,
  size: (typeof sizes)[number],
  isSliding: boolean,
  partitions: readonly Ticks[],
  steps: readonly Step[],
) {
  let crashes = false
  const sink: Sink<object> = {
    description: 'crashing',
    write: async () => {
      if (crashes) throw new Error('crash')
    },
  }
  const { query, plan } = barsQuery(outputMode, size, isSliding, [sink])
  const driver = testDriver(query, { partitions: partitions.length })
  const acknowledged = partitions.map(() => 0)
  const rows: EmittedRow<object>[] = []
  let late = 0

  const deliver = async (take: readonly number[]): Promise<void> => {
    const ends = acknowledged.map((from, p) => Math.min(from + (take[p] ?? 0), partitions[p]?.length ?? 0))
    const records = partitions.flatMap((ticks, p) =>
      ticks
        .slice(acknowledged[p], ends[p])
        .map(
          (tick, i): TestRecord => ({ partition: p, offset: (acknowledged[p] ?? 0) + i, value: JSON.stringify(tick) }),
        ),
    )
    if (records.length === 0) return
    const outcome = await driver.addRecords(records).catch((error: Error) => error)
    if (outcome instanceof Error) {
      expect(outcome.message).toMatch(/: crash$/)
      return
    }
    rows.push(...outcome.emitted)
    late += outcome.late.length
    for (const [p, end] of ends.entries()) acknowledged[p] = end
  }

  for (const { take, crashes: crash, restarts } of steps) {
    crashes = crash
    await deliver(take)
    if (restarts) await driver.restart()
  }
  crashes = false
  await deliver(partitions.map(() => Number.POSITIVE_INFINITY))
  return { rows, late, plan }
}

const streams = (numRuns: number) =>
  test.prop(
    [
      fc.constantFrom(...sizes),
      fc.boolean(),
      fc.array(partition, { minLength: 1, maxLength: 3 }),
      fc.array(step, { maxLength: 20 }),
    ],
    { numRuns },
  )

/** JSON text of a row, so that rows can be compared as a set. */
const texts = (rows: readonly object[]): readonly string[] => rows.map((row) => JSON.stringify(row)).toSorted()

const isSentinel = (row: object): boolean => 'symbol' in row && row.symbol === 'END'

/** One row an id: an attempt that failed may have emitted it before, but never with another content. */
function onceEach(rows: readonly EmittedRow<object>[]): readonly object[] {
  const byId = new Map(rows.map(({ id, row }) => [id, row]))
  for (const { id, row } of rows) expect(row).toEqual(byId.get(id))
  return [...byId.values()]
}

streams(60)(
  'append gives each group with one content, and what batch mode gives',
  async (size, isSliding, input, steps) => {
    const partitions = input.map((ticks) => [...ticks, sentinel])
    const { rows, late, plan } = await runStream('append', size, isSliding, partitions, steps)
    expect(late).toBe(0)
    expect(texts(onceEach(rows))).toEqual(texts(plan.runBatch(partitions.flat()).filter((row) => !isSentinel(row))))
  },
)

streams(60)(
  'the last row of each group in update mode is its row in batch mode',
  async (size, isSliding, input, steps) => {
    const { rows, late, plan } = await runStream('update', size, isSliding, input, steps)
    expect(late).toBe(0)
    expect(texts(lastOfEach(rows))).toEqual(texts(plan.runBatch(input.flat())))
  },
)

streams(40)('the last table of complete mode is the table of batch mode', async (size, isSliding, input, steps) => {
  const { rows, plan } = await runStream('complete', size, isSliding, input, steps)
  expect(texts(lastOfEach(rows))).toEqual(texts(plan.runBatch(input.flat())))
})

const lastOfEach = (rows: readonly EmittedRow<object>[]): readonly object[] => [
  ...new Map(rows.map(({ id, row }) => [id, row])).values(),
]
