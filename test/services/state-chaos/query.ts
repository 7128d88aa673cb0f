// The query of the proof, and the records of its topic. Both are functions of a seed, so that every process has the same ones.

import {
  count,
  double,
  json,
  type KafkaRow,
  long,
  max,
  min,
  type OutputMode,
  type Sink,
  stream,
  string,
  struct,
  sum,
  timestamp,
  window,
} from '../../../lib/index.ts'
import { seeded } from '../../state/schedule/random.ts'

export const topic = 'chaos'
export const partitions = 4
const keys = 100
const startMs = 1_767_623_400_000
/** Within the watermark's delay, so that with policy `min` no row is late, whatever happens. */
const disorderMs = 8_000

const Reading = struct({ sensor: string(), level: long(), price: double(), at: timestamp() })

const readings = stream('chaos').readKafka({ topic }).decode(json(Reading))

/** Sums of longs and of doubles, both exact: a row that is missing or in twice shows. */
const bars = readings
  .withWatermark('at', '10 seconds')
  .groupBy(window('at', '5 seconds'), 'sensor')
  .agg({ rows: count(), level: sum('level'), price: sum('price'), low: min('price'), high: max('price') })

export type Bar = ReturnType<typeof bars.runBatch>[number]

export const chaosQuery = (outputMode: OutputMode, sink: Sink<Bar>) =>
  bars.writeStream({ outputMode, sinks: [sink], maxFuture: 'off' })

/** By partition, in offset order. The last record of each partition ends every window before it. */
export function chaosTopic(seed: number, records: number): readonly (readonly KafkaRow[])[] {
  return Array.from({ length: partitions }, (_, partition) => {
    const random = seeded(seed * partitions + partition)
    const count = Math.floor(records / partitions)
    return Array.from({ length: count }, (_, offset) => {
      const clockMs = startMs + offset * 20
      const isLast = offset === count - 1
      const reading = {
        sensor: isLast ? 'end' : `sensor-${random.between(0, keys - 1)}`,
        level: random.between(-1000, 1000),
        price: random.between(0, 100_000) / 100,
        at: isLast ? clockMs + 3_600_000 : clockMs - random.between(0, disorderMs),
      }
      return {
        topic,
        partition,
        offset,
        timestamp: clockMs,
        timestampType: 0,
        key: Buffer.from(reading.sensor),
        value: Buffer.from(JSON.stringify(reading)),
        headers: [],
      }
    })
  })
}

/** The bars of the same records in batch mode: what must have come out. */
export function expectedBars(topicRecords: readonly (readonly KafkaRow[])[]): readonly Bar[] {
  const rows = topicRecords.flat().map(({ value }) => JSON.parse(String(value)))
  return bars.runBatch(rows)
}
