// The first query of query.py: bars of a window of event time for each symbol, to a sink that keeps nothing.

import {
  avg,
  count,
  double,
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

export const bars = kafkaHandler(barsQuery, { state, partitions, deadLetters })
