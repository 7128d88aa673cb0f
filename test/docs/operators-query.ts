import { count, double, max, type Sink, stream, string, struct, timestamp, window } from '../../lib/index.ts'

const Tick = struct({ symbol: string(), price: double(), timestamp: timestamp() })

// docs/stateful-operators.md shows each of these.
export const onceQuery = (sinks: readonly Sink<object>[]) =>
  stream('once')
    .rows(Tick)
    .withWatermark('timestamp', '10 seconds')
    .dropDuplicates('symbol', 'timestamp')
    .writeStream({ sinks })

export const quietQuery = (sinks: readonly Sink<object>[]) =>
  stream('quiet')
    .rows(Tick)
    .withWatermark('timestamp', '10 seconds')
    .dropDuplicatesWithinWatermark('symbol')
    .writeStream({ sinks })

export const busiestQuery = (sinks: readonly Sink<object>[]) =>
  stream('busiest')
    .rows(Tick)
    .withWatermark('timestamp', '10 seconds')
    .groupBy(window('timestamp', '5 seconds'), 'symbol')
    .agg({ ticks: count(), high: max('price') })
    .groupBy(window('window', '10 seconds'))
    .agg({ bars: count(), mostTicks: max('ticks') })
    .writeStream({ sinks })

export const firstQuery = (sinks: readonly Sink<object>[]) => stream('first').rows(Tick).limit(3).writeStream({ sinks })
