// One batch of 10,000 ticks into ten groups over memory state, with one aggregate each: what it costs beside a sum.

import { Tick } from '../handlers/ticks/tick.ts'
import {
  type Aggregates,
  approxCountDistinct,
  boolAnd,
  collectList,
  collectSet,
  corr,
  countDistinct,
  countIf,
  type Infer,
  json,
  kafkaHandler,
  kurtosis,
  long,
  maxBy,
  median,
  memoryDeadLetters,
  memoryState,
  mode,
  percentileApprox,
  stddev,
  stream,
  sum,
  sumDistinct,
} from '../lib/index.ts'
import type { Figure } from './baseline.ts'
import { batchSize, eventText, nowhere } from './decode.ts'
import { compare } from './measure.ts'

type Row = Infer<typeof Tick> & { readonly bucket: number }

const handlerOf = (aggregates: Aggregates<Row>) =>
  kafkaHandler(
    stream('bench-aggregates')
      .readKafka({ topic: 'stock-ticks' })
      .decode(json(Tick), (tick, { offset }) => ({ ...tick, bucket: offset % 10 }), { bucket: long() })
      .groupBy('bucket')
      .agg(aggregates)
      .writeStream({ outputMode: 'update', sinks: [nowhere], maxFuture: 'off' }),
    { state: memoryState(), deadLetters: memoryDeadLetters(), partitions: 3, maxStateBytes: 2 ** 31 },
  )

const contestants: Readonly<Record<string, Aggregates<Row>>> = {
  'sum, the floor': { v: sum('price') },
  maxBy: { v: maxBy('price', 'timestamp') },
  'countIf, boolAnd': { n: countIf((t) => t.price > 150), all: boolAnd((t) => t.price > 0) },
  stddev: { v: stddev('price') },
  kurtosis: { v: kurtosis('price') },
  corr: { v: corr('price', 'volume') },
  countDistinct: { v: countDistinct('price') },
  approxCountDistinct: { v: approxCountDistinct('price') },
  'percentileApprox, 1,000': { v: percentileApprox('price', [0.5, 0.99]) },
  median: { v: median('price') },
  mode: { v: mode('price') },
  sumDistinct: { v: sumDistinct('price') },
  collectSet: { v: collectSet('price') },
  collectList: { v: collectList('price') },
}

export function benchAggregates(): Promise<readonly Figure[]> {
  const text = eventText()
  return compare(
    `Event -> ten groups of one aggregate, ${batchSize.toLocaleString('en-US')} ticks a batch`,
    batchSize,
    Object.entries(contestants).map(([name, aggregates]) => ({
      name,
      // A fresh store each time: a batch that is delivered again would find its rows applied and fold nothing.
      run: async () => {
        const progress = await handlerOf(aggregates)(JSON.parse(text))
        if (progress.sink.numOutputRows !== 10) throw new Error(`${progress.sink.numOutputRows} groups came out`)
      },
    })),
  )
}
