// A static side in a DynamoDB table, of one row a key: the keys of a batch are read together, a hundred in a call.

import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Column, Schema } from '../../decode/schema.ts'
import { MicrobatchError } from '../../error.ts'
import type { DynamoClient } from '../../state/stores/dynamodb.ts'
import type { PlanRow } from '../plan/plan.ts'
import { attributesOf, rowOf } from './dynamo-values.ts'
import { type Lookup, type LookupCacheOptions, lookup } from './lookup.ts'

export interface DynamoLookupOptions<Row extends object> extends LookupCacheOptions {
  readonly table: string
  /** The attributes that are read; others are not asked for. */
  readonly schema: Schema<Row>
  /** The table's partition key, and its sort key if it has one. */
  readonly key: readonly (keyof Row & string)[]
  /**
   * A `DynamoDBClient` of `@aws-sdk/client-dynamodb`, version 3.
   * @default one of its own, configured by the environment as every AWS client
   */
  readonly client?: DynamoClient
}

/** API BatchGetItem: at most 100 keys. */
const maxBatchKeys = 100
/** Keys that a throttled table leaves unprocessed are asked for again so often; then the batch fails and comes again. */
const maxTries = 4

/**
 * A static side in a DynamoDB table. The function needs dynamodb:BatchGetItem on it; reads are eventually consistent. A row that is none
 * of the schema fails the batch (PREPARE_FAILED).
 *
 * @throws MicrobatchError QUERY_INVALID for a key that the schema does not have, or a bad interval
 * @example
 * const companies = dynamoLookup({ table: 'companies', schema: Company, key: ['symbol'], maxAge: '5 minutes' })
 * ticks.join(companies, { on: ['symbol'], type: 'left' })
 */
export function dynamoLookup<Row extends object>({
  table,
  schema,
  key,
  client: given,
  ...cache
}: DynamoLookupOptions<Row>): Lookup<Row> {
  const { columns } = schema
  const keyColumns: ReadonlyMap<string, Column<unknown>> = new Map(
    [...columns].filter(([name]) => key.includes(name as never)),
  )
  let opened: Promise<Opened> | undefined
  const names = [...columns.keys()]
  const projection = {
    // Names of columns may be words of DynamoDB's.
    ProjectionExpression: names.map((_, i) => `#c${i}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, i) => [`#c${i}`, name])),
  }
  const readSome = async (keys: readonly PlanRow[]): Promise<readonly PlanRow[]> => {
    opened ??= open(given)
    const { client, sdk } = await opened
    const rows: PlanRow[] = []
    let left: Record<string, AttributeValue>[] = keys.map((row) => attributesOf(row, keyColumns))
    for (let tries = 0; left.length > 0; tries += 1) {
      if (tries === maxTries) {
        throw new MicrobatchError(
          'PREPARE_FAILED',
          `the table "${table}" left ${left.length} keys unread, ${maxTries} times`,
        )
      }
      const input = { RequestItems: { [table]: { Keys: left, ...projection } } }
      const { Responses, UnprocessedKeys } = await client.send(new sdk.BatchGetItemCommand(input))
      for (const item of Responses?.[table] ?? []) rows.push(rowOf(item, columns))
      left = UnprocessedKeys?.[table]?.Keys ?? []
    }
    return rows
  }
  return lookup({
    schema,
    key,
    async load(keys: readonly object[]) {
      const rows: PlanRow[] = []
      for (let from = 0; from < keys.length; from += maxBatchKeys) {
        rows.push(...(await readSome(keys.slice(from, from + maxBatchKeys) as readonly PlanRow[])))
      }
      // They are held to the schema before anything joins them.
      return rows as unknown as readonly Row[]
    },
    ...cache,
  })
}

interface Opened {
  readonly client: DynamoDBClient
  readonly sdk: Pick<typeof import('./dynamo-api.ts'), 'BatchGetItemCommand'>
}

async function open(given: DynamoClient | undefined): Promise<Opened> {
  const { BatchGetItemCommand, DynamoDBClient: Client } = await import('./dynamo-api.ts')
  const sdk = { BatchGetItemCommand }
  return { sdk, client: given === undefined ? new Client({}) : (given as DynamoDBClient) }
}
