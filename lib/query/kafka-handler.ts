// A query as a Lambda handler: the event in, one micro-batch, its progress back. A plain async function, so that
// middleware is seen where it is used. It throws when the batch must come again; what it returns is a success.

import { MicrobatchError } from '../error.ts'
import { parseKafkaEvent } from '../event/parse.ts'
import type { DeadLetterSink } from '../sink/dead-letter.ts'
import { statelessMicroBatch } from './micro-batch.ts'
import type { StreamingQueryProgress } from './progress.ts'
import type { StreamingQuery } from './streaming-query.ts'

export interface KafkaHandlerOptions {
  /** Where bad records go. Required: a record is never thrown away because nobody said where to put it. */
  readonly deadLetters: DeadLetterSink
  /** Takes one structured line for each dead letter. @default a line of JSON on standard output */
  readonly log?: (level: 'WARN', message: string, fields: object) => void
  /** Epoch milliseconds. @default Date.now */
  readonly now?: () => number
}

/**
 * The Lambda handler of a query, for a Kafka event source mapping of its topic. Make it once, outside the invocation.
 *
 * @throws MicrobatchError from the handler, and the mapping delivers the whole batch again: EVENT_INVALID for a payload
 *   that is no Kafka event of the query's topic, and whatever a sink rejects with
 * @example export const tape = kafkaHandler(tapeQuery, { deadLetters: fileDeadLetters('.local/dead-letters.ndjson') })
 */
export function kafkaHandler<Row>(
  query: StreamingQuery<Row>,
  { deadLetters, log = jsonLine, now = Date.now }: KafkaHandlerOptions,
): (event: unknown) => Promise<StreamingQueryProgress> {
  const { source } = query.plan
  if (source.kind !== 'kafka') {
    const problem = `${query.name}: a query over plain rows has no topic, so nothing can invoke it.`
    throw new MicrobatchError('CONFIG_INVALID', `${problem} Begin it with readKafka, or run it with testDriver.`)
  }
  const microBatch = statelessMicroBatch(query, { deadLetters, now })
  return async (event) => {
    const { rows } = parseKafkaEvent(event)
    const foreign = rows.find(({ topic }) => topic !== source.topic)
    if (foreign !== undefined) {
      const problem = `${query.name} reads the topic ${source.topic}, and the event holds records of ${foreign.topic}.`
      throw new MicrobatchError('EVENT_INVALID', `${problem} Check the topic of its Kafka event in serverless.yml.`)
    }
    const result = await microBatch.run(rows)
    for (const { topic, partition, offset, timestamp, reason, detail } of result.deadLetters) {
      log('WARN', 'dead letter', { query: query.name, topic, partition, offset, timestamp, reason, detail })
    }
    return result.progress
  }
}

const jsonLine = (level: string, message: string, fields: object): void =>
  console.log(JSON.stringify({ level, message, ...fields }))
