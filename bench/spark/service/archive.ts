// Every tick to files of Parquet, in a folder or in a bucket: the second query of query.py.

import { double, fileSink, json, kafkaHandler, long, stream, string, struct, timestamp } from 'microbatch'
import { fromEnvironment } from 'microbatch/lambda'
import { parquet } from 'microbatch/sinks/parquet'
import { s3Sink } from 'microbatch/sinks/s3'

const { topic, deadLetters } = fromEnvironment(process.env)
const Tick = struct({ symbol: string(), price: double(), volume: long(), timestamp: timestamp() })
const { BUCKET: bucket = '', FOLDER: folder = '' } = process.env

export const archiveQuery = stream('archive')
  .readKafka({ topic })
  .decode(json(Tick))
  .writeStream({
    sinks: [
      folder === ''
        ? s3Sink({ bucket, format: parquet(), environment: process.env })
        : fileSink({ folder, format: parquet() }),
    ],
  })

export const archive = kafkaHandler(archiveQuery, { deadLetters })
