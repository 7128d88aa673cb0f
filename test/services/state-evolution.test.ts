// A consumer that is deployed anew with one aggregate more, over a real Kafka and the state that it has left in DynamoDB Local: it is
// refused as long as its author has not said that the state may grow, and goes on with the groups that were there when they have.

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  avg,
  count,
  double,
  dynamoState,
  json,
  kafkaHandler,
  memoryDeadLetters,
  type Sink,
  type StreamingQuery,
  stream,
  string,
  struct,
  timestamp,
  window,
} from '../../lib/index.ts'
import { openingBellMs } from '../builders.ts'
import { localClient, withTable } from '../state/dynamo-table.ts'
import { onKafka, started, until } from './a-mapping.ts'
import { startDynamoDbLocal } from './dynamodb-local/server.ts'

const kafka = onKafka()
const table = 'state'
let client: DynamoDBClient
let stop: () => Promise<void>
beforeAll(async () => {
  const server = await startDynamoDbLocal()
  client = localClient(server.endpoint)
  stop = (await withTable(server.endpoint, table, server.stop)).stop
}, 120_000)
afterAll(async () => {
  client.destroy()
  await stop()
})

const Tick = struct({ symbol: string(), price: double(), at: timestamp() })

test('a query with one more aggregate goes on with the old groups, where it says that they may grow', async () => {
  const { topic: makeTopic, send, commits } = kafka()
  const topic = await makeTopic(2)
  const windowed = stream('bars')
    .readKafka({ topic })
    .decode(json(Tick))
    .withWatermark('at', '1 second')
    .groupBy(window('at', '10 seconds'), 'symbol')
  const printed: object[] = []
  const sink: Sink<object> = {
    description: 'kept',
    write: async ({ rows }) => {
      printed.push(...rows.map(({ row }) => row))
    },
  }
  const refused: string[] = []
  /** A deployment: containers of its own, the consumer group and the state of the one before. */
  const deploy = (query: StreamingQuery<object>) => {
    const state = dynamoState({ table, client })
    const handler = kafkaHandler(query, {
      state,
      deadLetters: memoryDeadLetters(),
      partitions: 2,
      log: () => undefined,
    })
    const container = async (event: unknown) => {
      await handler(event).catch((error: Error) => {
        refused.push(error.message)
        throw error
      })
      return undefined
    }
    return started(topic, container, { windowMs: 50, batchSize: 7 })
  }
  const append = { outputMode: 'append', sinks: [sink] } as const
  const tick = (seconds: number, price: number, partition: number) => ({
    partition,
    value: JSON.stringify({ symbol: 'AAPL', price, at: openingBellMs + seconds * 1000 }),
  })
  const sendAll = (from: number, price: number) =>
    send(
      topic,
      Array.from({ length: 20 }, (_, i) => tick(from + i / 20, price, i % 2)),
    )
  const isCommitted = (offset: number) => async () =>
    expect(await commits(`g-${topic}`, topic)).toEqual({ 0: offset, 1: offset })

  const first = deploy(windowed.agg({ ticks: count() }).writeStream(append))
  await sendAll(0, 100)
  await until(isCommitted(10))
  await first.mapping.stop(AbortSignal.timeout(5000))

  const grown = windowed.agg({ mean: avg('price'), ticks: count() })
  const unsaid = deploy(grown.writeStream(append))
  await sendAll(1, 200)
  await until(() => expect(refused.length).toBeGreaterThan(1))
  await unsaid.mapping.stop(AbortSignal.abort())
  expect(new Set(refused).size).toBe(1)
  expect(refused[0]).toMatch(/another query's: .*`mean avg\(price double\)` is new\. evolve: 'add' of writeStream/)
  await isCommitted(10)()

  const said = deploy(grown.writeStream({ ...append, evolve: 'add' }))
  await until(isCommitted(20))
  await send(topic, [tick(60, 1, 0), tick(60, 1, 1)])
  await until(() => expect(printed).toHaveLength(1))
  await said.mapping.stop(AbortSignal.timeout(5000))
  const bar = { window: { start: openingBellMs, end: openingBellMs + 10_000 }, symbol: 'AAPL' }
  expect(printed).toEqual([{ ...bar, mean: 200, ticks: 40 }])
}, 120_000)
