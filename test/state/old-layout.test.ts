// State as the layout before this one left it in DynamoDB: an item for each group, bodies of text, an expiry. It is refused with the
// ways out, never read as something else, and a reset removes it.
import { type DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { Tick } from '../../handlers/ticks/tick.ts'
import { dynamoState, json, resetState, stream, window } from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { aTick, keepingSink, openingBellMs } from '../builders.ts'
import { localClient, withTable } from './dynamo-table.ts'
import { startEmbeddedDynamoDb } from './embedded-dynamodb.ts'

const table = 'state'
let client: DynamoDBClient
let stop: () => Promise<void>
beforeAll(async () => {
  const server = await startEmbeddedDynamoDb()
  const under = await withTable(server.endpoint, table, server.stop)
  client = localClient(server.endpoint)
  stop = under.stop
})
afterAll(async () => {
  client.destroy()
  await stop()
})

const bars = (name: string) =>
  stream(name)
    .readKafka({ topic: 'stock-ticks' })
    .decode(json(Tick))
    .withWatermark('timestamp', '10 seconds')
    .groupBy(window('timestamp', '3 seconds'), 'symbol')
    .count()
    .writeStream({ outputMode: 'update', sinks: [keepingSink()] })

const put = async (pk: string, sk: string, body: object, expires?: number): Promise<void> => {
  const text = JSON.stringify({ layout: 1, ...body })
  const item = { pk: { S: pk }, sk: { S: sk }, rev: { S: 'r1' }, body: { S: text } }
  const Item = expires === undefined ? item : { ...item, expires: { N: String(expires) } }
  await client.send(new PutItemCommand({ TableName: table, Item }))
}

/** Progress and three groups of the old layout: an open one, one that was closed and is to expire, one without an end. */
async function writeOldState(name: string): Promise<void> {
  const fingerprint = [
    ['topic', 'stock-ticks'],
    ['outputMode', 'update'],
    ['shards', '4'],
  ]
  const times = {
    watermarkMs: openingBellMs,
    closedMs: null,
    maxEventTimeMs: [['stock-ticks-0', openingBellMs + 10_000]],
  }
  const seen = { next: [['stock-ticks-0', 7]], tailTimestamp: [['stock-ticks-0', openingBellMs + 12]], heardAtMs: [] }
  const counts = { n: 3, lateRows: 1, deadLetters: 0, aliveAtMs: 1, lastAtMs: 1 }
  await put(`q#${name}`, 'progress', { gen: 'g1', fingerprint, ...times, ...seen, ...counts })
  const group = { version: 2, acc: '[3]', applied: [['stock-ticks-0', 6]], sealed: false }
  await put(`${name}#g1#0`, `p000${openingBellMs + 3000}#["AAPL"]`, {
    key: '["AAPL"]',
    windowEndMs: openingBellMs + 3000,
    ...group,
  })
  await put(
    `${name}#g1#3`,
    `p000${openingBellMs}#["AAPL"]`,
    { key: '["AAPL"]', windowEndMs: openingBellMs, ...group, sealed: true },
    1_800_000_000,
  )
  await put(`${name}#g1#2`, '~#["GOOGL"]', { key: '["GOOGL"]', windowEndMs: null, ...group })
}

const keysOf = async (name: string): Promise<readonly string[]> => {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: table, ConsistentRead: true }))
  return Items.flatMap(({ pk }) => (pk?.S?.includes(name) === true ? [pk.S] : []))
}

const record = { value: JSON.stringify(aTick()), offset: 7 }

describe('state of the layout before this one', () => {
  test('is refused, with the ways out, and stays as it was', async () => {
    await writeOldState('refused')
    const driver = testDriver(bars('refused'), { state: dynamoState({ table, client }) })
    const refusal = expect.objectContaining({
      code: 'STATE_INCOMPATIBLE',
      message: expect.stringMatching(
        /^The state item q#refused \/ progress is not of layout log-1 .*deploy that version and let it close its windows.*--fresh.*another query name.*resetState/,
      ),
    })
    await expect(driver.addRecords([record])).rejects.toEqual(refusal)
    await driver.restart()
    await expect(driver.addRecords([record])).rejects.toEqual(refusal)
    expect(await keysOf('refused')).toHaveLength(4)
  })

  test('is removed by a reset, its groups of every shard, and the query begins from nothing', async () => {
    await writeOldState('reset')
    await writeOldState('beside')
    const state = dynamoState({ table, client })
    expect(await resetState(bars('reset'), state)).toBe(3)
    expect(await keysOf('reset')).toEqual(['q#reset'])
    const driver = testDriver(bars('reset'), { state })
    expect((await driver.addRecords([record])).rows).toMatchObject([{ symbol: 'AAPL', count: 1 }])
    expect(await keysOf('beside')).toHaveLength(4)
  })
})
