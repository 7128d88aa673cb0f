// Where the groups of a query live: a DynamoDB table on AWS, the same API on a laptop. What runs on a laptop never calls
// AWS by accident: it takes a loopback endpoint and credentials that mean nothing.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamoState, MicrobatchError, memoryState, type StateStore } from 'microbatch'
import type { Settings } from './config.ts'

const laptopEndpoint = 'http://127.0.0.1:8000'
const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/** @throws MicrobatchError CONFIG_INVALID for a laptop whose endpoint is not its own */
export function stateStore({ STATE, STATE_TABLE, AWS_ENDPOINT_URL_DYNAMODB, ...runsIn }: Settings): StateStore {
  if (STATE === 'memory') return memoryState()
  // On Lambda the client is made by dynamoState, which reads the environment as every AWS client does. Whatever is not
  // Lambda is a laptop.
  const isLaptop =
    runsIn.AWS_LAMBDA_RUNTIME_API === undefined || runsIn.IS_OFFLINE !== undefined || runsIn.IS_LOCAL !== undefined
  if (!isLaptop) return dynamoState({ table: STATE_TABLE })
  const endpoint = AWS_ENDPOINT_URL_DYNAMODB ?? laptopEndpoint
  if (!loopback.has(new URL(endpoint).hostname)) {
    const problem = `AWS_ENDPOINT_URL_DYNAMODB: ${endpoint} is not this machine, and what runs here stays here.`
    throw new MicrobatchError('CONFIG_INVALID', `${problem} Leave it out, or name a loopback address.`)
  }
  const credentials = { accessKeyId: 'laptop', secretAccessKey: 'laptop' }
  return dynamoState({
    table: STATE_TABLE,
    client: new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 2 }),
  })
}
