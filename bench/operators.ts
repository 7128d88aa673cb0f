// One batch of 10,000 ticks through each stateful operator over memory state, beside the plain windowed aggregate: what an operator
// costs that writes rows, or keys, where an aggregate writes its groups.

import { Tick } from '../handlers/ticks/tick.ts'
import {
  count,
  double,
  json,
  kafkaHandler,
  long,
  max,
  memoryDeadLetters,
  memoryState,
  min,
  type StreamingQuery,
  sessionWindow,
  stream,
  struct,
  sum,
  valueState,
  window,
} from '../lib/index.ts'
import type { Figure } from './baseline.ts'
import { batchSize, eventText, nowhere } from './decode.ts'
import { compare } from './measure.ts'

const ticks = stream('bench-operators')
  .readKafka({ topic: 'stock-ticks' })
  .decode(json(Tick), (tick, { partition, offset }) => ({ ...tick, bucket: (offset * 3 + partition) % 1_000 }), {
    bucket: long(),
  })
  .select('symbol', 'price', 'volume', 'timestamp', 'bucket')
  .withWatermark('timestamp', '10 seconds')

const write = { sinks: [nowhere], maxFuture: 'off' } as const

const queries: Readonly<Record<string, StreamingQuery<never>>> = {
  'windows of 1,000 keys': ticks
    .groupBy(window('timestamp', '24 hours'), 'bucket')
    .agg({ ticks: count(), high: max('price'), low: min('price'), volume: sum('volume') })
    .writeStream({ ...write, outputMode: 'update' }) as never,
  'dropDuplicates, no duplicates': ticks.dropDuplicates('symbol', 'timestamp', 'bucket').writeStream(write) as never,
  'dropDuplicates, nine of ten are': ticks.dropDuplicates('bucket').writeStream(write) as never,
  dropDuplicatesWithinWatermark: ticks.dropDuplicatesWithinWatermark('bucket').writeStream(write) as never,
  'dropDuplicates, then windows': ticks
    .dropDuplicates('symbol', 'timestamp', 'bucket')
    .groupBy(window('timestamp', '24 hours'), 'bucket')
    .count()
    .writeStream({ ...write, outputMode: 'update' }) as never,
  'sessions of 1,000 keys': ticks
    .groupBy(sessionWindow('timestamp', '1 hour'), 'bucket')
    .agg({ ticks: count(), high: max('price'), low: min('price'), volume: sum('volume') })
    .writeStream(write) as never,
  'transformWithState, 1,000 keys with a timer': ticks
    .groupBy('bucket')
    .transformWithState({
      state: { seen: valueState(struct({ ticks: long(), high: double() })) },
      output: struct({ bucket: long(), ticks: long(), high: double() }),
      timeMode: 'eventTime',
      handleInput(_, { price, timestamp }, { state: { seen }, registerTimer }) {
        const before = seen.get()
        if (before === null) registerTimer(timestamp + 3_600_000)
        seen.update({ ticks: (before?.ticks ?? 0) + 1, high: Math.max(before?.high ?? price, price) })
      },
      *handleExpiredTimer({ bucket }, _, { state: { seen } }) {
        const all = seen.get()
        if (all !== null) yield { bucket, ...all }
        seen.clear()
      },
    })
    .writeStream(write) as never,
}

export function benchOperators(): Promise<readonly Figure[]> {
  const text = eventText()
  return compare(
    `Event -> one stateful operator, ${batchSize.toLocaleString('en-US')} ticks a batch`,
    batchSize,
    Object.entries(queries).map(([name, query]) => ({
      name,
      // A fresh store each time: a batch that is delivered again would find its rows applied and fold nothing.
      run: async () => {
        const handler = kafkaHandler(query, {
          state: memoryState(),
          deadLetters: memoryDeadLetters(),
          partitions: 3,
          maxStateBytes: 2 ** 31,
        })
        await handler(JSON.parse(text))
      },
    })),
  )
}
