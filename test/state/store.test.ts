import { expect, test } from 'vitest'
import { maxItemBytes } from '../../lib/state/items/item-size.ts'
import { dynamoState } from '../../lib/state/stores/dynamodb.ts'
import { memoryState } from '../../lib/state/stores/memory.ts'
import { localClient, withTable } from './dynamo-table.ts'
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

test('a put that the client tried again by itself is unclear when it is refused: an earlier try may have been written', async () => {
  const { endpoint, stop } = await startEmbeddedDynamoDb()
  const { stop: stopTable } = await withTable(endpoint, 'state', stop)
  const client = localClient(endpoint)
  const store = dynamoState({ table: 'state', client })
  const other = dynamoState({ table: 'state', client: localClient(endpoint) })
  const item = (rev: string) => ({ pk: 'p', sk: 'head', rev, body: Buffer.from(rev) })
  let between = async (): Promise<unknown> => undefined
  let losesAnswers = false
  // Inside the client's own tries: the request is carried out, and its answer is lost, once.
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args)
      if (!losesAnswers) return answer
      losesAnswers = false
      await between()
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', name: 'TimeoutError' })
    },
    { step: 'deserialize', priority: 'low' },
  )
  await store.put(item('r1'), null)
  losesAnswers = true
  const unclear = { code: 'STATE_FAILED', cause: expect.objectContaining({ name: 'ConditionalCheckFailedException' }) }
  // This emulator does not say what stands there: our own revision.
  await expect(store.put(item('r2'), 'r1')).rejects.toMatchObject(unclear)
  expect(await store.get(item('r2'))).toEqual(item('r2'))
  losesAnswers = true
  between = () => other.put(item('theirs'), 'r3')
  await expect(store.put(item('r3'), 'r2')).rejects.toMatchObject(unclear)
  expect(await store.put(item('r4'), 'r3')).toMatchObject({ kind: 'conflict' })
  client.destroy()
  await stopTable()
})
