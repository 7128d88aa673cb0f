// The consumers: each export is one Spark query as a Lambda handler, fed by its own Kafka event source mapping.

import middy from '@middy/core'
import { consoleSink, fileDeadLetters, json, kafkaHandler, stream } from '../lib/index.ts'
import { readSettings } from './config.ts'
import { batchLog, log } from './log.ts'
import { Tick } from './ticks/tick.ts'

const settings = readSettings()
const deadLetters = fileDeadLetters(settings.DEAD_LETTER_FILE)

/** Every tick, as it came: the guide's first query. All rows of a batch print, however many came in it. */
export const tapeQuery = stream('tape')
  .readKafka({ topic: settings.TOPIC })
  .decode(json(Tick))
  .writeStream({ outputMode: 'append', sinks: [consoleSink({ numRows: 10_000 })] })

// middy's early timeout (5 ms before Lambda's) would report an error while the batch goes on in a living container, a
// zombie that could still write: it is off.
export const tape = middy(kafkaHandler(tapeQuery, { deadLetters, log }), { timeoutEarlyInMillis: 0 }).use(batchLog())
