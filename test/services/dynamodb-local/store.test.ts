// The DynamoDB store against Amazon's own implementation: the contract of the port, and the protocol run on it.

import { withTable } from '../../state/dynamo-table.ts'
import { protocolOnStore } from '../../state/protocol-on-store.ts'
import { type StoreUnderTest, storeContract } from '../../state/store-contract.ts'
import { startDynamoDbLocal } from './server.ts'

async function localStore(): Promise<StoreUnderTest> {
  const { endpoint, stop } = await startDynamoDbLocal()
  return withTable(endpoint, 'state', stop)
}

storeContract('DynamoDB Local', localStore)
protocolOnStore('DynamoDB Local', localStore)
