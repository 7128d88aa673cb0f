// The consumers: each query of queries.ts as a Lambda handler, fed by its own Kafka event source mapping. Beside the handler of
// function `bars` stands its query, `barsQuery`, for the commands that run a query without Lambda.

import middy from '@middy/core'
import { type KafkaHandlerOptions, kafkaHandler, type StreamingQuery, type StreamingQueryProgress } from 'microbatch'
import { fromEnvironment } from 'microbatch/lambda'
import { handlerEnvironment, readSettings } from './config.ts'
import { invocationLog, log, logBatch } from './log.ts'
import { batchMetrics } from './metrics.ts'
import * as queries from './queries.ts'

const { topic, partitions, state, partialBatches, deadLetters, ...place } = fromEnvironment(handlerEnvironment())
const sendMetrics = batchMetrics(place)
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
const handle = <Row>(query: StreamingQuery<Row>, options: Omit<KafkaHandlerOptions, 'deadLetters'>) =>
  middy(kafkaHandler(query, { ...observed, ...options }), { timeoutEarlyInMillis: 0 }).use(invocationLog())

export const tapeQuery = queries.tape(topic)
export const tape = handle(tapeQuery, { partialBatches })

export const barsQuery = queries.bars(topic, readSettings())
export const bars = handle(barsQuery, { state, partitions })

export const sessionsQuery = queries.sessions(topic, readSettings())
export const sessions = handle(sessionsQuery, { state, partitions })

export const movesQuery = queries.moves(topic, readSettings())
export const moves = handle(movesQuery, { state, partitions })
