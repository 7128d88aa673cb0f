import {
  count,
  double,
  max,
  type OutputMode,
  type Sink,
  stream,
  string,
  struct,
  timestamp,
  window,
} from '../../lib/index.ts'

const Tick = struct({ symbol: string(), price: double(), timestamp: timestamp() })

// docs/windows.md shows the lines from here on.
export const barsQuery = (outputMode: OutputMode, sinks: readonly Sink<object>[]) =>
  stream('bars')
    .rows(Tick)
    .withWatermark('timestamp', '10 seconds')
    .groupBy(window('timestamp', '10 seconds'), 'symbol')
    .agg({ ticks: count(), high: max('price') })
    .writeStream({ outputMode, sinks })
