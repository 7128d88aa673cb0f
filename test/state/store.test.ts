import { expect, test } from 'vitest'
import { maxItemBytes } from '../../lib/state/items/item-size.ts'
import { dynamoState } from '../../lib/state/stores/dynamodb.ts'
import { memoryState } from '../../lib/state/stores/memory.ts'
import { localClient } from './dynamo-table.ts'
import { embeddedStore, startEmbeddedDynamoDb } from './embedded-dynamodb.ts'
import { protocolOnStore } from './protocol-on-store.ts'
import { storeContract } from './store-contract.ts'

storeContract('memory', async () => {
  const store = memoryState()
  return { store, stop: () => store.close() }
})

storeContract('memory in small pages', async () => {
  const store = memoryState({ pageItems: 3 })
  return { store, stop: () => store.close() }
})

storeContract('DynamoDB (embedded)', () => embeddedStore('state'))

protocolOnStore('memory', async () => {
  const store = memoryState({ pageItems: 2 })
  return { store, stop: () => store.close() }
})

protocolOnStore('DynamoDB (embedded)', () => embeddedStore('state'))

test('an item DynamoDB cannot hold is refused before it is sent, with a way out', async () => {
  const store = dynamoState({ table: 'state', client: localClient('http://127.0.0.1:1') })
  const put = store.put({ pk: 'p', sk: 's', rev: 'r', body: Buffer.alloc(maxItemBytes) }, null)
  await expect(put).rejects.toMatchObject({
    code: 'STATE_TOO_LARGE',
    message: expect.stringContaining('shorter windows'),
  })
})

test('a table that does not exist is named, with the error of the service as the cause', async () => {
  const { endpoint, stop } = await startEmbeddedDynamoDb()
  const client = localClient(endpoint)
  const store = dynamoState({ table: 'nowhere', client })
  await expect(store.get({ pk: 'p', sk: 's' })).rejects.toMatchObject({
    code: 'STATE_FAILED',
    message: expect.stringContaining('"nowhere": the table does not exist'),
    cause: expect.objectContaining({ name: 'ResourceNotFoundException' }),
  })
  client.destroy()
  await stop()
})

test('a DynamoDB nobody can reach is an error, not an absent item', async () => {
  const client = localClient('http://127.0.0.1:1')
  const store = dynamoState({ table: 'state', client })
  await expect(store.get({ pk: 'p', sk: 's' })).rejects.toMatchObject({ code: 'STATE_FAILED' })
  client.destroy()
})
