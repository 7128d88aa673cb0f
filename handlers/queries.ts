// The queries over stock ticks: settings in, queries out. Building one connects to nothing.

import { consoleSink, count, json, max, maxBy, min, minBy, stream, sum, window } from 'microbatch'
import type { Settings } from './config.ts'
import { Tick } from './ticks/tick.ts'

const readTicks = (name: string, topic: string) => stream(name).readKafka({ topic }).decode(json(Tick))

/** Every tick, as it came: the guide's first query. All rows of a batch print, however many came in it. */
export const tape = (topic: string) =>
  readTicks('tape', topic).writeStream({ outputMode: 'append', sinks: [consoleSink({ numRows: 10_000 })] })

/** A bar for each symbol and window of event time. */
export const bars = (topic: string, { WINDOW, WATERMARK_DELAY, OUTPUT_MODE, IDLE_TIMEOUT }: Settings) =>
  readTicks('bars', topic)
    .withWatermark('timestamp', WATERMARK_DELAY)
    .groupBy(window('timestamp', WINDOW), 'symbol')
    .agg({
      ticks: count(),
      open: minBy('price', 'timestamp'),
      high: max('price'),
      low: min('price'),
      close: maxBy('price', 'timestamp'),
      turnover: sum((tick) => tick.price * tick.volume),
      volume: sum('volume'),
    })
    .withColumn('vwap', ({ turnover, volume }) => (volume ? turnover / volume : null))
    .select('window', 'symbol', 'ticks', 'open', 'high', 'low', 'close', 'vwap', 'volume')
    .writeStream({
      outputMode: OUTPUT_MODE,
      sinks: [consoleSink({ numRows: 10_000, truncate: false })],
      ...(IDLE_TIMEOUT === undefined ? {} : { idleTimeout: IDLE_TIMEOUT }),
    })
