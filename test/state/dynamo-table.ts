// A state table at some DynamoDB on this machine, for tests.
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb'

import { dynamoState } from '../../lib/state/stores/dynamodb.ts'
import type { StoreUnderTest } from './store-contract.ts'

export function localClient(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  return new DynamoDBClient({ endpoint, region: 'local', credentials, maxAttempts: 4 })
}

export async function withTable(
  endpoint: string,
  table: string,
  stopServer: () => Promise<void>,
): Promise<StoreUnderTest> {
  const client = localClient(endpoint)
  await client.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  )
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 0.05, maxDelay: 0.2 }, { TableName: table })
  const store = dynamoState({ table, client })
  const stop = async (): Promise<void> => {
    await store.close()
    client.destroy()
    await stopServer()
  }
  return { store, stop }
}
