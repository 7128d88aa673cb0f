// The tables of a service, made at a DynamoDB API on this machine from the definition that is deployed: the resources of
// serverless.yml as they stand after all variables. A table that is there is left as it is.
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { dummyAccount, givingUpAfter } from 'serverless-offline-kafka-mapping/internal/invoke/aws-client'
import { issuesText } from 'serverless-offline-kafka-mapping/internal/settings/issues-text'
import { z } from 'zod'

/** What of `AWS::DynamoDB::Table` a local API has: the rest (TTL, backups, encryption) costs or protects, elsewhere. */
const properties = z.object({
  TableName: z.string(),
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })),
})

const resources = z.looseObject({
  Resources: z.record(z.string(), z.looseObject({ Type: z.unknown(), Properties: z.unknown().optional() })).optional(),
})

export type TableDefinition = z.infer<typeof properties>

/**
 * @param value `serverless.service.resources`
 * @throws LocalError SETTINGS_INVALID for a table without a name or keys in plain text
 * @example tablesOf(serverless.service.resources)[0]?.TableName // 'microbatch-dev-state'
 */
export function tablesOf(value: unknown): readonly TableDefinition[] {
  const parsed = resources.safeParse(value ?? {})
  if (!parsed.success) return [] // its shape is the framework's to check
  return Object.entries(parsed.data.Resources ?? {}).flatMap(([name, { Type, Properties }]) => {
    if (Type !== 'AWS::DynamoDB::Table') return []
    const table = properties.safeParse(Properties)
    if (table.success) return [table.data]
    throw new LocalError('SETTINGS_INVALID', `resources.Resources.${name}: ${issuesText(table.error)}`)
  })
}

/** The names of those that can hold the state of queries: keyed by `pk` and `sk`. */
export const stateTablesOf = (tables: readonly TableDefinition[]): readonly string[] =>
  tables
    .filter(({ KeySchema }) => KeySchema.map(({ AttributeName }) => AttributeName).join() === 'pk,sk')
    .map(({ TableName }) => TableName)

const readyTimeoutMs = 5_000

/**
 * Makes what is missing, and waits until it can be used.
 * @param endpoint on this machine: the credentials are dummies
 * @param requestTimeoutMs of each of the client's tries
 * @returns the names of the tables that it made
 * @throws LocalError DYNAMODB_UNAVAILABLE when nothing answers there, or a table does not become active
 * @example await createTables('http://127.0.0.1:8000', tablesOf(serverless.service.resources))
 */
export async function createTables(
  endpoint: string,
  tables: readonly TableDefinition[],
  requestTimeoutMs = readyTimeoutMs,
): Promise<readonly string[]> {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    ...dummyAccount,
    requestHandler: givingUpAfter(requestTimeoutMs),
  })
  try {
    const made: string[] = []
    for (const table of tables) if (await createTable(client, table)) made.push(table.TableName)
    return made
  } catch (error) {
    if (error instanceof LocalError) throw error
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    throw new LocalError('DYNAMODB_UNAVAILABLE', `The tables could not be made at ${endpoint}: ${reason}`, {
      cause: error,
    })
  } finally {
    client.destroy()
  }
}

async function createTable(client: DynamoDBClient, table: TableDefinition): Promise<boolean> {
  const TableName = table.TableName
  const isMissing = (await statusOf(client, TableName)) === undefined
  const input: CreateTableCommandInput = { ...table, BillingMode: 'PAY_PER_REQUEST' }
  if (isMissing) await client.send(new CreateTableCommand(input))
  const deadline = AbortSignal.timeout(readyTimeoutMs)
  while ((await statusOf(client, TableName)) !== 'ACTIVE') {
    if (deadline.aborted) {
      // dynalite writes CREATING, then ACTIVE: killed between the two it never gets on
      const problem = `The table ${TableName} did not become active within ${readyTimeoutMs / 1000} s.`
      throw new LocalError('DYNAMODB_UNAVAILABLE', `${problem} To begin anew: microbatch start --fresh`)
    }
    await new Promise((wake) => setTimeout(wake, 20))
  }
  return isMissing
}

async function statusOf(client: DynamoDBClient, TableName: string): Promise<string | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined
    throw error
  }
}
