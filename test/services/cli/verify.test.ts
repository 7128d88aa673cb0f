// `npm run verify` as a process: a topic, the commits of the mapping, and what was printed.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { ticksAt } from '../../../handlers/ticks/generator.ts'
import { openingBellMs } from '../../builders.ts'
import { createTopics } from '../topic.ts'

const cli = join(import.meta.dirname, '../../../local/cli/index.ts')
/** The ticks have the timestamps of a day that may be long ago: Kafka would delete them at its next check. */
const keepAll = { name: 'retention.ms', value: '-1' }
let dir: string
let topic: string
let admin: Admin
let producer: Producer

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-verify-'))
  mkdirSync(join(dir, 'log'))
  const kafka = new Kafka({ brokers: inject('brokers'), logLevel: logLevel.NOTHING })
  admin = kafka.admin()
  producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
})
afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect()])
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(async () => {
  topic = `t-${randomUUID()}`
  await createTopics(admin, [{ topic, numPartitions: 2, configEntries: [keepAll] }])
})

/** Two symbols, one in each partition, of the seconds [from, to). */
const send = (from: number, to: number) =>
  producer.send({
    topic,
    messages: Array.from({ length: to - from }, (_, i) =>
      ticksAt(7, 2, openingBellMs / 1000 + from + i).map((tick, partition) => {
        return { partition, value: JSON.stringify(tick), timestamp: String(tick.timestamp) }
      }),
    ).flat(),
  })

const commit = (...offsets: number[]) =>
  admin.setOffsets({
    groupId: `microbatch-dev-bars-${topic}`,
    topic,
    partitions: offsets.map((offset, partition) => ({ partition, offset: String(offset) })),
  })

function run(...words: readonly string[]) {
  const env = { ...process.env, LOCAL_DIR: dir, KAFKA_BROKERS: inject('brokers').join(','), TOPIC: topic }
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', cli, ...words], { env })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  )
}

const bars = async (...range: string[]) => (await run('batch', '--query', 'bars', ...range)).stdout
const printed = (...tables: string[]) => writeFileSync(join(dir, 'log', 'tables.txt'), tables.join('\n'))

test('bars that were printed right, at last, are equal, however often they were printed before', async () => {
  await send(0, 12)
  printed(await bars('--to', '0:4,1:2'), await bars(), 'words of a handler')
  await commit(12, 12)
  expect(await run('verify')).toEqual({
    code: 0,
    stdout: '8 bars compared, 8 equal, 0 differ, 0 missing\n',
    stderr: '',
  })
})

test('a bar that was printed before its last tick differs; one that was never printed is missing', async () => {
  await send(0, 6)
  printed(await bars('--to', '0:5,1:3'))
  await commit(6, 6)
  const { code, stdout } = await run('verify')
  const lines = stdout.trimEnd().split('\n')
  expect(code).toBe(1)
  expect(lines).toHaveLength(4)
  expect(lines[1]).toMatch(/^\{2026-01-05 14:30:03, 2026-01-05 14:30:06} {2}GOOGL {3}none {2,}ticks 3, open /)
  expect(lines[2]).toMatch(/^\{2026-01-05 14:30:03, 2026-01-05 14:30:06} {2}AAPL {4}ticks 2, .* {2}ticks 3, /)
  expect(lines[3]).toBe('4 bars compared, 2 equal, 1 differ, 1 missing')
})

test('a stream that is behind is waited for; what it has not delivered then is not compared', async () => {
  await send(0, 6)
  printed(await bars('--to', '0:5,1:3'))
  await commit(5, 3)
  const { code, stdout, stderr } = await run('verify')
  expect(stderr).toBe('')
  expect(stdout).toBe(
    '2 bars compared, 2 equal, 0 differ, 0 missing; 2 not compared: ticks of them are not delivered yet\n',
  )
  expect(code).toBe(0)
})

test('nothing compared is no success', async () => {
  printed('')
  expect(await run('verify')).toMatchObject({ code: 1, stdout: expect.stringContaining('0 bars compared') })
  rmSync(join(dir, 'log', 'tables.txt'))
  expect(await run('verify')).toMatchObject({ code: 2, stderr: expect.stringContaining('Run npm start first') })
})

test('bars whose first ticks the topic has lost are not compared', async () => {
  await send(0, 30)
  printed(await bars())
  await commit(30, 30)
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '4' }] })
  const { code, stdout, stderr } = await run('verify')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^10 bars compared, 10 equal, 0 differ, 0 missing; 10 not compared: the topic has lost/)
})
