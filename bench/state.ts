// One batch of 10,000 ticks into few, many and as many groups, over memory state, beside the floor of bench/decode.ts.

import { Tick } from '../handlers/ticks/tick.ts'
import {
  count,
  json,
  kafkaHandler,
  long,
  max,
  memoryDeadLetters,
  memoryState,
  min,
  type OutputMode,
  type StateStore,
  stream,
  sum,
  window,
} from '../lib/index.ts'
import type { Figure } from './baseline.ts'
import { batchSize, eventText, floor, nowhere } from './decode.ts'
import { compare } from './measure.ts'

export interface Spreading {
  /** Over so many keys: the tick's place in the topic, modulo. */
  readonly groups: number
  /** @default 'update' */
  readonly outputMode?: OutputMode
  /** The length of the window. Five ticks come a second, so 10,000 are 2,000 seconds. @default '24 hours' */
  readonly size?: string
  /** @default 1 */
  readonly shards?: number
}

/** The handler of a query that spreads the ticks over so many groups. */
export const spreadingHandler = (
  { groups, outputMode = 'update', size = '24 hours', shards = 1 }: Spreading,
  state: StateStore,
) =>
  kafkaHandler(
    stream(`bench-${groups}`)
      .readKafka({ topic: 'stock-ticks' })
      .decode(json(Tick), (tick, { partition, offset }) => ({ ...tick, bucket: (offset * 3 + partition) % groups }), {
        bucket: long(),
      })
      .withWatermark('timestamp', '10 seconds')
      .groupBy(window('timestamp', size), 'bucket')
      .agg({
        ticks: count(),
        high: max('price'),
        low: min('price'),
        volume: sum('volume'),
        turnover: sum((t) => t.price * t.volume),
      })
      .writeStream({ outputMode, sinks: [nowhere], maxFuture: 'off' }),
    { state, deadLetters: memoryDeadLetters(), partitions: 3, shards, maxStateBytes: 2 ** 31 },
  )

const groupCounts = [10, 1000, 10_000] as const

export function benchState(): Promise<readonly Figure[]> {
  const text = eventText()
  return compare(`Event -> bars in memory state, ${batchSize.toLocaleString('en-US')} ticks a batch`, batchSize, [
    { name: 'floor: JSON.parse, base64, JSON.parse', run: () => floor(text) },
    // A fresh store each time: a batch that is delivered again would find its rows applied and fold nothing.
    ...groupCounts.map((groups) => ({
      name: `parse -> decode -> fold into ${groups.toLocaleString('en-US')} groups`,
      run: async () => {
        const progress = await spreadingHandler({ groups }, memoryState())(JSON.parse(text))
        if (progress.sink.numOutputRows !== groups) throw new Error(`${progress.sink.numOutputRows} groups came out`)
      },
    })),
  ])
}
