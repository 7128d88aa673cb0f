// State in a DynamoDB table: pk, sk and rev are strings, body is bytes. Promises the port's
// contract by consistent reads and conditional puts. The client is made once, at first use, and tries throttled and lost calls
// again by itself, a few times: a put that was refused after that is unclear, for an earlier try may have written it.
import { setTimeout as delay } from 'node:timers/promises'
import type { AttributeValue, DynamoDBClient, WriteRequest } from '@aws-sdk/client-dynamodb'

import { MicrobatchError, messageOf, namedMessageOf, nameOf } from '../../error.ts'
import { checkSize } from '../items/item-size.ts'
import { exchangeSize, type Item, type ItemKey, type PutOutcome, type StateStore } from '../store.ts'

export interface DynamoStateOptions {
  readonly table: string
  /**
   * A `DynamoDBClient` of `@aws-sdk/client-dynamodb`, version 3.
   * @default one of its own, configured by the environment as every AWS client (AWS_REGION, AWS_ENDPOINT_URL…)
   */
  readonly client?: DynamoClient
}

/** The part of the client that is used. The SDK is an optional peer, so its own types are no part of this package's. */
export interface DynamoClient {
  send(command: never): Promise<unknown>
  destroy(): void
}

/** Below the shortest useful Lambda timeout; the SDK's default waits without end. */
const requestTimeoutMs = 2000
const connectionTimeoutMs = 1000
const maxAttempts = 3

/**
 * State in a DynamoDB table with the keys `pk` and `sk`, both strings. Needs `@aws-sdk/client-dynamodb` when it is first used.
 *
 * @throws MicrobatchError STATE_FAILED from its calls, saying what DynamoDB answered and what to do
 * @example kafkaHandler(barsQuery, { state: dynamoState({ table: 'bars-state' }), deadLetters, partitions: 3 })
 */
export function dynamoState({ table, client: given }: DynamoStateOptions): StateStore {
  let opened: Promise<Opened> | undefined
  const open = (): Promise<Opened> => {
    opened ??= openClient(given)
    return opened
  }
  const call = async <T>(what: string, send: (opened: Opened) => Promise<T>): Promise<T> => {
    try {
      return await send(await open())
    } catch (cause) {
      throw new MicrobatchError('STATE_FAILED', `DynamoDB did not ${what} in table "${table}": ${advice(cause)}`, {
        cause,
      })
    }
  }

  return {
    isShared: true,
    async get({ pk, sk }: ItemKey): Promise<Item | undefined> {
      const input = { TableName: table, Key: { pk: { S: pk }, sk: { S: sk } }, ConsistentRead: true }
      const { Item } = await call(`read ${pk} / ${sk}`, ({ client, sdk }) => client.send(new sdk.GetItemCommand(input)))
      return Item === undefined ? undefined : fromAttributes(Item)
    },
    async put(item: Item, expectedRev: string | null): Promise<PutOutcome> {
      checkSize(item)
      const condition =
        expectedRev === null
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : { ConditionExpression: 'rev = :rev', ExpressionAttributeValues: { ':rev': { S: expectedRev } } }
      // What stands there comes back with a refusal, for the price of the write.
      const told = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const
      const input = { TableName: table, Item: toAttributes(item), ...condition, ...told }
      return call(`write ${item.pk} / ${item.sk}`, async ({ client, sdk }) => {
        try {
          await client.send(new sdk.PutItemCommand(input))
          return { kind: 'ok' }
        } catch (error) {
          if (!(error instanceof sdk.ConditionalCheckFailedException)) throw error
          // Emulators may not tell it; then it is read.
          const found = error.Item === undefined ? undefined : fromAttributes(error.Item)
          // The client tries by itself. An attempt before the refused one may have written, and others over it since: that
          // the last one was refused says nothing then, unless our own revision stands there.
          if (error.$metadata.attempts !== 1 && found?.rev !== item.rev) throw error
          return { kind: 'conflict', found }
        }
      })
    },
    async exchange(added: readonly Item[], removed: readonly ItemKey[]): Promise<void> {
      for (const item of added) checkSize(item)
      const all: readonly WriteRequest[] = [
        ...added.map((item) => ({ PutRequest: { Item: toAttributes(item) } })),
        ...removed.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk: { S: pk }, sk: { S: sk } } } })),
      ]
      for (let from = 0; from < all.length; from += exchangeSize) {
        let requests = all.slice(from, from + exchangeSize)
        for (let tries = 0; requests.length > 0 && tries < maxAttempts; tries += 1) {
          // The rest was throttled. The client itself waits only before it tries a whole call again.
          if (tries > 0) await delay(Math.random() * 50 * 2 ** tries)
          const input = { RequestItems: { [table]: requests } }
          const { UnprocessedItems } = await call(`write ${requests.length} items`, ({ client, sdk }) =>
            client.send(new sdk.BatchWriteItemCommand(input)),
          )
          requests = UnprocessedItems?.[table] ?? []
        }
        // A removal that is left unprocessed is an orphan, which a sweep of the shard finds; a write must not be missing.
        const missing = requests.filter(({ PutRequest }) => PutRequest !== undefined).length
        if (missing > 0)
          throw new MicrobatchError(
            'STATE_FAILED',
            `DynamoDB left ${missing} items unwritten in table "${table}", ${maxAttempts} times: ${throttled}`,
          )
      }
    },
    async *range(pk: string, fromSk: string, toSk: string): AsyncIterable<readonly Item[]> {
      // BETWEEN refuses bounds in the wrong order.
      if (fromSk >= toSk) return
      let from: Record<string, AttributeValue> | undefined
      do {
        const input = {
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: { ':pk': { S: pk }, ':from': { S: fromSk }, ':to': { S: toSk } },
          ConsistentRead: true,
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }
        const page = await call(`query ${pk}`, ({ client, sdk }) => client.send(new sdk.QueryCommand(input)))
        // BETWEEN includes its upper bound, the port does not.
        yield (page.Items ?? []).map(fromAttributes).filter(({ sk }) => sk !== toSk)
        from = page.LastEvaluatedKey
      } while (from !== undefined)
    },
    async close(): Promise<void> {
      if (opened === undefined || given !== undefined) return
      const { client } = await opened
      client.destroy()
    },
  }
}

interface Opened {
  readonly client: DynamoDBClient
  readonly sdk: Omit<typeof import('./dynamodb-api.ts'), 'DynamoDBClient'>
}

// Loaded when state is first used: handlers without state do not pay for the SDK at their cold start.
async function openClient(given: DynamoClient | undefined): Promise<Opened> {
  const {
    BatchWriteItemCommand,
    ConditionalCheckFailedException,
    DynamoDBClient: Client,
    GetItemCommand,
    PutItemCommand,
    QueryCommand,
  } = await import('./dynamodb-api.ts')
  const sdk = { BatchWriteItemCommand, ConditionalCheckFailedException, GetItemCommand, PutItemCommand, QueryCommand }
  const requestHandler = {
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
    connectionTimeout: connectionTimeoutMs,
  }
  // Whoever gives a client gives the SDK's.
  const client = given === undefined ? new Client({ maxAttempts, requestHandler }) : (given as DynamoDBClient)
  return { sdk, client }
}

const toAttributes = ({ pk, sk, rev, body }: Item): Record<string, AttributeValue> => ({
  pk: { S: pk },
  sk: { S: sk },
  rev: { S: rev },
  body: { B: body },
})

function fromAttributes({ pk, sk, rev, body }: Record<string, AttributeValue>): Item {
  // The layout before this one had bodies of text: the protocol refuses them in words, and a reset removes them.
  const bytes = body?.S === undefined ? body?.B : Buffer.from(body.S)
  if (pk?.S === undefined || sk?.S === undefined || rev?.S === undefined || bytes === undefined) {
    throw new MicrobatchError(
      'STATE_INCOMPATIBLE',
      `The table has an item that is not state (${JSON.stringify([pk?.S, sk?.S])}): give state a table of its own.`,
    )
  }
  return { pk: pk.S, sk: sk.S, rev: rev.S, body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

const throttled = 'Use on-demand capacity, more shards, or less concurrency.'

/** What to do about the errors a deployment meets; the others speak for themselves. */
function advice(error: unknown): string {
  switch (nameOf(error)) {
    case 'ResourceNotFoundException':
      return (
        'the table does not exist in this region. Deploy it, or correct the table name (STATE_TABLE; with microbatch/infra, ' +
        'state: true of the query makes the table and sets the name).'
      )
    case 'AccessDeniedException':
      return `${messageOf(error)}. The function needs dynamodb:GetItem, PutItem, Query and BatchWriteItem on it.`
    case 'ConditionalCheckFailedException':
      return 'refused, after an earlier try of the client that may have been carried out. What stands there must be read.'
    case 'ProvisionedThroughputExceededException':
    case 'ThrottlingException':
    case 'RequestLimitExceeded':
      return `throttled ${maxAttempts} times. ${throttled}`
    default:
      return namedMessageOf(error)
  }
}
