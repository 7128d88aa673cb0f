// A query as a Lambda handler: the event in, one micro-batch, its progress back. A plain async function, so that
// middleware is seen where it is used. It throws when the batch must come again; what it returns is a success.

import { MicrobatchError } from '../error.ts'
import { parseKafkaEvent } from '../event/parse.ts'
import type { DeadLetterSink } from '../sink/dead-letter.ts'
import { stateSession } from '../state/session.ts'
import type { StateStore } from '../state/store.ts'
import { microBatch } from './micro-batch.ts'
import type { StreamingQueryProgress } from './progress.ts'
import type { StreamingQuery } from './streaming-query.ts'

export interface KafkaHandlerOptions {
  /** Where the groups of an aggregation live between invocations. Required for a query with one. */
  readonly state?: StateStore
  /** Where bad records go. Required: a record is never thrown away because nobody said where to put it. */
  readonly deadLetters: DeadLetterSink
  /** How many partitions the topic has. Required for a watermark with the policy `min`, the default. */
  readonly partitions?: number
  /** Takes one structured line for each dead letter and each warning. @default a line of JSON on standard output */
  readonly log?: (level: 'WARN', message: string, fields: object) => void
  /** Epoch milliseconds. @default Date.now */
  readonly now?: () => number
}

/**
 * The Lambda handler of a query, for a Kafka event source mapping of its topic. Make it once, outside the invocation.
 *
 * @throws MicrobatchError CONFIG_INVALID where an option is missing that the query needs
 * @throws MicrobatchError from the handler, and the mapping delivers the whole batch again: EVENT_INVALID for a payload
 *   that is no Kafka event of the query's topic, STATE_… from the store, and whatever a sink rejects with
 * @example
 * export const bars = kafkaHandler(barsQuery, { state: dynamoState({ table }), deadLetters, partitions: 3 })
 */
export function kafkaHandler<Row>(
  query: StreamingQuery<Row>,
  { state, deadLetters, partitions, log = jsonLine, now = Date.now }: KafkaHandlerOptions,
): (event: unknown) => Promise<StreamingQueryProgress> {
  const { source } = query.plan
  if (source.kind !== 'kafka') {
    const problem = `${query.name}: a query over plain rows has no topic, so nothing can invoke it.`
    throw new MicrobatchError('CONFIG_INVALID', `${problem} Begin it with readKafka, or run it with testDriver.`)
  }
  refuseLostState(query.name, state)
  const run = microBatch(query, {
    deadLetters,
    now,
    session: state === undefined ? null : stateSession(state),
    partitions: partitions ?? null,
  })
  return async (event) => {
    const { rows } = parseKafkaEvent(event)
    const foreign = rows.find(({ topic }) => topic !== source.topic)
    if (foreign !== undefined) {
      const problem = `${query.name} reads the topic ${source.topic}, and the event holds records of ${foreign.topic}.`
      throw new MicrobatchError('EVENT_INVALID', `${problem} Check the topic of its Kafka event in serverless.yml.`)
    }
    const result = await run({ kind: 'records', records: rows })
    for (const { topic, partition, offset, timestamp, reason, detail } of result.deadLetters) {
      log('WARN', 'dead letter', { query: query.name, topic, partition, offset, timestamp, reason, detail })
    }
    for (const warning of result.warnings) log('WARN', warning, { query: query.name })
    return result.progress
  }
}

/** Lambda and serverless-offline run several containers or workers, each with a memory of its own: sums would be wrong. */
function refuseLostState(name: string, state: StateStore | undefined): void {
  if (state?.kind !== 'memory') return
  if (process.env.IS_OFFLINE === undefined && process.env.AWS_LAMBDA_RUNTIME_API === undefined) return
  const problem = `${name}: memory state is not shared by the workers of serverless-offline or the containers of Lambda.`
  throw new MicrobatchError('CONFIG_INVALID', `${problem} Use dynamoState({ table }).`)
}

const jsonLine = (level: string, message: string, fields: object): void =>
  console.log(JSON.stringify({ level, message, ...fields }))
