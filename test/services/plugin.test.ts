import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { z } from 'zod'
import { parseKafkaEvent } from '../../lib/event/parse.ts'
import { freePort } from '../../local/process/port.ts'
import { readRecording } from '../../mapping/recording/recording.ts'
import { type Offline, startOffline } from './an-offline.ts'
import { createTopics } from './topic.ts'

let admin: Admin
let producer: Producer
let folder: string
let topic: string
let offline: Offline | undefined

beforeAll(async () => {
  const kafka = new Kafka({ brokers: inject('brokers'), logLevel: logLevel.NOTHING })
  admin = kafka.admin()
  producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
})
afterAll(() => Promise.all([admin.disconnect(), producer.disconnect()]))

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'microbatch-plugin-'))
  topic = `t-${randomUUID()}`
  await createTopics(admin, [{ topic, numPartitions: 1 }])
})
afterEach(async () => {
  await offline?.child.kill()
  offline = undefined
  rmSync(folder, { recursive: true })
})

const seenFile = () => join(folder, 'seen.ndjson')
const failFile = () => join(folder, 'fail')

async function sls(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Offline> {
  const files = { FIXTURE_SEEN: seenFile(), FIXTURE_FAIL: failFile() }
  offline = await startOffline(args, { FIXTURE_TOPIC: topic, ...files, ...more })
  return offline
}

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 50 })
const send = (...texts: string[]) => producer.send({ topic, messages: texts.map((value) => ({ value })) })

/** The values of the events that the handler began, or ended, in order. */
function handled(stage: 'begun' | 'done'): string[][] {
  if (!existsSync(seenFile())) return []
  return readFileSync(seenFile(), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter((line) => stage in line)
    .map((line) => parseKafkaEvent(line[stage]).rows.map(({ value }) => String(value)))
}

async function committed(): Promise<number> {
  const [answer] = await admin.fetchOffsets({ groupId: `fixture-dev-seen-${topic}`, topics: [topic] })
  return Number(answer?.partitions[0]?.offset)
}

describe.each([
  ['sls offline, plugin after serverless-offline', ['offline'], 'no'],
  ['sls offline start, plugin before serverless-offline', ['offline', 'start'], 'yes'],
])('%s', (_name, args, isFirst) => {
  test('the handler gets the records, the recording has the event, Ctrl-C lets the batch in flight end', async () => {
    const recording = join(folder, 'delivered.ndjson')
    const { child, said } = await sls([...args, '--record', recording], {
      FIXTURE_PLUGIN_FIRST: isFirst,
      FIXTURE_SLEEP_MS: '2000',
    })
    await send('a', 'b')
    await until(() => expect(handled('begun')).toEqual([['a', 'b']]))
    expect(await committed()).toBe(-1)
    child.process.kill('SIGINT')
    // npm and the terminal both pass a Ctrl-C on: the second at once is the same one.
    child.process.kill('SIGINT')
    expect(await child.exited).toEqual({ code: 0, signal: null })
    expect(handled('done')).toEqual([['a', 'b']])
    expect(await committed()).toBe(2)
    expect(said()).toMatch(new RegExp(`seen <- ${topic} 0:0-1 \\| 2 records, .* kB, window \\| \\d+ ms \\| ok`))
    expect(statSync(recording).mode & 0o777).toBe(0o600)
    const recorded: Array<[string, number]> = []
    for await (const line of readRecording(recording))
      recorded.push([line.function, parseKafkaEvent(line.event).rows.length])
    expect(recorded).toEqual([['seen', 2]])
  })

  test('a second Ctrl-C does not wait, and the batch is not committed', async () => {
    const { child } = await sls(args, { FIXTURE_PLUGIN_FIRST: isFirst, FIXTURE_SLEEP_MS: '25000' })
    await send('a')
    await until(() => expect(handled('begun')).toHaveLength(1))
    child.process.kill('SIGINT')
    const ended = performance.now()
    const again = setInterval(() => child.process.kill('SIGINT'), 700)
    await child.exited
    clearInterval(again)
    expect(performance.now() - ended).toBeLessThan(15_000)
    expect(handled('done')).toEqual([])
    expect(await committed()).toBe(-1)
  })
})

test('a handler that throws gets the same records again until it does not', async () => {
  writeFileSync(failFile(), '')
  const { said } = await sls(['offline'])
  await send('a', 'b')
  await until(() => expect(handled('begun').length).toBeGreaterThanOrEqual(2))
  expect(said()).toContain('the function failed: Error: told to fail; the same records again in')
  expect(await committed()).toBe(-1)
  rmSync(failFile())
  await until(() => expect(handled('done')).toEqual([['a', 'b']]))
  await until(async () => expect(await committed()).toBe(2))
  expect(new Set(handled('begun').map((values) => values.join()))).toEqual(new Set(['a,b']))
})

test('with --reloadHandler, records after an edit are handled by the code as it is then', async () => {
  const edited = join(folder, 'edited.mjs')
  const versions = () => [...readFileSync(seenFile(), 'utf8').matchAll(/"version":(\d)/g)].map(([, version]) => version)
  writeFileSync(edited, 'export const version = 1')
  await sls(['offline', '--reloadHandler'], { FIXTURE_EDITED: edited })
  await send('a')
  await until(() => expect(handled('done')).toEqual([['a']]))
  writeFileSync(edited, 'export const version = 2')
  await send('b')
  await until(() => expect(handled('done')).toEqual([['a'], ['b']]))
  expect(versions()).toEqual(['1', '2'])
})

test('an msk event comes with the ARN of its cluster, from the Kafka that stands for it', async () => {
  const second = `t-${randomUUID()}`
  await createTopics(admin, [{ topic: second, numPartitions: 1 }])
  await producer.send({ topic: second, messages: [{ value: 'a' }] })
  const brokers = inject('brokers').join()
  await sls(['offline'], { FIXTURE_MSK: 'true', FIXTURE_MSK_TOPIC: second, KAFKA_MAPPING_BROKERS: brokers })
  await until(() => expect(handled('done')).toEqual([['a']]))
  const [line = ''] = readFileSync(seenFile(), 'utf8').split('\n')
  expect(JSON.parse(line).begun).toMatchObject({
    eventSource: 'aws:kafka',
    eventSourceArn: 'arn:aws:kafka:eu-west-1:123456789012:cluster/demo/0a1b2c3d-1111-2222-3333-444455556666-7',
    bootstrapServers: brokers,
    records: { [`${second}-0`]: [{ topic: second, partition: 0, offset: 0, value: 'YQ==' }] },
  })
})

test('a Python handler that returns nothing has handled its batch', async () => {
  const second = `t-${randomUUID()}`
  await createTopics(admin, [{ topic: second, numPartitions: 1 }])
  await producer.send({ topic: second, messages: [{ value: 'a' }, { value: 'b' }] })
  const { said } = await sls(['offline'], { FIXTURE_PYTHON: 'true', FIXTURE_PYTHON_TOPIC: second })
  await until(() => expect(said()).toMatch(new RegExp(`python <- ${second} 0:0-1 .* ok`)))
  expect(handled('done')).toEqual([['a', 'b']])
})

test('a broker on another machine is refused before anything is dialled, saying how to allow it', async () => {
  const { child, said } = await sls(['offline'], { FIXTURE_BROKER: 'b-1.example.com:9092' })
  expect(await child.exited).toEqual({ code: 1, signal: null })
  expect(said()).toContain('--allow-remote b-1.example.com')
  expect(said()).not.toContain('    at ')
})

test('KAFKA_MAPPING_BROKERS goes before what the event names', async () => {
  await sls(['offline'], { FIXTURE_BROKER: 'b-1.example.com:9092', KAFKA_MAPPING_BROKERS: inject('brokers').join() })
  await send('a')
  await until(() => expect(handled('done')).toEqual([['a']]))
})

const reported = z.object({
  mappings: z.array(z.looseObject({ function: z.string(), metrics: z.record(z.string(), z.number()) })),
})

test('a plain resource: filter, halves, item failures, a retry limit, the destination, and counters as JSON', async () => {
  const second = `t-${randomUUID()}`
  await createTopics(admin, [{ topic: second, numPartitions: 1 }])
  const texts = ['fine', 'skipped', 'throw', 'fine', 'report', 'fine']
  await producer.send({ topic: second, messages: texts.map((value) => ({ value })) })
  const [port, file] = [await freePort(), join(folder, 'on-failure.ndjson')]
  const { said } = await sls(['offline', '--metrics-port', String(port), '--on-failure-file', file], {
    FIXTURE_SECOND: 'true',
    FIXTURE_SECOND_TOPIC: second,
    AWS_ENDPOINT_URL: 'https://sqs.eu-west-1.amazonaws.com',
  })
  const counters = async () => {
    const { mappings } = reported.parse(await (await fetch(`http://127.0.0.1:${port}/`)).json())
    return mappings.find((mapping) => mapping.function === 'refusing')
  }
  await until(async () => expect((await counters())?.metrics.CommittedEventCount).toBe(6))
  expect(await counters()).toMatchObject({
    MaxOffsetLag: 0,
    metrics: { PolledEventCount: 6, FilteredOutEventCount: 1, OnFailureDestinationDeliveredEventCount: 2 },
  })
  const discarded = readFileSync(file, 'utf8').trim().split('\n')
  expect(
    discarded.map((line) => JSON.parse(line).KafkaBatchInfo.recordsInfo[`${second}-0`].firstRecordOffset).toSorted(),
  ).toEqual(['2', '4'])
  expect(said()).toContain(`AWS_ENDPOINT_URL names no service on this machine; discarded batches go to ${file}`)
})

test('--allow-remote is an option of both commands', async () => {
  for (const command of [['offline'], ['offline', 'start']]) {
    const { child, said } = await sls([...command, '--help'])
    await child.exited
    expect(said()).toContain('allow-remote')
    expect(said()).toContain('record')
  }
})
