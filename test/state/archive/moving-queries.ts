// Queries of every kind that keeps something, under any name, and ticks for them.
import {
  avg,
  collectList,
  count,
  double,
  json,
  type KafkaRow,
  listState,
  maxBy,
  type OutputMode,
  type StreamingQuery,
  sessionWindow,
  stream,
  string,
  struct,
  sum,
  window,
} from 'microbatch'
import type { TestRecord } from 'microbatch/testing'
import { Tick } from '../../../handlers/ticks/tick.ts'
import { aRecord, keepingSink, openingBellMs } from '../../builders.ts'

const ticks = (name: string) =>
  stream(name)
    .readKafka({ topic: 't' })
    .decode(json(Tick, { malformed: 'drop' }))
    .withWatermark('timestamp', '4 seconds')

const sinks = () => [keepingSink()]

const bars = (name: string, outputMode: OutputMode) =>
  ticks(name)
    .groupBy(window('timestamp', '5 seconds'), 'symbol')
    .agg({ ticks: count(), mean: avg('price'), close: maxBy('price', 'timestamp'), all: collectList('volume') })
    .writeStream({ outputMode, sinks: sinks() })

/** By what they keep. */
export const movingQueries: Readonly<Record<string, (name: string) => StreamingQuery>> = {
  'windows, append': (name) => bars(name, 'append'),
  'windows, update': (name) => bars(name, 'update'),
  'windows, complete': (name) => bars(name, 'complete'),
  'groups that never end': (name) =>
    ticks(name)
      .groupBy('symbol')
      .agg({ turnover: sum((tick) => tick.price * tick.volume) })
      .writeStream({ outputMode: 'update', sinks: sinks() }),
  sessions: (name) =>
    ticks(name)
      .groupBy(sessionWindow('timestamp', '3 seconds'), 'symbol')
      .agg({ ticks: count(), volume: sum('volume') })
      .writeStream({ outputMode: 'append', sinks: sinks() }),
  duplicates: (name) =>
    ticks(name).dropDuplicates('symbol', 'timestamp').writeStream({ outputMode: 'append', sinks: sinks() }),
  'duplicates before windows': (name) =>
    ticks(name)
      .dropDuplicatesWithinWatermark('symbol', 'volume')
      .groupBy(window('timestamp', '5 seconds'), 'symbol')
      .count()
      .writeStream({ outputMode: 'append', sinks: sinks() }),
  'a state of its own': (name) =>
    ticks(name)
      .groupBy('symbol')
      .transformWithState({
        state: { recent: listState(struct({ price: double() })) },
        output: struct({ symbol: string(), prices: string() }),
        *handleInput({ symbol }, { price }, { state: { recent } }) {
          recent.put([...recent.get(), { price }].slice(-3))
          yield {
            symbol,
            prices: recent
              .get()
              .map((one) => one.price)
              .join(' '),
          }
        },
      })
      .writeStream({ outputMode: 'append', sinks: sinks() }),
}

export const partitions = 2

/** Batches that go on from each other; one of them is given by its ticks: the second, the symbol and the partition. */
export function batchesOf(drawn: readonly (readonly Drawn[])[]): readonly (readonly TestRecord[])[] {
  const next = new Map<number, number>()
  return drawn.map((batch) =>
    batch.map(({ second, symbol, partition }): TestRecord => {
      const offset = next.get(partition) ?? 0
      next.set(partition, offset + 1)
      const timestamp = openingBellMs + second * 1000
      const tick = { symbol, price: 100 + ((second * 7 + offset) % 11) / 8, volume: 1 + (offset % 3), timestamp }
      return { topic: 't', partition, offset, timestamp, value: offset % 13 === 12 ? 'no tick' : JSON.stringify(tick) }
    }),
  )
}

export interface Drawn {
  readonly second: number
  readonly symbol: string
  readonly partition: number
}

/** The same as Kafka has them. */
export const recordsOfBatch = (batch: readonly TestRecord[]): readonly KafkaRow[] =>
  batch.map(({ value, partition = 0, offset = 0, timestamp = 0 }) =>
    aRecord({ topic: 't', partition, offset, timestamp, value: value ?? null }),
  )
