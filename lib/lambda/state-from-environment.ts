// The state that a function asks (queryState), from the variables that its deployment sets. On a laptop it is that of the machine.

import type { StateStore } from '../state/store.ts'
import { dynamoState } from '../state/stores/dynamodb.ts'
import { laptopState } from './laptop-state.ts'
import { AskerVariables, type Environment, isOnLambda, readVariables } from './variables.ts'

export interface AskerPlace {
  /** The service and its stage: `microbatch-prod`. */
  readonly service: string
  /** The topic of the query that is asked; of several, the first. */
  readonly topic: string
  /** All of them: `readKafka({ topics })`. */
  readonly topics: readonly string[]
  /** The table that the query keeps its groups in. */
  readonly state: StateStore
}

/**
 * @param environment `process.env`
 * @throws MicrobatchError CONFIG_INVALID naming each variable that is wrong or missing, and for a laptop whose DynamoDB endpoint is
 *   another machine that ALLOW_REMOTE does not name
 * @example
 * const { topic, state } = stateFromEnvironment(process.env)
 * const table = queryState(barsQuery(topic), state)
 */
export function stateFromEnvironment(environment: Environment): AskerPlace {
  const variables = readVariables(
    AskerVariables,
    environment,
    'The plugin of the deployment sets these for a function with "asks".',
  )
  const topics = variables.TOPIC.split(',').map((topic) => topic.trim())
  const { STATE_TABLE: table, AWS_ENDPOINT_URL_DYNAMODB: endpoint, ALLOW_REMOTE: allowed } = variables
  return {
    service: variables.SERVICE,
    topic: topics[0] ?? variables.TOPIC,
    topics,
    state: isOnLambda(variables) ? dynamoState({ table }) : laptopState(table, endpoint, allowed),
  }
}
