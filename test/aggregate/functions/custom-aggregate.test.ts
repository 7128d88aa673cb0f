import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  aggregate,
  count,
  double,
  type Infer,
  json,
  long,
  type StreamingQuery,
  stream,
  string,
  struct,
  sum,
  timestamp,
} from '../../../lib/index.ts'
import { memoryState } from '../../../lib/state/stores/memory.ts'
import { checkAggregateLaws, testDriver } from '../../../lib/testing/index.ts'
import { aTick, keepingSink } from '../../builders.ts'

const Tick = struct({ symbol: string(), price: double(), volume: long(), timestamp: timestamp() })
type Tick = Infer<typeof Tick>
const ticks = stream('ranges').readKafka({ topic: 'stock-ticks' }).decode(json(Tick))
const sinks = [keepingSink()]

type Range = { readonly low: number; readonly high: number } | null

const rangeOf = (version = 1) =>
  aggregate<Tick, Range, number>({
    column: double(),
    version,
    init: () => null,
    add: (range, { price }) => ({
      low: Math.min(price, range?.low ?? price),
      high: Math.max(price, range?.high ?? price),
    }),
    merge: (a, b) => (a && b ? { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) } : (a ?? b)),
    result: (range) => (range === null ? 0 : range.high - range.low),
  })

/** The symbols of a group, in the order of their records, kept as text: an accumulator that is no JSON. */
const trail = aggregate<Tick, Map<string, string>, string>({
  column: string(),
  version: 1,
  init: () => new Map(),
  add: (seen, { symbol }, { partition, offset }) => seen.set(`${partition}@${offset}`, symbol),
  merge: (left, right) => new Map([...left, ...right]),
  result: (seen) =>
    Array.from(seen)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([, symbol]) => symbol)
      .join(' '),
  encode: (seen) => [...seen],
  decode: (kept) => new Map(kept as [string, string][]),
})

const drive = <Row>(query: StreamingQuery<Row, Tick>, state = memoryState()) => testDriver(query, { state })

describe('an aggregate of one’s own', () => {
  const query = ticks.groupBy('symbol').agg({ ticks: count(), range: rangeOf(), trail })
  const ranges = query.writeStream({ outputMode: 'update', sinks })

  test('runs over a stream, through state, and over a batch', async () => {
    const driver = drive(ranges)
    await driver.addRows([aTick({ price: 150 }), aTick({ price: 152.5 })])
    const { rows } = await driver.addRows([aTick({ price: 149 })])
    expect(rows).toEqual([{ symbol: 'AAPL', ticks: 3, range: 3.5, trail: 'AAPL AAPL AAPL' }])
    expect(query.runBatch([aTick({ price: 150 }), aTick({ price: 152.5 }), aTick({ price: 149 })])).toEqual(rows)
  })

  test('gives its column a type, in the table and in the rows', () => {
    expect(Array.from(query.plan.columns, ([name, { kind }]) => [name, kind])).toEqual([
      ['symbol', 'string'],
      ['ticks', 'long'],
      ['range', 'double'],
      ['trail', 'string'],
    ])
    query.where((row) => {
      expectTypeOf(row.range).toEqualTypeOf<number>()
      expectTypeOf(row.trail).toEqualTypeOf<string>()
      return true
    })
  })

  test('may be written without naming its types, where its functions name the row', () => {
    const last = aggregate({
      column: double().nullable(),
      version: 1,
      init: (): { readonly price: number; readonly at: number } | null => null,
      add: (kept, { price, timestamp }: Tick) =>
        kept === null || timestamp > kept.at ? { price, at: timestamp } : kept,
      merge: (a, b) => (a && b ? (a.at > b.at ? a : b) : (a ?? b)),
      result: (kept) => kept?.price ?? null,
    })
    ticks
      .groupBy('symbol')
      .agg({ last })
      .where((row) => {
        expectTypeOf(row.last).toEqualTypeOf<number | null>()
        return true
      })
  })

  test('does not compile over rows that lack a column it reads', () => {
    // @ts-expect-error: rows without a price
    expect(() => ticks.select('symbol', 'volume').groupBy('symbol').agg({ range: rangeOf() })).not.toThrow()
  })

  test('has its version in the fingerprint of state', async () => {
    const state = memoryState()
    await drive(ranges, state).addRows([aTick()])
    const second = ticks.groupBy('symbol').agg({ ticks: count(), range: rangeOf(2), trail })
    const driver = drive(second.writeStream({ outputMode: 'update', sinks }), state)
    await expect(driver.addRows([aTick()])).rejects.toMatchObject({
      code: 'STATE_INCOMPATIBLE',
      message: expect.stringContaining('range custom v2'),
    })
  })

  test('that throws fails the batch where the query says so, and the message says on which record', async () => {
    const broken = aggregate<Tick, number, number>({
      column: long(),
      version: 1,
      init: () => 0,
      add: () => {
        throw new Error('a bug')
      },
      merge: (left, right) => left + right,
      result: (sum) => sum,
    })
    const query = ticks.groupBy('symbol').agg({ broken })
    const driver = drive(query.writeStream({ outputMode: 'update', sinks, onFunctionError: 'fail' }))
    await expect(driver.addRows([aTick()])).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringMatching(
        /^ranges: on stock-ticks-0@0 the function of the aggregate `broken` threw Error: a bug/,
      ),
      at: { topic: 'stock-ticks', partition: 0, offset: 0 },
    })
  })

  test('that throws on some rows sets these aside, and adds nothing of them anywhere', async () => {
    const picky = aggregate<Tick, number[], number>({
      column: long(),
      version: 1,
      init: () => [],
      add: (kept, { volume }) => {
        kept.push(volume)
        if (volume > 100) throw new RangeError(`${volume} is too much`)
        return kept
      },
      merge: (left, right) => [...left, ...right],
      result: (kept) => kept.length,
    })
    const query = ticks.groupBy('symbol').agg({ ticks: count(), volume: sum('volume'), picky })
    for (const shards of [1, 3]) {
      const sink = {
        isDown: true,
        description: 'flaky',
        write: async () => {
          if (sink.isDown) throw new Error('down')
        },
      }
      const driver = testDriver(query.writeStream({ outputMode: 'update', sinks: [sink] }), { shards })
      const rows = ['A', 'B', 'C', 'D'].flatMap((symbol) => [1, 200, 3].map((volume) => aTick({ symbol, volume })))
      await driver.addRecords(rows.map((row) => ({ value: JSON.stringify(row) }))).catch(() => undefined)
      sink.isDown = false
      await driver.redeliver()
      const {
        rows: groups,
        deadLetters,
        progress,
      } = await driver.addRecords(rows.map((row) => ({ value: JSON.stringify(row) })))
      expect(groups).toEqual(['A', 'B', 'C', 'D'].map((symbol) => ({ symbol, ticks: 4, volume: 8, picky: 4 })))
      expect(deadLetters.map(({ offset, reason }) => [offset, reason])).toEqual(
        [13, 16, 19, 22].map((offset) => [offset, 'FUNCTION_FAILED']),
      )
      expect(deadLetters[0]?.detail).toMatch(
        /^the function of the aggregate `picky` threw RangeError: 200 is too much\n +at /,
      )
      expect(JSON.parse(String(deadLetters[0]?.value))).toMatchObject({ symbol: 'A', volume: 200 })
      expect(progress.numDeadLetters).toBe(4)
    }
  })

  test('that throws by what it has kept sets the row aside in the fold, and adds nothing of it anywhere', async () => {
    const full = aggregate<Tick, number[], number>({
      column: long(),
      version: 1,
      init: () => [],
      add: (kept, { volume }) => {
        if (kept.length === 2) throw new RangeError('full')
        return [...kept, volume]
      },
      merge: (left, right) => [...left, ...right],
      result: (kept) => kept.length,
    })
    const query = ticks.groupBy('symbol').agg({ ticks: count(), volume: sum('volume'), full })
    for (const shards of [1, 3]) {
      const driver = testDriver(query.writeStream({ outputMode: 'update', sinks }), { shards })
      const rows = ['A', 'B'].flatMap((symbol) => [1, 20, 300].map((volume) => aTick({ symbol, volume })))
      const { rows: groups, deadLetters } = await driver.addRecords(rows.map((row) => ({ value: JSON.stringify(row) })))
      expect(groups).toEqual(['A', 'B'].map((symbol) => ({ symbol, ticks: 2, volume: 21, full: 2 })))
      expect(deadLetters.map(({ offset, reason }) => [offset, reason])).toEqual([
        [2, 'FUNCTION_FAILED'],
        [5, 'FUNCTION_FAILED'],
      ])
      expect(deadLetters[0]?.detail).toMatch(/^the function of an aggregate threw RangeError: full\n +at /)
    }
  })

  test.each<[string, unknown]>([
    ['NaN at low', { low: Number.NaN }],
    ['Infinity at 0.1', [[1, Number.POSITIVE_INFINITY]]],
    ['a Map at seen', { seen: new Map() }],
    ['a Date', new Date(0)],
    ['undefined at 0', [undefined]],
    ['bigint', 1n],
    [`more than 1000 levels at ${'0.'.repeat(40)}`, JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))],
  ])('whose accumulator is %s is not kept as something else', (problem, accumulator) => {
    const { aggregator } = aggregate<Tick, unknown, number>({
      column: double(),
      version: 1,
      init: () => accumulator,
      add: (kept) => kept,
      merge: (left) => left,
      result: () => 0,
    })
    expect(() => aggregator.encode(accumulator)).toThrow(
      `the accumulator has ${problem}, which JSON cannot write. Give it encode and decode.`,
    )
  })

  test('is refused when it is made, where something is missing', () => {
    const whole = {
      column: long(),
      version: 1,
      init: () => 0,
      add: (sum: number) => sum,
      merge: (left: number) => left,
      result: (sum: number) => sum,
    }
    expect(() => aggregate({ ...whole, merge: undefined as never, init: undefined as never })).toThrow(
      'aggregate: init, merge must be given, as a function.',
    )
    expect(() => aggregate({ ...whole, encode: (sum) => sum })).toThrow('encode and decode go together')
    expect(() => aggregate({ ...whole, version: 0 })).toThrow('version is 0; give an integer from 1 up')
  })
})

describe('the laws', () => {
  const rows = [3, 1, 2, 2, -5, 1e9].map((price) => aTick({ price }))

  test('hold for aggregates that keep them', () => {
    checkAggregateLaws(rangeOf(), rows)
    checkAggregateLaws(trail, rows)
  })

  const sum = {
    column: double(),
    version: 1,
    init: () => 0,
    add: (total: number, { price }: Tick) => total + price,
    merge: (left: number, right: number) => left + right,
    result: (total: number) => total,
  }
  const broken = (law: RegExp) => expect.objectContaining({ code: 'LAW_BROKEN', message: expect.stringMatching(law) })

  test.each<[string, RegExp, ReturnType<typeof aggregate<Tick, never, number>>]>([
    [
      'the last row that arrived counts',
      /in another order must give 1000000000, and gave/,
      aggregate({ ...sum, add: (_: number, { price }: Tick) => price }),
    ],
    ['a merge forgets one side', /merged must give/, aggregate({ ...sum, merge: (left: number) => left })],
    [
      'what is kept loses a fraction',
      /kept and restored must give/,
      aggregate({ ...sum, encode: (total: number) => Math.trunc(total / 10), decode: (kept) => Number(kept) * 10 }),
    ],
    [
      'all accumulators are one',
      /init after other rows were added must give 0, and gave/,
      (() => {
        const one = { total: 0 }
        const add = (_: { total: number }, { price }: Tick) => Object.assign(one, { total: one.total + price })
        return aggregate({ ...sum, init: () => one, add, merge: (left) => left, result: ({ total }) => total })
      })(),
    ],
  ])('are broken where %s', (_, law, aggregate) => {
    expect(() => checkAggregateLaws(aggregate, rows)).toThrow(broken(law))
  })

  test('take a tolerance for sums of doubles, which depend on their order', () => {
    const tenths = [0.1, 0.2, 0.3, 1e16, -1e16].map((price) => aTick({ price }))
    expect(() => checkAggregateLaws(aggregate(sum), tenths)).toThrow(broken(/must give/))
    checkAggregateLaws(aggregate(sum), tenths, { equals: (left, right) => Math.abs(left - right) < 4 })
  })

  test('need more than one row', () => {
    expect(() => checkAggregateLaws(rangeOf(), [aTick()])).toThrow('give at least two rows')
  })
})
