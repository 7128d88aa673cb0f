// `microbatch batch` as a process, on a real topic: the same bars as the stream gives in the end, in any part of the topic.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { barsQuery } from '../../../handlers/consumer.ts'
import { ticksAt } from '../../../handlers/ticks/generator.ts'
import { showString } from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { type PrintedRow, tableReader } from '../../../local/cli/verify/printed-tables.ts'
import { openingBellMs } from '../../builders.ts'
import { createTopics } from '../topic.ts'
import { microbatch } from './microbatch.ts'

const partitions = 3
/** The ticks have the timestamps of a day that may be long ago: Kafka would delete them at its next check. */
const keepAll = { name: 'retention.ms', value: '-1' }
let dir: string
let topic: string
let admin: Admin
let producer: Producer

interface Sent {
  readonly partition: number
  readonly value: string
  readonly timestamp: number
}

/** 90 seconds of five symbols; in each partition up to 6 s out of order, within the 10 s that the watermark waits. */
const ticks: readonly Sent[] = Array.from({ length: 90 }, (_, second) =>
  ticksAt(7, 5, openingBellMs / 1000 + second - ((second * 5) % 7)).map((tick, symbol): Sent => {
    const value = JSON.stringify(tick)
    return { partition: (symbol + second) % partitions, value, timestamp: openingBellMs + second * 1000 }
  }),
).flat()
const bad: readonly Sent[] = [
  { partition: 1, value: '{"symbol":"AAPL"', timestamp: openingBellMs + 90_000 },
  { partition: 2, value: '{"symbol":"AAPL","price":1,"volume":1e99,"timestamp":0}', timestamp: openingBellMs + 90_000 },
]

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-batch-'))
  topic = `t-${randomUUID()}`
  const kafka = new Kafka({ brokers: inject('brokers'), logLevel: logLevel.NOTHING })
  admin = kafka.admin()
  producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
  await createTopics(admin, [{ topic, numPartitions: partitions, configEntries: [keepAll] }])
  await send(ticks.slice(0, 200))
  await send([...ticks.slice(200), ...bad])
  // The last offsets of partition 0 are of a transaction that was given up: the range ends behind them.
  const transactional = kafka.producer({
    transactionalId: topic,
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  })
  await transactional.connect()
  const transaction = await transactional.transaction()
  await transaction.send({ topic, messages: [{ partition: 0, value: 'never committed' }] })
  await transaction.abort()
  await transactional.disconnect()
})
afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect()])
  rmSync(dir, { recursive: true, force: true })
})

const send = (records: readonly Sent[]) =>
  producer.send({ topic, messages: records.map((sent) => ({ ...sent, timestamp: String(sent.timestamp) })) })

const environment = () => ({ LOCAL_DIR: dir, KAFKA_BROKERS: inject('brokers').join(','), TOPIC: topic })
const batch = (...words: readonly string[]) => microbatch(['batch', ...words], { environment: environment() })

/** The last row of each window and symbol. */
function lastBars(text: string): Record<string, Record<string, string>> {
  const bars = new Map<string, PrintedRow>()
  const read = tableReader({ row: (row) => bars.set(`${row.get('window')} ${row.get('symbol')}`, row) })
  for (const line of text.split('\n')) read(line)
  return Object.fromEntries([...bars].map(([key, row]) => [key, Object.fromEntries(row)]))
}

/** What the stream has printed in the end, in batches of `size`. */
async function streamed(size: number) {
  const query: typeof barsQuery = { ...barsQuery, sinks: [] }
  const driver = testDriver(query, { partitions, now: () => openingBellMs })
  const offsets = new Map<number, number>()
  const records = ticks.map(({ partition, value, timestamp }) => {
    const offset = offsets.get(partition) ?? 0
    offsets.set(partition, offset + 1)
    return { partition, offset, value, timestamp }
  })
  const { columns } = barsQuery.plan
  let text = ''
  for (let from = 0; from < records.length; from += size) {
    const { rows, late } = await driver.addRecords(records.slice(from, from + size))
    expect(late).toEqual([])
    text += showString(
      rows.map((row) => ({ ...row })),
      { columns, numRows: rows.length, truncate: false },
    )
  }
  return lastBars(text)
}

test('the whole topic gives the bars that the stream has printed in the end, however it was cut into batches', async () => {
  const { code, stdout, stderr } = await batch('--query', 'bars')
  expect(stderr).toMatch(/^452 records of t-[\w-]+ \(0:0-\d+ 1:0-\d+ 2:0-\d+\): \d+ rows$/m)
  expect(code).toBe(0)
  const bars = lastBars(stdout)
  expect(Object.keys(bars).length).toBeGreaterThan(100)
  for (const size of [4, 37, 1_000]) expect(await streamed(size)).toEqual(bars)
})

test('bad records are counted and named on stderr, and written nowhere', async () => {
  const { stderr } = await batch('--query', 'tape')
  expect(stderr).toContain('WARN  2 bad records are not in the table:')
  expect(stderr).toMatch(new RegExp(`^ {2}${topic}-1@\\d+: NOT_JSON \\(.+\\)$`, 'm'))
  expect(readdirSync(dir)).toEqual([])
})

test('a range is read as it is named: by time, by offsets, and nothing where it is empty', async () => {
  const at = (second: number) => new Date(openingBellMs + second * 1000).toISOString()
  const count = async (...words: string[]) =>
    Number(/^\d+/.exec((await batch('--query', 'tape', ...words)).stderr)?.[0])
  expect(await count('--from', at(30), '--to', at(40))).toBe(50)
  expect(await count('--from', String(openingBellMs + 80_000), '--to', at(90))).toBe(50)
  expect(await count('--from', '0:3,2:5', '--to', '0:10,2:6')).toBe(8)
  expect(await count('--from', 'latest')).toBe(0)
})

test('what does not exist is named: functions, topics, a Kafka', async () => {
  expect(await batch('--query', 'nothing')).toMatchObject({
    code: 2,
    stderr: 'The service has no function nothing, only producer, tape, bars, bars-api.\n',
  })
  expect(await batch('--query', 'producer')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('handlers/producer.producer exports no producerQuery'),
  })
  expect(await batch()).toMatchObject({ code: 2, stderr: expect.stringContaining('--query NAME') })
  const brokers = inject('brokers').join(',')
  const missing = { ...environment(), TOPIC: 'no-such-topic' }
  expect(await microbatch(['batch', '--query', 'bars'], { environment: missing })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      `^Kafka at ${brokers} has no topic no-such-topic\\. .*It has .*microbatch topic create NAME`,
    ),
  })
  expect(await batch('--query', 'bars', '--brokers', '127.0.0.1:1')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('does not answer. Does start run?'),
  })
})

test('rows come as JSON, too, and the environment of the function is that of serverless.yml', async () => {
  const { stdout } = await batch('--query', 'tape', '--json', '--to', '0:3')
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(rows).toHaveLength(3)
  expect(rows[0]).toMatchObject({ symbol: expect.any(String), timestamp: expect.any(Number) })
  const wide = await microbatch(['batch', '--query', 'bars'], { environment: { ...environment(), WINDOW: '1 minute' } })
  expect(wide.stdout).toContain('{2026-01-05 14:30:00, 2026-01-05 14:31:00}')
})
