// A range of a real topic, recorded and replayed by the command: the same rows each time, whichever way they take, and nobody's commits
// are touched.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest'
import { ticksAt } from '../../../handlers/ticks/generator.ts'
import { startDynamoDb } from '../../../local/dynamodb/server.ts'
import { startChild } from '../../../local/process/child.ts'
import { freePort } from '../../../local/process/port.ts'
import { readRecording } from '../../../mapping/recording/recording.ts'
import { openingBellMs } from '../../builders.ts'
import { createTopics } from '../topic.ts'
import { microbatch, projectDir } from './microbatch.ts'

const partitions = 3
let dir: string
let topic: string
let admin: Admin
let printedHere: string

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-replay-topic-'))
  topic = `t-${randomUUID()}`
  const kafka = new Kafka({ brokers: inject('brokers'), logLevel: logLevel.NOTHING })
  admin = kafka.admin()
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
  const configEntries = [{ name: 'retention.ms', value: '-1' }]
  await createTopics(admin, [{ topic, numPartitions: partitions, configEntries }])
  // 40 seconds of five symbols, in each partition up to 6 s out of order.
  const messages = Array.from({ length: 40 }, (_, second) =>
    ticksAt(7, 5, openingBellMs / 1000 + second - ((second * 5) % 7)).map((tick, symbol) => ({
      partition: (symbol + second) % partitions,
      value: JSON.stringify(tick),
      timestamp: String(openingBellMs + second * 1000),
    })),
  ).flat()
  await producer.send({
    topic,
    messages: [...messages, { partition: 1, value: 'no tick', timestamp: String(openingBellMs + 40_000) }],
  })
  await producer.disconnect()
  for (const name of ['bars', 'tape']) {
    const offsets = [7, 8, 9].map((offset, partition) => ({ partition, offset: String(offset) }))
    await admin.setOffsets({ groupId: `microbatch-dev-${name}-${topic}`, topic, partitions: offsets })
  }
})
afterAll(async () => {
  await admin.disconnect()
  rmSync(dir, { recursive: true, force: true })
})

/** What every group of the broker has committed for the topic. */
async function commits(): Promise<Record<string, readonly string[]>> {
  const { groups } = await admin.listGroups()
  const found = await Promise.all(
    groups.map(async ({ groupId }) => {
      const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] })
      return [groupId, (answer?.partitions ?? []).map(({ partition, offset }) => `${partition}:${offset}`)] as const
    }),
  )
  return Object.fromEntries(found.filter(([, offsets]) => offsets.some((offset) => !offset.endsWith(':-1'))))
}

const file = (name: string) => join(dir, name)
const cli = (...words: readonly string[]) =>
  microbatch(words, {
    environment: { LOCAL_DIR: dir, KAFKA_BROKERS: inject('brokers').join(','), TOPIC: topic, WINDOW: '5 seconds' },
  })

async function rowsOf(name: string): Promise<readonly unknown[]> {
  const rows: unknown[] = []
  for await (const invocation of readRecording(file(name))) rows.push(...(invocation.rows ?? []))
  return rows
}

/** The last row of each window and symbol. */
async function finalTable(name: string): Promise<Record<string, unknown>> {
  const rows = (await rowsOf(name)) as { window: { start: number }; symbol: string }[]
  return Object.fromEntries(rows.map((row) => [`${row.window.start} ${row.symbol}`, row]))
}

test('a range of a topic, its recording, twice, and in other batches: the same rows, the same table; no commit is touched', async () => {
  const before = await commits()
  expect(before[`microbatch-dev-bars-${topic}`]?.toSorted()).toEqual(['0:7', '1:8', '2:9'])
  const range = ['--topic', topic, '--function', 'bars']
  const recorded = await cli('record', file('ticks.ndjson.zst'), ...range)
  expect(recorded).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^Recorded \d+ events of .*: 201 records\.$/m),
  })
  expect(statSync(file('ticks.ndjson.zst')).mode & 0o777).toBe(0o600)
  const ticks = file('ticks.ndjson.zst')
  const [first, second, recut] = await Promise.all([
    cli('replay', ticks, '--out', file('first.ndjson')),
    cli('replay', ...range, '--out', file('second.ndjson')),
    cli('replay', ticks, '--rebatch', '7,1', '--out', file('recut.ndjson.gz')),
  ])
  for (const { code, stderr } of [first, second, recut]) {
    expect(stderr).toContain('Replayed ')
    expect(code).toBe(0)
  }
  printedHere = first.stdout
  expect(printedHere).toContain('AAPL')
  expect(second.stdout).toBe(first.stdout)
  expect(await rowsOf('second.ndjson')).toEqual(await rowsOf('first.ndjson'))
  expect(recut.stdout).not.toBe(first.stdout)
  const table = await finalTable('first.ndjson')
  expect(Object.keys(table).length).toBeGreaterThan(40)
  expect(await finalTable('recut.ndjson.gz')).toEqual(table)
  expect(await commits()).toEqual(before)
})

test('what was ended is gone on with, over the state that it had', async () => {
  const ticks = file('ticks.ndjson.zst')
  const stopped = await microbatch(['replay', ticks, '--pace', 'step', '--out', file('steps.ndjson')], {
    environment: { LOCAL_DIR: dir, TOPIC: topic, WINDOW: '5 seconds' },
    input: '\n\n\nq\n',
  })
  expect(stopped).toMatchObject({ code: 0, stderr: expect.stringMatching(/It was ended after line \d+ \(3 done\)/) })
  const resumed = await cli('replay', ticks, '--resume', '--out', file('steps.ndjson'))
  expect(resumed).toMatchObject({ code: 0, stderr: expect.stringContaining('after 3 that were done') })
  expect(await rowsOf('steps.ndjson')).toEqual(await rowsOf('first.ndjson'))
})

test('a replay that was to end somewhere is gone on with: so many more, then to its end', async () => {
  const ticks = file('ticks.ndjson.zst')
  const parts = file('parts.ndjson')
  const first = await cli('replay', ticks, '--until', 'batch:2', '--out', parts)
  expect(first).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/It stands after line \d+ \(2 done\)\. --resume/),
  })
  const second = await cli('replay', ticks, '--until', 'batch:5', '--resume', '--out', parts)
  expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining('Replayed 3 events after 2 that were done') })
  const third = await cli('replay', ticks, '--resume', '--out', parts)
  expect(third).toMatchObject({ code: 0, stderr: expect.stringContaining('after 5 that were done') })
  expect(await rowsOf('parts.ndjson')).toEqual(await rowsOf('first.ndjson'))
  expect(await cli('replay', ticks, '--resume')).toMatchObject({
    ...{ code: 2, stderr: expect.stringContaining('no replay of this kind was ended before its end') },
  })
})

test('through sls offline the functions print what they print in this process', async () => {
  const dynamo = await startDynamoDb({ folder: file('dynamodb'), port: await freePort() })
  const [lambda, http] = [await freePort(), await freePort()]
  const child = await startChild({
    command: process.execPath,
    args: [join(projectDir, 'node_modules/serverless/bin/serverless.js'), 'offline'],
    cwd: projectDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...{ TOPIC: topic, WINDOW: '5 seconds', OFFLINE_LAMBDA_PORT: String(lambda), OFFLINE_HTTP_PORT: String(http) },
      // No Kafka: the mapping waits, and what comes is the replay's.
      ...{ KAFKA_BROKERS: '127.0.0.1:1', KAFKA_MAPPING_BROKERS: '127.0.0.1:1' },
      ...{ AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint, DEAD_LETTER_FILE: file('offline-dead.ndjson') },
    },
  })
  try {
    let printed = ''
    child.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
    const endpoint = `http://127.0.0.1:${lambda}`
    await vi.waitFor(() => fetch(endpoint), { timeout: 40_000, interval: 100 })
    const replayed = await cli('replay', file('ticks.ndjson.zst'), '--endpoint', endpoint, '--state', 'keep')
    expect(replayed).toMatchObject({ code: 0, stderr: expect.stringContaining(': 201 records.') })
    const tables = (text: string) => text.split('\n').filter((line) => /^[|+]/.test(line))
    await vi.waitFor(() => expect(tables(printed)).toEqual(tables(printedHere)), { timeout: 5_000, interval: 50 })
  } finally {
    await child.kill()
    await dynamo.stop()
  }
  expect(readFileSync(file('offline-dead.ndjson'), 'utf8')).toContain('NOT_JSON')
})
