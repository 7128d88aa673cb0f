// The state of this service's queries, by the command: looked at, taken to another table, put under another name, removed; over the data
// of the last start, beside one that runs, and at another endpoint.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { dynamoState } from 'microbatch'
import { testDriver } from 'microbatch/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSettings } from '../../../handlers/config.ts'
import { bars } from '../../../handlers/queries.ts'
import { startDynamoDb } from '../../../local/dynamodb/server.ts'
import { createTables } from '../../../local/dynamodb/tables.ts'
import { freePort } from '../../../local/process/port.ts'
import { aTick, keepingSink, openingBellMs } from '../../builders.ts'
import { localClient } from '../../state/dynamo-table.ts'
import { type EmbeddedDynamoDb, startEmbeddedDynamoDb } from '../../state/embedded-dynamodb.ts'
import { microbatch } from './microbatch.ts'

const table = 'microbatch-dev-state'
const keys = [
  { AttributeName: 'pk', KeyType: 'HASH' },
  { AttributeName: 'sk', KeyType: 'RANGE' },
] as const
const definition = {
  TableName: table,
  KeySchema: [...keys],
  AttributeDefinitions: keys.map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' as const })),
}
/** The third batch and those after it are of another window, which a consumer goes on with. */
const batches = [0, 1, 4, 5].map((second) =>
  ['AAPL', 'MSFT'].map((symbol) => aTick({ symbol, timestamp: openingBellMs + second * 1000 })),
)

let dir: string
let elsewhere: EmbeddedDynamoDb
const query = (name = 'bars') => ({ ...bars('stock-ticks', readSettings({})), name, sinks: [keepingSink()] })
const storeAt = (endpoint: string) => dynamoState({ table, client: localClient(endpoint) })
const cli = (words: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  microbatch(['state', ...words], { environment: { LOCAL_DIR: dir, ...environment } })

/** With the DynamoDB API of the local data, as start has it. */
async function beside<T>(work: (endpoint: string, port: number) => Promise<T>): Promise<T> {
  const port = await freePort()
  const server = await startDynamoDb({ folder: join(dir, 'dynamodb'), port })
  try {
    return await work(server.endpoint, port)
  } finally {
    await server.stop()
  }
}

async function rowsFrom(first: number, endpoint: string, name = 'bars') {
  const driver = testDriver(query(name), { partitions: 3, state: storeAt(endpoint), now: () => 1000 })
  const rows: unknown[] = []
  for (const [i, batch] of batches.entries()) {
    if (i < first) continue
    const records = batch.map((tick, at) => ({ offset: i * 2 + at, value: JSON.stringify(tick) }))
    rows.push(...(await driver.addRecords(records)).rows)
  }
  return rows
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-state-'))
  elsewhere = await startEmbeddedDynamoDb()
  await createTables(elsewhere.endpoint, [definition])
  await beside(async (endpoint) => {
    await createTables(endpoint, [definition])
    const driver = testDriver(query(), { partitions: 3, state: storeAt(endpoint), now: () => 1000 })
    for (const [i, batch] of batches.slice(0, 2).entries())
      await driver.addRecords(batch.map((tick, at) => ({ offset: i * 2 + at, value: JSON.stringify(tick) })))
  })
})
afterAll(async () => {
  await elsewhere.stop()
  rmSync(dir, { recursive: true, force: true })
})

test('is looked at: all queries, one, a key, for people and for programs', async () => {
  await beside(async (_, port) => {
    const look = (...words: readonly string[]) => cli(words, { DYNAMODB_PORT: String(port) })
    const ours = ['--table', table]
    const [all, one, key, json, none] = await Promise.all([
      look('inspect'),
      look('inspect', 'bars', ...ours),
      look('inspect', 'bars', '--key', 'AAPL', ...ours),
      look('inspect', 'bars', '--json', ...ours),
      look('inspect', 'nothing', ...ours),
    ])
    expect(all).toMatchObject({ code: 0, stdout: expect.stringMatching(/^QUERY .*\nbars +update +1 +2 +2 +0 /) })
    expect(one.stdout).toContain('bars: 2 groups, 0 entries of operators')
    expect(one.stdout).toMatch(/^stock-ticks-0 +4 +4 +2026-01-05T14:30:01.000Z/m)
    expect(key.stdout).toMatch(/^group +\["AAPL"\] +2026-01-05T14:30:03.000Z +\[/m)
    expect(JSON.parse(json.stdout)).toMatchObject({ query: 'bars', batches: 2, shards: [{ groups: 2 }] })
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('which has the state of bars') })
  })
}, 60_000)

test('is taken to another table, under another name, and goes on there as it would have here', async () => {
  const file = join(dir, 'bars.ndjson.gz')
  const exported = await cli(['export', 'bars', file, '--table', table])
  expect(exported).toMatchObject({ code: 0, stderr: expect.stringContaining('goes on at stock-ticks-0@4') })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(gunzipSync(readFileSync(file)).toString('utf8').split('\n')[0]).toContain('"archive":"microbatch-state"')
  const there = ['--endpoint', elsewhere.endpoint, '--table', table]
  const dry = await cli(['import', file, ...there])
  expect(dry.stderr).toContain('The query of bars reads it.')
  expect(dry.stderr).toContain('Nothing was written. It would be 3 items of ')
  expect((await cli(['inspect', 'bars', ...there])).code).toBe(2)
  const done = await cli(['import', file, ...there, '--as', 'bars2', '--apply'])
  expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('Written: 3 items') })
  expect(done.stderr).toContain('No function exports a query named bars2')
  const again = await cli(['import', file, ...there, '--as', 'bars2', '--apply'])
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('has state of bars2 already') })
  expect(await rowsFrom(2, elsewhere.endpoint, 'bars2')).toEqual(await beside((endpoint) => rowsFrom(2, endpoint)))
}, 120_000)

test('is renamed and removed, when that was asked for, and not under a consumer that is at work', async () => {
  const dry = await cli(['rename', 'bars', 'candles'])
  expect(dry).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing was written.') })
  const renamed = await cli(['rename', 'bars', 'candles', '--apply'])
  expect(renamed).toMatchObject({ code: 0, stderr: expect.stringContaining('gone from its old name') })
  expect((await cli(['inspect', '--table', table])).stdout).toMatch(/^candles /m)
  await beside(async (endpoint, port) => {
    const now = testDriver(query('candles'), { partitions: 3, state: storeAt(endpoint), now: Date.now })
    await now.addRecords([{ offset: 20, value: JSON.stringify(aTick({ timestamp: openingBellMs + 6000 })) }])
    const refused = await cli(['reset', 'candles', '--apply', '--table', table], { DYNAMODB_PORT: String(port) })
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('its consumer seems to be at work') })
  })
  expect((await cli(['reset', 'candles', '--stopped', '--table', table])).stderr).toContain('Nothing was removed.')
  expect(await cli(['reset', 'candles', '--stopped', '--apply', '--table', table])).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('Removed the state of candles: '),
  })
  expect((await cli(['inspect', '--table', table])).stdout.trim().split('\n')).toHaveLength(1)
}, 120_000)

test('refuses what would not be right, with the way out', async () => {
  const file = join(dir, 'damaged.ndjson')
  writeFileSync(file, '{"archive":"microbatch-state","version":1}\n')
  expect(await cli(['import', file])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('damaged.ndjson: line 1'),
  })
  expect(await cli(['import', join(dir, 'nothing')])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('ENOENT'),
  })
  expect(await cli(['look'])).toMatchObject({ code: 2, stderr: expect.stringContaining('state takes one of inspect') })
  const aws = await cli(['inspect', '--endpoint', 'https://dynamodb.eu-west-1.amazonaws.com', '--table', table])
  expect(aws).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--allow-remote dynamodb.eu-west-1.amazonaws.com'),
  })
  const nowhere = await cli(['inspect', 'bars'], { LOCAL_DIR: join(dir, 'none') })
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing is kept on this machine') })
}, 60_000)
