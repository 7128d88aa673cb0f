// `microbatch redrive` as a process, on a real topic: a dry run sends nothing, what is sent is marked, and nobody's commits are touched.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { deadLetterOf } from '../../../lib/sink/dead-letter.ts'
import { deadLetterJson } from '../../../lib/sink/dead-letter-json.ts'
import { type Discarded, failureMessage, failureRecord } from '../../../mapping/destination/failure-record.ts'
import { aRow } from '../../mapping/builders.ts'
import { createTopics } from '../topic.ts'
import { aSmallService } from './a-small-service.ts'
import { microbatch } from './microbatch.ts'

let dir: string
let topic: string
let admin: Admin
let producer: Producer

const discarded = (): Discarded => ({
  origin: { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' },
  rows: [aRow({ topic, partition: 1, offset: 1 })],
  condition: 'RetryAttemptsExhausted',
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:small-dev-totals',
  requestId: 'r',
  invokeCount: 1,
  functionError: undefined,
  atMs: 0,
})

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'microbatch-redrive-'))
  topic = `t-${randomUUID()}`
  aSmallService(dir)
  const kafka = new Kafka({ brokers: inject('brokers'), logLevel: logLevel.NOTHING })
  admin = kafka.admin()
  producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
  await createTopics(admin, [{ topic, numPartitions: 2 }])
  const given = ['{"customer":"ada"', '{"customer":"bob","amount":1,"time":1767623400000}']
  await producer.send({ topic, messages: given.map((value) => ({ partition: 1, value })) })
  await admin.setOffsets({ groupId: `small-dev-totals-${topic}`, topic, partitions: [{ partition: 1, offset: '2' }] })
  const bad = aRow({ topic, partition: 1, offset: 0, value: Buffer.from(given[0] ?? '') })
  writeFileSync(join(dir, 'letters.ndjson'), `${deadLetterJson(deadLetterOf('totals', bad, 'NOT_JSON', ''))}\n`)
  // SQS has it like this: the records are in the topic alone.
  const Body = JSON.stringify(failureRecord(discarded()))
  writeFileSync(join(dir, 'messages.json'), JSON.stringify({ Messages: [{ Body }] }, null, 2))
  writeFileSync(
    join(dir, 'mend.mjs'),
    `export default (r) => ({ ...r, value: r.value + ',"amount":2,"time":1767623400000}' })`,
  )
})
afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect()])
  rmSync(dir, { recursive: true, force: true })
})

const cli = (...words: readonly string[]) =>
  microbatch(['redrive', ...words], {
    cwd: dir,
    environment: { KAFKA_BROKERS: inject('brokers').join(','), TOPIC: topic },
  })

async function ends(): Promise<readonly string[]> {
  return (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => `${partition}:${high}`).sort()
}

test('a letter is mended and goes to the end of its topic, once; before that it is said, and nothing is sent', async () => {
  const mended = ['letters.ndjson', '--transform', 'mend.mjs']
  const planned = await cli(...mended)
  expect(planned).toMatchObject({
    code: 0,
    stderr: 'Nothing was sent. 1 would go to its topic, 0 would stay. To do it: --apply.\n',
  })
  expect(planned.stdout).toBe(`letters.ndjson:1  ${topic}-1@0  NOT_JSON  1 record to its topic\n`)
  expect(await ends()).toEqual(['0:0', '1:2'])
  expect(await cli(...mended, '--apply')).toMatchObject({
    code: 0,
    stderr: '1 was sent to its topic, 0 failed, 0 stayed.\n',
  })
  expect(await ends()).toEqual(['0:0', '1:3'])
  expect(await cli(...mended, '--apply')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('all of it was redriven before; --again'),
  })
  const [answer] = await admin.fetchOffsets({ groupId: `small-dev-totals-${topic}`, topics: [topic] })
  expect(answer?.partitions.map(({ partition, offset }) => `${partition}:${offset}`).sort()).toEqual(['0:-1', '1:2'])
})

test('a message that only names its records goes to the handler of its function with them', async () => {
  const sent = await cli('messages.json', '--to', 'handler', '--apply', '--json')
  expect(sent).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('1 was sent to its handler in this process, 0 failed, 0 stayed.'),
  })
  expect(JSON.parse(sent.stdout)).toMatchObject({ state: 'sent', numRecords: 1 })
  // The same from a topic, where each record has a message of its own.
  const failed = `t-${randomUUID()}`
  await createTopics(admin, [{ topic: failed, numPartitions: 1 }])
  const [row = aRow()] = discarded().rows
  const values = [JSON.stringify(failureMessage(discarded(), row)), 'something else']
  await producer.send({ topic: failed, messages: values.map((value) => ({ value })) })
  expect(await cli(`kafka:${failed}`)).toMatchObject({
    stdout: `${failed}-0@0  ${topic}-1@1  RetriesExhausted  1 record to its topic\n`,
    stderr: expect.stringContaining(`WARN  ${failed}-0@1 is none that can be redriven`),
  })
  expect(sent.stderr).toContain('|bob     |1     |1    |1   |')
})
