// The consumers: each export is one Spark query as a Lambda handler, fed by its own Kafka event source mapping.

import middy from '@middy/core'
import {
  consoleSink,
  count,
  json,
  kafkaHandler,
  max,
  maxBy,
  min,
  minBy,
  type StreamingQueryProgress,
  stream,
  sum,
  window,
} from 'microbatch'
import { readSettings } from './config.ts'
import { deadLetterSink } from './dead-letters.ts'
import { invocationLog, log, logBatch } from './log.ts'
import { batchMetrics } from './metrics.ts'
import { stateStore } from './state.ts'
import { Tick } from './ticks/tick.ts'

const settings = readSettings()
const deadLetters = deadLetterSink(settings)
const readTicks = (name: string) => stream(name).readKafka({ topic: settings.TOPIC }).decode(json(Tick))

/** Every tick, as it came: the guide's first query. All rows of a batch print, however many came in it. */
export const tapeQuery = readTicks('tape').writeStream({
  outputMode: 'append',
  sinks: [consoleSink({ numRows: 10_000 })],
})

/** A bar for each symbol and window of event time. */
export const barsQuery = readTicks('bars')
  .withWatermark('timestamp', settings.WATERMARK_DELAY)
  .groupBy(window('timestamp', settings.WINDOW), 'symbol')
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
    outputMode: settings.OUTPUT_MODE,
    sinks: [consoleSink({ numRows: 10_000, truncate: false })],
    ...(settings.IDLE_TIMEOUT === undefined ? {} : { idleTimeout: settings.IDLE_TIMEOUT }),
  })

const sendMetrics = batchMetrics(settings)
const observed = {
  deadLetters,
  log,
  onProgress(progress: StreamingQueryProgress) {
    logBatch(progress)
    sendMetrics(progress)
  },
}

// middy's early timeout (5 ms before Lambda's) would report an error while the batch goes on in a living container, a
// zombie that could still write: it is off.
const options = { timeoutEarlyInMillis: 0 }

export const tape = middy(
  kafkaHandler(tapeQuery, { ...observed, partialBatches: settings.PARTIAL_BATCHES }),
  options,
).use(invocationLog())

export const bars = middy(
  kafkaHandler(barsQuery, { ...observed, state: stateStore(settings), partitions: settings.PARTITIONS }),
  options,
).use(invocationLog())
