// The state of a laptop: the DynamoDB API that runs there, never AWS's. The endpoint is a loopback address, and the credentials
// mean nothing.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { MicrobatchError } from '../error.ts'
import type { StateStore } from '../state/store.ts'
import { dynamoState } from '../state/stores/dynamodb.ts'

const standardEndpoint = 'http://127.0.0.1:8000'
const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * @throws MicrobatchError CONFIG_INVALID for an endpoint that is not this machine
 * @example laptopState('bars-state').isShared // true
 */
export function laptopState(table: string, endpoint: string = standardEndpoint): StateStore {
  if (!loopback.has(new URL(endpoint).hostname)) {
    const problem = `AWS_ENDPOINT_URL_DYNAMODB: ${endpoint} is not this machine, and what runs here stays here.`
    throw new MicrobatchError('CONFIG_INVALID', `${problem} Leave it out, or name a loopback address.`)
  }
  const credentials = { accessKeyId: 'laptop', secretAccessKey: 'laptop' }
  return dynamoState({
    table,
    client: new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 2 }),
  })
}
