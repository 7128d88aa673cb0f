// The queries over stock ticks: settings in, queries out. Building one connects to nothing.

import {
  consoleSink,
  count,
  double,
  json,
  listState,
  max,
  maxBy,
  min,
  minBy,
  sessionWindow,
  stream,
  string,
  struct,
  sum,
  timestamp,
  window,
} from 'microbatch'
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

/** Stretches of much trading: a session for each symbol, which ends where three seconds bring no tick of 1,200 shares or more. */
export const sessions = (topic: string, { WATERMARK_DELAY }: Settings) =>
  readTicks('sessions', topic)
    .withWatermark('timestamp', WATERMARK_DELAY)
    .where(({ volume }) => volume >= 1_200)
    .groupBy(sessionWindow('timestamp', '3 seconds'), 'symbol')
    .agg({ ticks: count(), volume: sum('volume'), high: max('price'), low: min('price') })
    .writeStream({ outputMode: 'append', sinks: [consoleSink({ numRows: 10_000, truncate: false })] })

const Point = struct({ price: double(), timestamp: timestamp() })
const Move = struct({ symbol: string(), from: double(), to: double(), percent: double(), timestamp: timestamp() })

/** How far back a move reaches, milliseconds. */
const moveMs = 10_000

/** A percentage as a person says it; the sum takes the sign off a zero. */
const hundredths = (value: number): number => Math.round(value * 100) / 100 + 0

/** Prices that moved by so many percent within ten seconds; the next move of the symbol is measured from there. */
export const moves = (topic: string, { MOVE_PERCENT }: Settings) =>
  readTicks('moves', topic)
    .groupBy('symbol')
    .transformWithState({
      state: { recent: listState(Point) },
      output: Move,
      *handleInput({ symbol }, { price, timestamp }, { state: { recent } }) {
        const seen = recent.get().filter((point) => point.timestamp > timestamp - moveMs)
        const from = seen.find((point) => Math.abs(price / point.price - 1) * 100 >= MOVE_PERCENT)
        recent.put([...(from === undefined ? seen : []), { price, timestamp }])
        if (from === undefined) return
        yield { symbol, from: from.price, to: price, percent: hundredths((price / from.price - 1) * 100), timestamp }
      },
    })
    .writeStream({ outputMode: 'append', sinks: [consoleSink({ numRows: 10_000, truncate: false })] })
