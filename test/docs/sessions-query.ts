import { count, double, max, type Sink, sessionWindow, stream, string, struct, timestamp } from '../../lib/index.ts'

const Tick = struct({ symbol: string(), price: double(), timestamp: timestamp() })

// docs/windows.md shows the lines from here on.
export const burstsQuery = (sinks: readonly Sink<object>[]) =>
  stream('bursts')
    .rows(Tick)
    .withWatermark('timestamp', '10 seconds')
    .groupBy(sessionWindow('timestamp', '5 seconds').as('burst'), 'symbol')
    .agg({ ticks: count(), high: max('price') })
    .writeStream({ outputMode: 'append', sinks })
