// A new version of a query takes over from the old one, on a real Kafka, with the real mapping: what the old one printed before, and the
// new one after, is every window once, and what the new one printed is what its query gives over the whole topic.
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dynamoState, kafkaHandler, memoryDeadLetters, type StreamingQuery, topicBatch } from 'microbatch'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createTables, tablesOf } from '../../../local/dynamodb/tables.ts'
import { openTopic } from '../../../local/kafka/topic-reader.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'
import { openingBellMs } from '../../builders.ts'
import { localClient } from '../../state/dynamo-table.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../../state/embedded-dynamodb.ts'
import { onKafka, started, until } from '../a-mapping.ts'
import { createTopics } from '../topic.ts'
import { microbatch, projectDir } from './microbatch.ts'

const table = 'shop-dev-state'
const partitions = 2
const kafka = onKafka()
let folder: string
let topic: string
let dynamoDb: EmbeddedDynamoDb

const definition = (name: string) => `service: shop
provider: { name: aws, runtime: nodejs24.x }
functions:
${['totals', 'totals2']
  .map(
    (key) => `  ${key}:
    handler: handler.${key}
    events:
      - kafka:
          accessConfigurations: { vpcSubnet: subnet-0011001100, vpcSecurityGroup: sg-0011001100 }
          bootstrapServers: ['${inject('brokers')[0]}']
          topic: ${name}
          consumerGroupId: ${key}-${name}
          enabled: ${key === 'totals'}
`,
  )
  .join('')}
resources:
  Resources:
    State:
      Type: AWS::DynamoDB::Table
      Properties:
        TableName: ${table}
        BillingMode: PAY_PER_REQUEST
        AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }, { AttributeName: sk, AttributeType: S }]
        KeySchema: [{ AttributeName: pk, KeyType: HASH }, { AttributeName: sk, KeyType: RANGE }]
`

/** The second version waits a shorter time for late rows, has one more aggregate, and is spread over two shards. */
const handler = (name: string) => `
import { consoleSink, count, json, kafkaHandler, long, memoryDeadLetters, memoryState, max, stream, string, struct, sum, timestamp, window } from 'microbatch'
const Order = struct({ customer: string(), amount: long(), time: timestamp() })
const totalsOf = (name, delay, more) => stream(name).readKafka({ topic: '${name}' }).decode(json(Order))
  .withWatermark('time', delay).groupBy(window('time', '10 seconds'), 'customer')
  .agg({ orders: count(), total: sum('amount'), ...more })
  .writeStream({ outputMode: 'append', sinks: [consoleSink()] })
export const totalsQuery = totalsOf('totals', '20 seconds', {})
export const totals2Query = totalsOf('totals-2', '5 seconds', { high: max('amount') })
export const totals = () => { throw new Error('not called') }
export const totals2 = kafkaHandler(totals2Query, { state: memoryState(), deadLetters: memoryDeadLetters(), partitions: 2, shards: 2 })
`

interface Row {
  readonly window: { readonly start: number; readonly end: number }
  readonly customer: string
  readonly orders: number
  readonly high?: number
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'microbatch-catch-up-'))
  dynamoDb = await startEmbeddedDynamoDb()
  const keys = ['pk', 'sk']
  const Properties = {
    TableName: table,
    AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keys.map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
  }
  await createTables(
    dynamoDb.endpoint,
    tablesOf({ Resources: { State: { Type: 'AWS::DynamoDB::Table', Properties } } }),
  )
  topic = `t-${randomUUID()}`
  // The orders are of long ago.
  const configEntries = [{ name: 'retention.ms', value: '-1' }]
  await createTopics(kafka().admin, [{ topic, numPartitions: partitions, configEntries }])
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'serverless.yml'), definition(topic))
  writeFileSync(join(folder, 'handler.mjs'), handler(topic))
  symlinkSync(join(projectDir, 'node_modules'), join(folder, 'node_modules'))
})
afterAll(async () => {
  await dynamoDb.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** In the folder of the service; the state at the endpoint of the test. */
const catchUp = (...words: readonly string[]) =>
  microbatch(
    ['catch-up', 'totals2', '--beside', 'totals', '--endpoint', dynamoDb.endpoint, '--table', table, ...words],
    {
      cwd: folder,
      environment: { KAFKA_BROKERS: inject('brokers').join(',') },
    },
  )

/** Seconds of orders, in each partition in the order of time. */
const orders = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => from + i).flatMap((second) =>
    ['ann', 'bob', 'cleo'].map((customer, at) => ({
      partition: (second + at) % partitions,
      timestamp: String(openingBellMs + second * 1000),
      value: JSON.stringify({ customer, amount: (second * 7 + at) % 50, time: openingBellMs + second * 1000 }),
    })),
  )

/** The mapping of a version, and the rows that it emits. */
async function running(key: 'totals' | 'totals2') {
  const exported: Readonly<Record<string, StreamingQuery<Row>>> = await import(join(folder, 'handler.mjs'))
  const query = exported[`${key}Query`]
  if (query === undefined) throw new Error(key)
  const rows: Row[] = []
  const sink = {
    description: 'rows',
    write: async (batch: { rows: readonly { row: Row }[] }) => void rows.push(...batch.rows.map(({ row }) => row)),
  }
  const state = dynamoState({ table, client: localClient(dynamoDb.endpoint) })
  const handle = kafkaHandler(
    { ...query, sinks: [sink] },
    {
      ...{ state, deadLetters: memoryDeadLetters(), partitions, log: () => undefined },
      shards: key === 'totals2' ? 2 : 1,
    },
  )
  const consumerGroupId = `${key}-${topic}`
  const { mapping } = started(
    topic,
    async (event) => {
      await handle(event)
      return undefined
    },
    {
      consumerGroupId,
      batchSize: 40,
      startingPosition: { kind: 'TRIM_HORIZON' },
    },
  )
  return { mapping, rows, query, consumerGroupId }
}

async function batchRows(query: StreamingQuery<Row>): Promise<readonly Row[]> {
  const batch = topicBatch(query)
  const reader = await openTopic({ brokers: inject('brokers'), topic, allowed: noRemoteHosts })
  try {
    const ends = await reader.ends()
    await reader.read(
      ends.map(({ partition, earliest, latest }) => ({ partition, from: earliest, to: latest })),
      (records) => batch.add(records),
    )
  } finally {
    await reader.close()
  }
  return batch.result().rows as unknown as readonly Row[]
}

const key = ({ window, customer }: Row) => `${window.start} ${customer}`
const committed = async (groupId: string) =>
  Object.values(await kafka().commits(groupId, topic)).reduce((sum, offset) => sum + Math.max(0, offset), 0)

test('catches up while the old version runs, takes over when it is stopped, and each window comes out once', async () => {
  expect(await catchUp()).toMatchObject({ code: 2, stderr: expect.stringContaining('totals has committed nothing') })
  const old = await running('totals')
  await kafka().send(topic, orders(0, 100))
  await until(async () => expect(await committed(old.consumerGroupId)).toBe(300))

  const dry = await catchUp()
  expect(dry.stderr).toMatch(/^totals stands at t-\S+ 0@150 1@150; its mapping runs/m)
  expect(dry.stderr).toContain('totals2 has 300 records to fold')
  expect(dry.stderr).toContain('Nothing was done.')
  const beside = await catchUp('--apply')
  expect(beside).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('Folded 300 records in 1 batch; no sink was written.'),
  })
  expect(beside.stderr).toContain('totals2 has caught up; totals goes on')
  expect(beside.stdout).toBe('')

  await kafka().send(topic, orders(100, 130))
  await until(async () => expect(await committed(old.consumerGroupId)).toBe(390))
  await old.mapping.stop(AbortSignal.abort())
  // What nobody has read yet is the new version's.
  await kafka().send(topic, orders(130, 150))
  const took = await catchUp('--apply')
  expect(took.stderr).toContain('Folded 90 records in 1 batch')
  expect(took.stderr).toMatch(/totals2 takes over at t-\S+ 0@195 1@195/)
  expect(await kafka().commits(`totals2-${topic}`, topic)).toEqual({ 0: 195, 1: 195 })
  // Once more changes nothing.
  expect((await catchUp('--apply')).stderr).toContain('Folded 0 records in 0 batches')

  const next = await running('totals2')
  const refused = until(async () => {
    const tried = await catchUp('--apply')
    expect(tried).toMatchObject({ code: 2, stderr: expect.stringContaining('The mapping of totals2 reads already') })
  })
  await kafka().send(topic, orders(150, 200))
  await refused
  await until(async () => expect(await committed(next.consumerGroupId)).toBe(600))
  await next.mapping.stop(AbortSignal.abort())

  const expected = new Map((await batchRows(next.query)).map((row) => [key(row), row]))
  const all = [...old.rows, ...next.rows]
  expect(new Set(all.map(key)).size).toBe(all.length)
  // Up to 195 s, which is the watermark in the end: 200 s less 5.
  expect(all).toHaveLength(19 * 3)
  expect(old.rows.length).toBeGreaterThan(20)
  expect(next.rows.length).toBeGreaterThan(20)
  expect(next.rows.map(key).filter((one) => old.rows.map(key).includes(one))).toEqual([])
  for (const row of next.rows) expect(row).toEqual(expected.get(key(row)))
  for (const row of old.rows) {
    const { high: _, ...same } = expected.get(key(row)) ?? row
    expect(row).toEqual(same)
  }
}, 180_000)

test('refuses a topic whose beginning is deleted, unless it is said from where', async () => {
  const groupId = `totals-${topic}`
  const { admin } = kafka()
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: '10' }] })
  const state = await microbatch(
    ['state', 'reset', 'totals-2', '--stopped', '--apply', '--endpoint', dynamoDb.endpoint, '--table', table],
    { cwd: folder },
  )
  expect(state.code).toBe(0)
  const refused = await catchUp()
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/Partition 1 of t-\S+ begins at offset 10/) })
  expect(refused.stderr).toContain('say from where, --from TIME')
  const taken = await catchUp('--from', 'earliest')
  expect(taken.stderr).toContain('totals2 has 380 records to fold')
  expect(await committed(groupId)).toBe(390)
}, 60_000)
