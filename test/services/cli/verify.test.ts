// `microbatch verify` as a process: a topic, the commits of the mapping, and what was printed.
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest'
import { barsQuery, tapeQuery } from '../../../handlers/consumer.ts'
import { ticksAt } from '../../../handlers/ticks/generator.ts'
import { topicBatch } from '../../../lib/index.ts'
import { aRecord, openingBellMs } from '../../builders.ts'
import { createTopics } from '../topic.ts'
import { microbatch } from './microbatch.ts'

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

const commit = (...offsets: number[]) => commitOf('bars', ...offsets)
const commitOf = (name: string, ...offsets: number[]) =>
  admin.setOffsets({
    groupId: `microbatch-dev-${name}-${topic}`,
    topic,
    partitions: offsets.map((offset, partition) => ({ partition, offset: String(offset) })),
  })

const run = (...words: readonly string[]) =>
  microbatch(words, {
    environment: { LOCAL_DIR: dir, KAFKA_BROKERS: inject('brokers').join(','), TOPIC: topic },
  })

/** What a query prints of its records up to these offsets, one for each partition. */
async function tableOf(query: typeof barsQuery | typeof tapeQuery, ...ends: number[]): Promise<string> {
  const batch = topicBatch<never>(query)
  const seconds = Array.from({ length: Math.max(...ends) }, (_, second) => second)
  const records = seconds.flatMap((second) =>
    ticksAt(7, 2, openingBellMs / 1000 + second).map((tick, partition) =>
      aRecord({ value: tick, partition, offset: second }),
    ),
  )
  await batch.add(records.filter(({ partition, offset }) => offset < (ends[partition] ?? 0)))
  return batch.result().table
}

const bars = (...ends: number[]) => tableOf(barsQuery, ...ends)
const verifyBars = () => run('verify', '--query', 'bars')
const printed = (...tables: string[]) => writeFileSync(join(dir, 'log', 'tables.txt'), tables.join('\n'))

test('bars that were printed right, at last, are equal, however often they were printed before', async () => {
  await send(0, 12)
  printed(await bars(4, 2), await bars(12, 12), 'words of a handler')
  await commit(12, 12)
  expect(await verifyBars()).toEqual({
    code: 0,
    stdout: 'bars: 8 groups compared, 8 equal, 0 differ, 0 missing\n',
    stderr: '',
  })
})

test('a bar that was printed before its last tick differs; one that was never printed is missing', async () => {
  await send(0, 6)
  printed(await bars(5, 3))
  await commit(6, 6)
  const { code, stdout } = await verifyBars()
  const lines = stdout.trimEnd().split('\n')
  expect(code).toBe(1)
  expect(lines).toHaveLength(4)
  expect(lines[1]).toMatch(/^\{2026-01-05 14:30:03, 2026-01-05 14:30:06} {2}GOOGL {3}none {2,}ticks 3, open /)
  expect(lines[2]).toMatch(/^\{2026-01-05 14:30:03, 2026-01-05 14:30:06} {2}AAPL {4}ticks 2, .* {2}ticks 3, /)
  expect(lines[3]).toBe('bars: 4 groups compared, 2 equal, 1 differ, 1 missing')
})

test('a stream that is behind is waited for; what it has not delivered then is not compared', async () => {
  await send(0, 6)
  printed(await bars(5, 3))
  await commit(5, 3)
  const sinceMs = performance.now()
  const { code, stdout, stderr } = await run('verify', '--query', 'bars', '--wait', '2')
  expect(performance.now() - sinceMs).toBeGreaterThan(2000)
  expect(stderr).toBe('')
  expect(stdout).toBe(
    'bars: 2 groups compared, 2 equal, 0 differ, 0 missing; 2 not compared: records of them are not delivered yet\n',
  )
  expect(code).toBe(0)
})

test('nothing compared is no success', async () => {
  printed('')
  expect(await verifyBars()).toMatchObject({ code: 1, stdout: expect.stringContaining('0 groups compared') })
  rmSync(join(dir, 'log', 'tables.txt'))
  expect(await verifyBars()).toMatchObject({ code: 2, stderr: expect.stringContaining('Run start first') })
})

test('bars whose first ticks the topic has lost are not compared', async () => {
  await send(0, 30)
  printed(await bars(30, 30))
  await commit(30, 30)
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '4' }] })
  const { code, stdout, stderr } = await verifyBars()
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /^bars: 10 groups compared, 10 equal, 0 differ, 0 missing; 10 not compared: the topic has lost/,
  )
})

test('a query without an aggregation is verified by its rows, and without --query all are', async () => {
  await send(0, 6)
  const tape = await tableOf(tapeQuery, 6, 6)
  printed(await bars(6, 6), tape)
  await commit(6, 6)
  await commitOf('tape', 6, 6)
  expect(await run('verify')).toMatchObject({
    code: 0,
    stdout:
      'tape: 12 rows compared, 12 equal, 0 differ, 0 missing\nbars: 4 groups compared, 4 equal, 0 differ, 0 missing\n',
  })
  // The last row is missing, and the first was printed twice.
  const lines = tape.trimEnd().split('\n')
  printed(
    lines
      .toSpliced(3, 0, lines[3] ?? '')
      .toSpliced(-2, 1)
      .join('\n'),
  )
  const { code, stdout } = await run('verify', '--query', 'tape', '--json')
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ query: 'tape', isRight: false, unit: 'rows', numCompared: 12, numEqual: 11, numRepeated: 1 },
    missing: [{ printed: 'none', computed: expect.stringContaining('symbol') }],
  })
})

test('a table that does not show all of its rows is refused, with what to do', async () => {
  await send(0, 6)
  printed((await bars(6, 6)).trimEnd(), 'only showing top 4 rows')
  await commit(6, 6)
  expect(await verifyBars()).toMatchObject({ code: 1, stderr: expect.stringContaining('consoleSink({ numRows:') })
})
