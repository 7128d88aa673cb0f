// The state of a laptop: the DynamoDB API that runs there, never AWS's. The endpoint is a loopback address, and the credentials
// mean nothing.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { type AllowedHosts, stayHere } from '../hosts.ts'
import type { StateStore } from '../state/store.ts'
import { dynamoState } from '../state/stores/dynamodb.ts'

const standardEndpoint = 'http://127.0.0.1:8000'

/**
 * @param allowed hosts beside this machine
 * @throws MicrobatchError CONFIG_INVALID for an endpoint elsewhere
 * @example laptopState('bars-state').isShared // true
 */
export function laptopState(
  table: string,
  endpoint: string = standardEndpoint,
  allowed: AllowedHosts = new Set<string>(),
): StateStore {
  stayHere(new URL(endpoint).hostname, `AWS_ENDPOINT_URL_DYNAMODB: ${endpoint}`, allowed)
  const credentials = { accessKeyId: 'laptop', secretAccessKey: 'laptop' }
  return dynamoState({
    table,
    client: new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 2 }),
  })
}
