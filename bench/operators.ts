// One batch of 10,000 ticks through each stateful operator over memory state, beside the plain windowed aggregate: what an operator
// costs that writes rows, or keys, where an aggregate writes its groups.

import { Tick } from '../handlers/ticks/tick.ts'
import {
  count,
  double,
  json,
  type KafkaEvent,
  kafkaHandler,
  long,
  max,
  memoryDeadLetters,
  memoryState,
  min,
  type StreamingQuery,
  sessionWindow,
  staticRows,
  stream,
  string,
  struct,
  sum,
  timestamp,
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

/** In the batches of joins, partition 1 is a topic of its own. */
const others = stream('bench-operators')
  .readKafka({ topic: 'other-ticks' })
  .decode(json(Tick), (tick, { offset }) => ({ otherTime: tick.timestamp, bucket: (offset * 3) % 1_000 }), {
    otherTime: timestamp(),
    bucket: long(),
  })
  .select('otherTime', 'bucket')
  .withWatermark('otherTime', '10 seconds')

const buckets = staticRows(
  struct({ bucket: long(), name: string() }),
  Array.from({ length: 1_000 }, (_, bucket) => ({ bucket, name: `bucket ${bucket}` })),
)

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
    .groupBy(sessionWindow('timestamp', '10 minutes'), 'bucket')
    .agg({ ticks: count(), high: max('price'), low: min('price'), volume: sum('volume') })
    .writeStream(write) as never,
  'windows, then windows of them': ticks
    .groupBy(window('timestamp', '10 minutes'), 'bucket')
    .agg({ ticks: count() })
    .groupBy(window('window', '24 hours'))
    .agg({ most: max('ticks') })
    .writeStream(write) as never,
  'transformWithState, a value of 1,000 keys': ticks
    .groupBy('bucket')
    .transformWithState({
      state: { last: valueState(double()) },
      output: struct({ bucket: long(), change: double() }),
      *handleInput({ bucket }, { price }, { state: { last } }) {
        const before = last.get()
        last.update(price)
        if (before !== null) yield { bucket, change: price - before }
      },
    })
    .writeStream(write) as never,
  'join, ten rows a key on each side': ticks
    .join(others, { on: [['bucket', 'bucket']], prefix: 'other_', within: { after: '24 hours', before: '24 hours' } })
    .writeStream(write) as never,
  'join with rows in code': ticks.join(buckets, { on: ['bucket'] }).writeStream(write) as never,
}

function textOfTwoTopics(text: string): string {
  const event: KafkaEvent = JSON.parse(text)
  const { 'stock-ticks-1': own = [], ...records } = event.records
  const others = own.map((record) => ({ ...record, topic: 'other-ticks', partition: 0 }))
  return JSON.stringify({ ...event, records: { ...records, 'other-ticks-0': others } })
}

export function benchOperators(): Promise<readonly Figure[]> {
  const text = eventText()
  const joined = textOfTwoTopics(text)
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
        await handler(JSON.parse(query.plan.others.length === 0 ? text : joined))
      },
    })),
  )
}
