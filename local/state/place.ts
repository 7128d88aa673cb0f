// Where kept state lies: the table of a service, at the DynamoDB API of a running start, at one that is brought up here over the
// folder of the local data where none runs, or at an endpoint that is named, on AWS for one.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DynamoDBClient, type DynamoDBClientConfig, paginateScan } from '@aws-sdk/client-dynamodb'
import { dynamoState, type StateStore } from 'microbatch'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { dummyAccount, givingUpAfter } from 'serverless-offline-kafka-mapping/internal/invoke/aws-client'
import { assertAllowedHost, isLoopback } from 'serverless-offline-kafka-mapping/internal/safety'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { dataOf } from '../cli/service/data.ts'
import type { Service } from '../cli/service/service.ts'
import type { CliSettings } from '../cli/service/settings.ts'
import { startDynamoDb } from '../dynamodb/server.ts'
import { createTables, stateTablesOf, tablesOf } from '../dynamodb/tables.ts'
import { lockHolder } from '../process/lock.ts'
import { freePort } from '../process/port.ts'

export interface StatePlace {
  /** For messages: `table demo-dev-state at http://127.0.0.1:8000`. */
  readonly name: string
  readonly store: StateStore
  /** The names of all queries that the table keeps something of. It reads the whole table. */
  queries(): Promise<readonly string[]>
  close(): Promise<void>
}

export interface PlaceOptions {
  readonly service: Service
  readonly settings: CliSettings
  /** Read where the table is not named. */
  readonly definition: () => Promise<PrintedService>
  /** `--table` */
  readonly table: string | undefined
  /** `--endpoint` */
  readonly endpoint: string | undefined
}

/**
 * @throws LocalError COMMAND_INVALID where the table is not known; REMOTE_REFUSED; STATE_UNUSABLE where nothing is kept on this machine
 * @example const place = await openPlace({ service, settings, definition, table: undefined, endpoint: undefined })
 */
export async function openPlace(options: PlaceOptions): Promise<StatePlace> {
  const { endpoint } = options
  if (endpoint === undefined) return onThisMachine(options)
  const url = URL.parse(endpoint)
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const example = 'https://dynamodb.eu-west-1.amazonaws.com'
    throw new LocalError('COMMAND_INVALID', `--endpoint takes a URL such as ${example}, not ${endpoint}`)
  }
  assertAllowedHost(url.hostname, 'the DynamoDB endpoint', options.settings.allowedHosts)
  const { table } = await tableOf(options)
  const client = clientOf(url)
  // A function's module that is loaded later takes this process's way to the account away.
  await client.config.credentials().catch((error: unknown) => {
    throw new LocalError('STATE_UNUSABLE', `No credentials for ${endpoint}: ${messageOf(error)}`, { cause: error })
  })
  return placeOf(client, table, endpoint, async () => undefined)
}

async function onThisMachine(options: PlaceOptions): Promise<StatePlace> {
  const { service, settings } = options
  const { state } = dataOf(service)
  const { table, tables } = await tableOf(options)
  if (lockHolder(join(state, 'lock')) !== undefined) {
    const endpoint = `http://127.0.0.1:${settings.dynamoDbPort}`
    return placeOf(clientOf(new URL(endpoint)), table, endpoint, async () => undefined)
  }
  if (!existsSync(state)) {
    const ways = 'start the service first, or name the state elsewhere: --endpoint URL --table NAME'
    throw new LocalError('STATE_UNUSABLE', `Nothing is kept on this machine (${state}): ${ways}.`)
  }
  const server = await startDynamoDb({ folder: state, port: await freePort() })
  try {
    await createTables(server.endpoint, tables)
    return placeOf(clientOf(new URL(server.endpoint)), table, state, () => server.stop())
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** The one of the service that can hold state, unless it is named. */
async function tableOf({ table, definition }: PlaceOptions) {
  if (table !== undefined) return { table, tables: [] }
  const tables = tablesOf((await definition()).resources)
  const [found, ...others] = stateTablesOf(tables)
  if (found !== undefined && others.length === 0) return { table: found, tables }
  const problem =
    found === undefined ? 'The service has no table for state' : `The service has ${[found, ...others].join(', ')}`
  throw new LocalError('COMMAND_INVALID', `${problem}: name the table by --table NAME.`)
}

const requestTimeoutMs = 10_000

function clientOf(url: URL): DynamoDBClient {
  const common: DynamoDBClientConfig = {
    endpoint: url.href,
    maxAttempts: 5,
    requestHandler: givingUpAfter(requestTimeoutMs),
  }
  const [, region] = /^dynamodb\.([a-z0-9-]+)\.amazonaws\.com/.exec(url.hostname) ?? []
  if (isLoopback(url.hostname)) return new DynamoDBClient({ ...common, ...dummyAccount, region: 'us-east-1' })
  return new DynamoDBClient({ ...common, ...(region === undefined ? {} : { region }) })
}

function placeOf(client: DynamoDBClient, table: string, where: string, stop: () => Promise<void>): StatePlace {
  return {
    name: `table ${table} at ${where}`,
    store: dynamoState({ table, client }),
    queries: () => queryNames(client, table),
    async close() {
      client.destroy()
      await stop()
    },
  }
}

/** What the partition key of a query's progress begins with. */
const progressPrefix = 'q#'

async function queryNames(client: DynamoDBClient, table: string): Promise<readonly string[]> {
  const names: string[] = []
  const pages = paginateScan(
    { client },
    {
      TableName: table,
      ConsistentRead: true,
      ProjectionExpression: 'pk',
      FilterExpression: 'sk = :progress AND begins_with(pk, :prefix)',
      ExpressionAttributeValues: { ':progress': { S: 'progress' }, ':prefix': { S: progressPrefix } },
    },
  )
  try {
    for await (const { Items = [] } of pages) {
      for (const { pk } of Items) if (pk?.S !== undefined) names.push(pk.S.slice(progressPrefix.length))
    }
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : messageOf(error)
    throw new LocalError('STATE_UNUSABLE', `The table ${table} cannot be read: ${reason}`, { cause: error })
  }
  return names.toSorted()
}
