// The rows of the table of docs/state-evolution.md, by what they say of the change: a version of a query before it and one after.

import {
  aggregate,
  avg,
  count,
  double,
  type Evolve,
  int,
  json,
  listState,
  long,
  max,
  min,
  type StreamingQuery,
  sessionWindow,
  stream,
  string,
  struct,
  sum,
  timestamp,
  valueState,
  type WriteStreamOptions,
  window,
} from '../../lib/index.ts'
import { keepingSink } from '../builders.ts'

type Words = readonly Evolve[]
type Version = (evolve: Words) => StreamingQuery<never>
type Write = Partial<WriteStreamOptions<never>>

export interface Case {
  readonly before: Version
  readonly after: Version
  /** Shards of the later version. @default 1 */
  readonly shards?: number
}

const Tick = struct({ symbol: string(), price: double(), volume: long(), timestamp: timestamp() })
const read = (schema = Tick as typeof Tick, topic = 'ticks') => stream('q').readKafka({ topic }).decode(json(schema))
const ticks = read()
const timed = ticks.withWatermark('timestamp', '10 seconds')
const windowed = timed.groupBy(window('timestamp', '1 minute'), 'symbol')

// Columns differ from case to case, and nobody reads them by their types.
interface Writable {
  writeStream(options: never): unknown
}
const write =
  (rows: Writable, options: Write = {}): Version =>
  (evolve) =>
    rows.writeStream({
      outputMode: 'update',
      sinks: [keepingSink()],
      ...options,
      evolve,
    } as never) as ReturnType<Version>

const bySymbol = ticks.groupBy('symbol')
const base = { ticks: count(), high: max('price') }
const pairs = (before: Writable, after: Writable, options: Write = {}): Case => ({
  before: write(before, options),
  after: write(after, options),
})

const counted = (
  state: object,
  version = 1,
  timeMode: 'none' | 'processingTime' = 'none',
  key: 'symbol' | 'price' = 'symbol',
) =>
  ticks.groupBy(key).transformWithState({
    state: { ticks: valueState(long()), ...state },
    output: struct({ ticks: long() }),
    version,
    timeMode,
    *handleInput(_, __, { state: { ticks } }) {
      ticks.update((ticks.get() ?? 0) + 1)
      yield { ticks: ticks.get() ?? 0 }
    },
  })

const ranged = (version: number) => ({
  ticks: count(),
  range: aggregate<{ readonly price: number }, number, number>({
    column: double(),
    version,
    init: () => 0,
    add: (sum, { price }) => sum + price,
    merge: (left, right) => left + right,
    result: (sum) => sum,
  }),
})

const joined = (Right: ReturnType<typeof struct>, type: 'inner' | 'left' = 'inner') =>
  timed.join(read(Right as typeof Tick, 'others').withWatermark('timestamp', '10 seconds'), {
    on: [['symbol', 'symbol']],
    prefix: 'other_',
    type,
    within: { after: '1 minute' },
  })
const Other = struct({ symbol: string(), timestamp: timestamp() })

const table = (from: 'update' | 'append' | 'complete', to: 'update' | 'append' | 'complete', rows: Writable): Case => ({
  before: write(rows, { outputMode: from }),
  after: write(rows, { outputMode: to }),
})
const bars = windowed.agg({ ticks: count() })

export const cases: Readonly<Record<string, readonly Case[]>> = {
  'the body of a function: of an aggregate, `where`, `withColumn`, `handleInput`': [
    pairs(
      bySymbol.agg({ ticks: count(), turnover: sum((t) => t.price * t.volume) }),
      bySymbol.agg({ ticks: count(), turnover: sum((t) => Math.abs(t.volume * t.price)) }),
    ),
    pairs(
      ticks
        .where((t) => t.price > 0)
        .groupBy('symbol')
        .agg(base),
      ticks
        .where((t) => t.price > 1)
        .groupBy('symbol')
        .agg(base),
    ),
  ],
  'operators of single rows before the aggregation, whose columns keep their names and types': [
    pairs(
      bySymbol.agg(base),
      ticks
        .withColumn('double', (t) => t.price * 2, double())
        .groupBy('symbol')
        .agg(base),
    ),
  ],
  'columns that nothing keeps, in the schema': [
    pairs(
      bySymbol.agg(base),
      read(struct({ symbol: string(), price: double(), venue: string().nullable(), timestamp: timestamp() }) as never)
        .groupBy('symbol')
        .agg(base),
    ),
    pairs(
      timed.dropDuplicates('symbol', 'price'),
      read(struct({ symbol: string(), price: double(), venue: string().nullable(), timestamp: timestamp() }) as never)
        .withWatermark('timestamp', '10 seconds')
        .dropDuplicates('symbol', 'price'),
    ),
  ],
  'what stands after the aggregation, the sinks, `lateSink`, `maxFuture`, `onFunctionError`': [
    {
      before: write(bySymbol.agg(base)),
      after: write(
        bySymbol.agg(base).withColumn('twice', (bar) => bar.ticks * 2, long()),
        {
          sinks: [keepingSink(), keepingSink()],
          lateSink: keepingSink(),
          maxFuture: 'off',
          onFunctionError: 'fail',
        },
      ),
    },
  ],
  'the delay of the watermark': [
    pairs(
      bars,
      ticks
        .withWatermark('timestamp', '1 second')
        .groupBy(window('timestamp', '1 minute'), 'symbol')
        .agg({ ticks: count() }),
    ),
  ],
  'the order of the aggregates': [
    pairs(
      bySymbol.agg({ ticks: count(), high: max('price'), low: min('price') }),
      bySymbol.agg({ low: min('price'), high: max('price'), ticks: count() }),
    ),
  ],
  "the name of an aggregate over columns, one at a time: `high: max('price')` becomes `top`": [
    pairs(bySymbol.agg(base), bySymbol.agg({ ticks: count(), top: max('price') })),
  ],
  'the name of a window (`.as`)': [
    pairs(bars, timed.groupBy(window('timestamp', '1 minute').as('minute'), 'symbol').agg({ ticks: count() })),
  ],
  'the output mode: update to append': [table('update', 'append', bars)],
  'the output mode: append to update': [table('append', 'update', bars)],
  'the output mode: complete to append or update, where groups end': [
    table('complete', 'append', bars),
    table('complete', 'update', bars),
  ],
  'the output mode: any to another, where groups never end': [
    table('update', 'complete', bySymbol.agg(base)),
    table('complete', 'update', bySymbol.agg(base)),
  ],
  'an aggregate more': [
    pairs(bySymbol.agg(base), bySymbol.agg({ low: min('price'), ...base, mean: avg('price') })),
    pairs(bars, windowed.agg({ ticks: count(), turnover: sum((t) => t.price * t.volume) })),
  ],
  'an aggregate more, of sessions, or of windows that another operator follows': [
    pairs(
      timed.groupBy(sessionWindow('timestamp', '1 minute'), 'symbol').agg({ ticks: count() }),
      timed.groupBy(sessionWindow('timestamp', '1 minute'), 'symbol').agg({ ticks: count(), high: max('price') }),
      { outputMode: 'append' },
    ),
    pairs(
      windowed.agg({ ticks: count() }).dropDuplicates('ticks'),
      windowed.agg({ high: max('price'), ticks: count() }).dropDuplicates('ticks'),
      { outputMode: 'append' },
    ),
  ],
  'a state variable more, of `transformWithState`': [pairs(counted({}), counted({ prices: listState(double()) }))],
  'a column more, in the rows of a join of two streams': [
    pairs(joined(Other), joined(struct({ symbol: string(), venue: string().nullable(), timestamp: timestamp() })), {
      outputMode: 'append',
    }),
  ],
  'an aggregate less': [pairs(bySymbol.agg({ high: max('price'), ticks: count() }), bySymbol.agg({ ticks: count() }))],
  'a state variable less, of `transformWithState`': [pairs(counted({ prices: listState(double()) }), counted({}))],
  'an aggregate of another kind, column or type under the same name': [
    pairs(bySymbol.agg(base), bySymbol.agg({ ticks: count(), high: min('price') })),
    pairs(bySymbol.agg(base), bySymbol.agg({ ticks: count(), high: max('volume') })),
    pairs(
      bySymbol.agg({ ticks: count(), volume: sum('volume') }),
      read(struct({ symbol: string(), price: double(), volume: int(), timestamp: timestamp() }) as never)
        .groupBy('symbol')
        .agg({ ticks: count(), volume: sum('volume') }),
    ),
  ],
  'the name of an aggregate over a function, or of one of your own': [
    pairs(
      bySymbol.agg({ ticks: count(), turnover: sum((t) => t.price * t.volume) }),
      bySymbol.agg({ ticks: count(), notional: sum((t) => t.price * t.volume) }),
    ),
    pairs(
      ticks.groupBy('symbol').agg(ranged(1)),
      ticks.groupBy('symbol').agg({ ticks: count(), width: ranged(1).range }),
    ),
  ],
  'the `version` of an aggregate of your own': [
    pairs(ticks.groupBy('symbol').agg(ranged(1)), ticks.groupBy('symbol').agg(ranged(2))),
  ],
  'the type of a state variable': [
    pairs(counted({ prices: listState(double()) }), counted({ prices: listState(string()) })),
  ],
  'the names of two aggregates of one kind and column at once': [
    pairs(
      bySymbol.agg({ ticks: count(), high: max('price'), top: max('price') }),
      bySymbol.agg({ ticks: count(), a: max('price'), b: max('price') }),
    ),
  ],
  'the grouping columns, their names or types': [
    pairs(bySymbol.agg(base), ticks.groupBy('symbol', 'volume').agg(base)),
    pairs(
      ticks.groupBy('volume').agg(base),
      read(struct({ symbol: string(), price: double(), volume: int(), timestamp: timestamp() }) as never)
        .groupBy('volume')
        .agg(base),
    ),
  ],
  'the window: its column, size, slide or start': [
    pairs(bars, timed.groupBy(window('timestamp', '2 minutes'), 'symbol').agg({ ticks: count() })),
    pairs(bars, timed.groupBy(window('timestamp', '1 minute', '30 seconds'), 'symbol').agg({ ticks: count() })),
  ],
  'the gap of `sessionWindow`': [
    pairs(
      timed.groupBy(sessionWindow('timestamp', '1 minute'), 'symbol').count(),
      timed.groupBy(sessionWindow('timestamp', '2 minutes'), 'symbol').count(),
      { outputMode: 'append' },
    ),
  ],
  'a watermark where there was none, or on another column, over groups': [
    pairs(ticks.groupBy(window('timestamp', '1 minute'), 'symbol').agg({ ticks: count() }), bars),
  ],
  'the output mode: to complete, where groups end': [
    table('update', 'complete', bars),
    table('append', 'complete', bars),
  ],
  'a stateful operator before the aggregation, or instead: one more, one less, another order': [
    pairs(bySymbol.agg(base), ticks.dropDuplicates('price').groupBy('symbol').agg(base)),
    pairs(ticks.dropDuplicates('price').groupBy('symbol').agg(base), bySymbol.agg(base)),
  ],
  'the columns of `dropDuplicates`, the number of `limit`, the condition of a join': [
    pairs(ticks.dropDuplicates('price'), ticks.dropDuplicates('price', 'symbol')),
    pairs(ticks.limit(2), ticks.limit(3), { outputMode: 'append' }),
    pairs(joined(Other), joined(Other, 'left'), { outputMode: 'append' }),
  ],
  'the `version`, the time mode or the grouping of `transformWithState`': [
    pairs(counted({}), counted({}, 2)),
    pairs(counted({}), counted({}, 1, 'processingTime')),
    pairs(counted({}), counted({}, 1, 'none', 'price')),
  ],
  'the topic': [pairs(bySymbol.agg(base), read(Tick, 'others').groupBy('symbol').agg(base))],
  '`shards`, or `keyedBy`': [
    { before: write(bySymbol.agg(base)), after: write(bySymbol.agg(base)), shards: 2 },
    pairs(
      bySymbol.agg(base),
      stream('q').readKafka({ topic: 'ticks', keyedBy: 'symbol' }).decode(json(Tick)).groupBy('symbol').agg(base),
    ),
  ],
}
