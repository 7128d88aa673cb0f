// The queries of query.py: bars of a window of event time for each symbol, to a sink that keeps nothing; and every tick to files of
// Parquet.

import {
  avg,
  count,
  double,
  fileSink,
  json,
  kafkaHandler,
  long,
  max,
  min,
  type Sink,
  stream,
  string,
  struct,
  sum,
  timestamp,
  window,
} from 'microbatch'
import { fromEnvironment } from 'microbatch/lambda'
import { parquet } from 'microbatch/sinks/parquet'

const { topic, partitions, state, deadLetters } = fromEnvironment(process.env)
const Tick = struct({ symbol: string(), price: double(), volume: long(), timestamp: timestamp() })
const noop: Sink<object> = { description: 'noop', write: async () => {} }

export const barsQuery = stream('bars')
  .readKafka({ topic, keyedBy: 'symbol' })
  .decode(json(Tick))
  .withWatermark('timestamp', '10 seconds')
  .groupBy(window('timestamp', process.env.WINDOW ?? '10 seconds'), 'symbol')
  .agg({ ticks: count(), mean: avg('price'), low: min('price'), high: max('price'), volume: sum('volume') })
  .writeStream({ outputMode: 'update', sinks: [noop] })

export const archiveQuery = stream('archive')
  .readKafka({ topic })
  .decode(json(Tick))
  .writeStream({ sinks: [fileSink({ folder: process.env.FOLDER || '.local/archive', format: parquet() })] })

export const archive = kafkaHandler(archiveQuery, { deadLetters })
export const bars = kafkaHandler(barsQuery, { state, partitions, deadLetters })
