// The archive: a bar for each symbol and minute as files of Parquet in a bucket, a folder for each symbol and day. It is off unless QUERIES
// names it, and has a bundle of its own, so that no other function carries Parquet and the client of S3.

import middy from '@middy/core'
import { count, json, kafkaHandler, max, maxBy, min, minBy, stream, string, sum, window } from 'microbatch'
import { fromEnvironment } from 'microbatch/lambda'
import { parquet } from 'microbatch/sinks/parquet'
import { s3Sink } from 'microbatch/sinks/s3'
import { handlerEnvironment, readSettings } from './config.ts'
import { invocationLog, log, logBatch } from './log.ts'
import { Tick } from './ticks/tick.ts'

const environment = handlerEnvironment()
const { topic, partitions, state, deadLetters } = fromEnvironment(environment)
const { WATERMARK_DELAY, ARCHIVE_WINDOW, ARCHIVE_BUCKET } = readSettings()

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** In append mode: each bar is written once, when it is final. */
export const archiveQuery = stream('archive')
  .readKafka({ topic })
  .decode(json(Tick))
  .withWatermark('timestamp', WATERMARK_DELAY)
  .groupBy(window('timestamp', ARCHIVE_WINDOW), 'symbol')
  .agg({
    ticks: count(),
    open: minBy('price', 'timestamp'),
    high: max('price'),
    low: min('price'),
    close: maxBy('price', 'timestamp'),
    volume: sum('volume'),
  })
  .withColumn('date', (bar) => dayOf(bar.window.start), string())
  .writeStream({
    outputMode: 'append',
    sinks: [s3Sink({ bucket: ARCHIVE_BUCKET, format: parquet(), partitionBy: ['symbol', 'date'], environment })],
  })

export const archive = middy(
  kafkaHandler(archiveQuery, { state, partitions, deadLetters, log, onProgress: logBatch }),
  {
    timeoutEarlyInMillis: 0,
  },
).use(invocationLog())
