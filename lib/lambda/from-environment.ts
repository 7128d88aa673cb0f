// What kafkaHandler wants to know of the place that it runs in, from the variables that the deployment sets. On Lambda: AWS's
// table and queue. On a laptop: a file, and a DynamoDB API of this machine.

import type { PartitionCounts } from '../query/aggregation/partition-counts.ts'
import type { DeadLetterSink } from '../sink/dead-letter.ts'
import { fileDeadLetters } from '../sink/dead-letter-file.ts'
import { queueDeadLetters } from '../sink/dead-letter-queue.ts'
import type { StateStore } from '../state/store.ts'
import { dynamoState } from '../state/stores/dynamodb.ts'
import { memoryState } from '../state/stores/memory.ts'
import { laptopQueue } from './laptop-queue.ts'
import { laptopState } from './laptop-state.ts'
import { stateByHand } from './state-by-hand.ts'
import { type Environment, isOnLambda, QueryVariables, readVariables } from './variables.ts'

export interface QueryPlace {
  /** The service and its stage: `microbatch-prod`. */
  readonly service: string
  /** The topic of the function's query; of several, the first. */
  readonly topic: string
  /** All of them: `readKafka({ topics })`. */
  readonly topics: readonly string[]
  /** The option of the same name of `kafkaHandler`. */
  readonly partitions: PartitionCounts
  /** The option of the same name of `kafkaHandler`; only for a stateful query. */
  readonly state: StateStore
  /** On Lambda a file is refused by the first invocation (kafkaHandler): no record is lost to a queue that nobody made. */
  readonly deadLetters: DeadLetterSink
  /** The option of the same name of `kafkaHandler`; only for a query without state. */
  readonly partialBatches: boolean
  readonly isOnLambda: boolean
}

/**
 * @param environment `process.env`; variables.ts lists what is read
 * @throws MicrobatchError CONFIG_INVALID naming each variable that is wrong or missing, and for a laptop whose DynamoDB
 *   endpoint or queue is another machine that ALLOW_REMOTE does not name
 * @example
 * const { topic, state, deadLetters, partitions } = fromEnvironment(process.env)
 * export const bars = kafkaHandler(barsQuery(topic), { state, deadLetters, partitions })
 */
export function fromEnvironment(environment: Environment): QueryPlace {
  const variables = readVariables(QueryVariables, environment)
  const topics = variables.TOPIC.split(',').map((topic) => topic.trim())
  const { DEAD_LETTER_QUEUE_URL: queueUrl, STATE_TABLE: table } = variables
  return {
    service: variables.SERVICE,
    topic: topics[0] ?? variables.TOPIC,
    topics,
    partitions: variables.PARTITIONS,
    state: stateOf(),
    deadLetters: deadLettersOf(),
    partialBatches: variables.PARTIAL_BATCHES,
    isOnLambda: isOnLambda(variables),
  }

  function deadLettersOf(): DeadLetterSink {
    if (queueUrl === undefined) return fileDeadLetters(variables.DEAD_LETTER_FILE)
    return isOnLambda(variables) ? queueDeadLetters({ queueUrl }) : laptopQueue(queueUrl, variables.ALLOW_REMOTE)
  }

  function stateOf(): StateStore {
    if (variables.STATE === 'memory') return memoryState()
    if (variables.STATE === undefined && variables.IS_LOCAL !== undefined) return stateByHand()
    // On Lambda the client is the store's own, which reads the environment as every AWS client does.
    const { AWS_ENDPOINT_URL_DYNAMODB: endpoint, ALLOW_REMOTE: allowed } = variables
    return isOnLambda(variables) ? dynamoState({ table }) : laptopState(table, endpoint, allowed)
  }
}
