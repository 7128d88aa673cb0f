// A state table at some DynamoDB on this machine, for tests.
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb'

import { table as stateTable } from '../../infra/resources/table.ts'
import { dynamoState } from '../../lib/state/stores/dynamodb.ts'
import { tablesOf } from '../../local/dynamodb/tables.ts'
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
  const [definition] = tablesOf(stateTable(table, { keepData: false, dataKey: null }))
  if (definition === undefined) throw new Error('the template of the state has no table')
  await client.send(
    new CreateTableCommand({
      ...definition,
      BillingMode: 'PAY_PER_REQUEST',
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
