// Rows as items of a DynamoDB table, each under its key: an item is replaced by a newer version of its row and by no older one, so
// whoever reads the table has the rows of the batch result, however often a batch comes again, also while an attempt that was given up
// still writes.

import type { AttributeValue, DynamoDBClient, PutItemCommandInput } from '@aws-sdk/client-dynamodb'
import { MicrobatchError, messageOf, namedMessageOf, nameOf } from '../../error.ts'
import { inParallel } from '../../state/parallel.ts'
import { awsPlace, type ClientOrEnvironment, laptopEndpoint, type SinkEnvironment } from '../aws-place.ts'
import { type Oversized, OversizedRows } from '../oversized.ts'
import type { EmittedRow, Sink, SinkBatch, SinkCall } from '../sink.ts'
import { inTime, patiently, throttleWaitMs } from '../sink-time.ts'
import { versionOf } from '../version-of.ts'
import { attributesOf, itemBytes } from './attributes.ts'

export type DynamoSinkOptions = TableOptions & ClientOrEnvironment<TableClient>

interface TableOptions {
  readonly table: string
  /**
   * The attributes of the table's primary key: columns of the rows; or `'id'` for a table whose key is the text `id`, the id of the
   * row. Columns must tell the groups of an aggregation apart, or several would share an item.
   * @default 'id'
   */
  readonly key?: 'id' | readonly string[]
  /** The attribute with the version of a row. @default '_version' */
  readonly versionAttribute?: string
  /** What becomes of a row of more than 400 KB, or whose key is too long or empty. @default 'deadLetter' */
  readonly oversized?: Oversized
  /** Writes that are under way at a time. @default 20 */
  readonly parallelism?: number
}

/** The part of a `DynamoDBClient` that is used. The SDK is an optional peer, so its own types are no part of this package's. */
export interface TableClient {
  send(command: never): Promise<unknown>
}

/** API PutItem: 400 KB with the names of attributes; a little less, since its count of numbers is only known about. */
const maxItemBytes = 399 * 1024
const maxAttempts = 5
const requestTimeoutMs = 3000
const connectionTimeoutMs = 1000

/**
 * Puts each row into a table, unless a newer version of it is there. Of several versions of an id in one batch the newest is put.
 *
 * @throws MicrobatchError SINK_FAILED from `write`, with what DynamoDB said
 * @example
 * bars.writeStream({ outputMode: 'update', sinks: [dynamoSink({ table: 'bars', key: ['symbol', 'start'], environment: process.env })] })
 */
export function dynamoSink({
  table,
  key = 'id',
  versionAttribute = '_version',
  client: given,
  environment,
  oversized = 'deadLetter',
  parallelism = 20,
}: DynamoSinkOptions): Sink<object> {
  const configuration = environment === undefined ? {} : configurationIn(environment)
  let opened: Promise<Opened> | undefined
  const open = (): Promise<Opened> => {
    opened ??= openClient(given, configuration)
    return opened
  }
  return {
    description: `dynamodb (${table})`,
    async open() {
      await open()
    },
    async write(batch, call) {
      if (batch.rows.length === 0) return
      const items = newest(itemsOf(batch, { key, versionAttribute }))
      const tooLarge = new OversizedRows({ query: batch.query, place: `the table ${table}`, policy: oversized, call })
      const names = key === 'id' ? ['id'] : key
      const fitting = items.filter(({ emitted, item }) => {
        const bytes = itemBytes(item)
        if (bytes > maxItemBytes) tooLarge.add(emitted, bytes, maxItemBytes)
        const long = longKey(names, item)
        if (long !== undefined) tooLarge.add(emitted, long.bytes, long.maxBytes, 'key')
        return bytes <= maxItemBytes && long === undefined
      })
      await tooLarge.setAside()
      const { put } = await open()
      await inParallel(fitting, parallelism, async ({ emitted, item, version }) => {
        const condition = {
          ConditionExpression: 'attribute_not_exists(#version) OR #version <= :version',
          ExpressionAttributeNames: { '#version': versionAttribute },
          ExpressionAttributeValues: { ':version': { N: String(version) } },
        }
        try {
          await patiently(call, throttleWaitMs, () => put({ TableName: table, Item: item, ...condition }, call))
        } catch (cause) {
          // A newer version is there: then this row is in it.
          if (nameOf(cause) === 'ConditionalCheckFailedException') return
          if (nameOf(cause) === 'ValidationException' && isTooLarge.test(messageOf(cause))) {
            const detail = `the table ${table} finds the row ${emitted.id.slice(0, 200)} too large: ${messageOf(cause)}`
            return tooLarge.refuse({ emitted, reason: 'VALUE_TOO_LONG', detail, maxBytes: maxItemBytes })
          }
          const problem = `the table ${table} did not take a row. ${namedMessageOf(cause)}`
          throw new MicrobatchError('SINK_FAILED', problem, { cause })
        }
      })
      await tooLarge.setAside()
    },
    async close() {
      if (given === undefined) (await opened)?.client.destroy()
      opened = undefined
    },
  }
}

interface TableItem {
  readonly emitted: EmittedRow<object>
  readonly version: number
  /** The key as text, for a Map. */
  readonly name: string
  readonly item: Record<string, AttributeValue>
}

function itemsOf<Row>(
  batch: SinkBatch<Row>,
  { key, versionAttribute }: Required<Pick<TableOptions, 'key' | 'versionAttribute'>>,
): readonly TableItem[] {
  const { query, columns, rows } = batch
  const names = key === 'id' ? [] : key
  const missing = names.find((name) => !columns.has(name))
  const added = [versionAttribute, ...(key === 'id' ? ['id'] : [])]
  const taken = added.find((name) => columns.has(name))
  const have = `the rows have ${[...columns.keys()].join(', ')}`
  if (missing !== undefined) {
    throw new MicrobatchError('SINK_FAILED', `${query}: the key names ${missing}, and ${have}. Name columns of theirs.`)
  }
  if (taken !== undefined) {
    const remedy = taken === 'id' ? 'Name the columns of the key.' : 'Give the sink another versionAttribute.'
    throw new MicrobatchError('SINK_FAILED', `${query}: ${have}, and the sink adds ${taken}. ${remedy}`)
  }
  const attributes = attributesOf(columns)
  return (rows as readonly EmittedRow<object>[]).map((emitted) => {
    const version = versionOf(batch, emitted) ?? 0
    const row = attributes(emitted.row)
    const without = names.find((name) => row[name] === undefined)
    if (without !== undefined) {
      const problem = `${query}: the row ${emitted.id.slice(0, 200)} has no ${without}, which is of the key.`
      throw new MicrobatchError('SINK_FAILED', `${problem} Leave such rows out, or give it a value.`)
    }
    const id = key === 'id' ? { id: { S: emitted.id } } : {}
    return {
      emitted,
      version,
      name: key === 'id' ? emitted.id : JSON.stringify(names.map((name) => row[name])),
      item: { ...row, ...id, [versionAttribute]: { N: String(version) } },
    }
  })
}

/**
 * API PutItem: 2048 bytes for the first attribute of a key, 1024 for the second, and none of text may be empty: such a row has no
 * place in the table, however often it is tried.
 */
function longKey(names: readonly string[], item: TableItem['item']): { bytes: number; maxBytes: number } | undefined {
  return names
    .map((name, i) => ({ bytes: keyBytes(item[name]), maxBytes: i === 0 ? 2048 : 1024 }))
    .find(({ bytes, maxBytes }) => bytes === 0 || bytes > maxBytes)
}

const keyBytes = ({ S: text, B: bytes }: Partial<Record<'S' | 'B', string | Uint8Array>> = {}): number =>
  text !== undefined ? Buffer.byteLength(text as string) : (bytes?.length ?? 1)

/** DynamoDB's own words, for an item that this count found small enough. */
const isTooLarge = /item size|size limit|maximum allowed size/i

/** Puts go out beside each other: of one key there must be one. */
function newest(items: readonly TableItem[]): readonly TableItem[] {
  const byKey = new Map<string, TableItem>()
  for (const item of items) {
    const other = byKey.get(item.name)
    if (other === undefined || item.version >= other.version) byKey.set(item.name, item)
  }
  return Array.from(byKey.values())
}

type Put = (input: PutItemCommandInput, call: SinkCall | undefined) => Promise<unknown>

interface Opened {
  readonly client: DynamoDBClient
  readonly put: Put
}

/** On a laptop: the DynamoDB API that `microbatch start` runs there, as for state. */
function configurationIn(environment: SinkEnvironment): object {
  const place = awsPlace('DYNAMODB', environment)
  if (place.kind === 'aws') return {}
  return place.kind === 'endpoint'
    ? place.configuration
    : laptopEndpoint('http://127.0.0.1:8000', 'AWS_ENDPOINT_URL_DYNAMODB', new Set())
}

async function openClient(given: TableClient | undefined, configuration: object): Promise<Opened> {
  const { DynamoDBClient, PutItemCommand } = await import('./dynamo-api.ts')
  const requestHandler = {
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
    connectionTimeout: connectionTimeoutMs,
  }
  const client =
    given === undefined
      ? new DynamoDBClient({ ...configuration, maxAttempts, requestHandler })
      : // Whoever gives a client gives the SDK's.
        (given as DynamoDBClient)
  return { client, put: (input, call) => client.send(new PutItemCommand(input), inTime(call)) }
}
