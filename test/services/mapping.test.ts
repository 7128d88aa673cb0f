import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, CompressionTypes, Kafka, logLevel, type Message, Partitioners, type Producer } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import type { KafkaEvent, WireRecord } from '../../lib/event/kafka-event.ts'
import { startKafka } from '../../local/kafka/broker.ts'
import { freePort } from '../../local/process/port.ts'
import { Mapping } from '../../mapping/mapping.ts'
import { noRemoteHosts } from '../../mapping/safety.ts'
import type { MappingSettings } from '../../mapping/settings/settings.ts'
import { kafkaSource } from '../../mapping/source/kafka-source.ts'
import {
  eventsInto,
  type MemoryInvoker,
  memoryInvoker,
  memoryLog,
  offsetsOf,
  someSettings,
} from '../mapping/builders.ts'
import { createTopics } from './topic.ts'

const brokers = inject('brokers')
const clientOf = (servers: readonly string[]) =>
  new Kafka({ brokers: [...servers], logLevel: logLevel.NOTHING, retry: { retries: 20, maxRetryTime: 500 } })

let admin: Admin
let producer: Producer
const running: Mapping[] = []

beforeAll(async () => {
  admin = clientOf(brokers).admin()
  producer = clientOf(brokers).producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
})

afterEach(async () => {
  for (const mapping of running.splice(0)) await mapping.stop(AbortSignal.abort())
})

afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect()])
})

async function aTopic(numPartitions = 1, configEntries: Array<{ name: string; value: string }> = []): Promise<string> {
  const topic = `t-${randomUUID()}`
  await createTopics(admin, [{ topic, numPartitions, configEntries }])
  return topic
}

const send = (topic: string, messages: Message[]) => producer.send({ topic, messages })
const values = (count: number, partition = 0): Message[] =>
  Array.from({ length: count }, (_, index) => ({ partition, value: `v${index}` }))

function started(topic: string, invoker: MemoryInvoker, more: Partial<MappingSettings> = {}, servers = brokers) {
  const settings = someSettings({ topic, consumerGroupId: `g-${topic}`, batchSize: 100, windowMs: 300, ...more })
  const log = memoryLog()
  const events = eventsInto(log, settings)
  const mapping = new Mapping({
    settings,
    origin: { eventSource: 'SelfManagedKafka', bootstrapServers: servers.join(',') },
    functionName: 'demo-dev-bars',
    functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:demo-dev-bars',
    filter: undefined,
    destination: undefined,
    epochMs: () => Date.now(),
    source: kafkaSource({
      ...settings,
      // The broker's least: a member that was killed is noticed sooner.
      sessionTimeoutMs: 6_000,
      brokers: servers,
      allowed: noRemoteHosts,
      events,
      debug: log.debug,
    }),
    invoker,
    events,
    nowMs: () => performance.now(),
    random: () => 0.999,
  })
  mapping.start()
  running.push(mapping)
  return { mapping, log, invoker, groupId: settings.consumerGroupId }
}

const stop = async (mapping: Mapping): Promise<void> => {
  await mapping.stop(new AbortController().signal)
  running.splice(running.indexOf(mapping), 1)
}

const until = (check: () => void | Promise<void>, timeout = 20_000) => vi.waitFor(check, { timeout, interval: 20 })

/** What the group has committed, by partition; -1 where nothing. */
async function commits(groupId: string, topic: string): Promise<Record<number, number>> {
  const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] })
  return Object.fromEntries((answer?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)]))
}

const recordsOf = (events: readonly KafkaEvent[]): WireRecord[] =>
  events.flatMap((event) => Object.values(event.records).flat())
const text = (base64: string | null | undefined) => Buffer.from(base64 ?? '', 'base64').toString()
const info = (lines: readonly string[]) => lines.filter((line) => line.startsWith('info'))

const succeeds = () => memoryInvoker(() => undefined)

describe('a batch closes', () => {
  test('by size', async () => {
    const topic = await aTopic()
    await send(topic, values(25))
    const { invoker, log } = started(topic, succeeds(), { batchSize: 10, windowMs: 1_000 })
    await until(() => expect(recordsOf(invoker.events)).toHaveLength(25))
    expect(invoker.events.map((event) => recordsOf([event]).length)).toEqual([10, 10, 5])
    await until(() =>
      expect(info(log.lines).map((line) => /, (\w+) \|/.exec(line)?.[1])).toEqual(['size', 'size', 'window']),
    )
  })

  test('by the window, which begins when the first record arrives', async () => {
    const topic = await aTopic()
    const { invoker } = started(topic, succeeds(), { windowMs: 1_500 })
    await send(topic, values(1))
    const first = performance.now()
    await send(topic, values(1))
    await until(() => expect(invoker.events).toHaveLength(1))
    expect(performance.now() - first).toBeGreaterThan(1_400)
    expect(recordsOf(invoker.events)).toHaveLength(2)
  })

  test('by 6 MB of payload', async () => {
    const topic = await aTopic()
    const value = Buffer.alloc(900_000, 7)
    for (let index = 0; index < 7; index += 1) await send(topic, [{ value }])
    const { invoker, log } = started(topic, succeeds(), { windowMs: 2_000 })
    await until(() => expect(recordsOf(invoker.events)).toHaveLength(7))
    // 900,000 bytes are 1,200,000 in base64: five fit 6,291,456.
    expect(invoker.events.map((event) => recordsOf([event]).length)).toEqual([5, 2])
    expect(info(log.lines)[0]).toContain('payload')
  })
})

test('several partitions come in one payload, each in order, and the commit of each is its last + 1', async () => {
  const topic = await aTopic(3)
  await send(topic, [...values(4, 0), ...values(3, 1), ...values(2, 2)])
  const { invoker, groupId } = started(topic, succeeds(), { windowMs: 1_500 })
  await until(() => expect(recordsOf(invoker.events)).toHaveLength(9))
  const [event] = invoker.events
  if (event === undefined) throw new Error('no event')
  expect(offsetsOf(event)).toEqual({ [`${topic}-0`]: [0, 1, 2, 3], [`${topic}-1`]: [0, 1, 2], [`${topic}-2`]: [0, 1] })
  await until(async () => expect(await commits(groupId, topic)).toEqual({ 0: 4, 1: 3, 2: 2 }))
})

test('while the function fails nothing is committed, and the same records come again in order', async () => {
  const topic = await aTopic()
  await send(topic, values(5))
  let isFailing = true
  const { invoker, groupId } = started(
    topic,
    memoryInvoker(async () => {
      if (isFailing) throw new Error('told to')
      return undefined
    }),
  )
  await until(() => expect(invoker.events).toHaveLength(2))
  expect(await commits(groupId, topic)).toEqual({ 0: -1 })
  await send(topic, values(1))
  isFailing = false
  await until(() => expect(invoker.events).toHaveLength(4))
  expect(invoker.events.map((event) => offsetsOf(event)[`${topic}-0`])).toEqual([
    [0, 1, 2, 3, 4],
    [0, 1, 2, 3, 4],
    [0, 1, 2, 3, 4],
    [5],
  ])
  await until(async () => expect(await commits(groupId, topic)).toEqual({ 0: 6 }))
})

test('a restart goes on where it was, and is not delayed by the member that left', async () => {
  const topic = await aTopic()
  await send(topic, values(3))
  const first = started(topic, succeeds())
  await until(() => expect(recordsOf(first.invoker.events)).toHaveLength(3))
  const stopping = performance.now()
  await stop(first.mapping)
  expect(performance.now() - stopping).toBeLessThan(3_000)
  await send(topic, values(2))
  const second = started(topic, succeeds())
  await until(() => expect(recordsOf(second.invoker.events).map(({ offset }) => offset)).toEqual([3, 4]))
})

test('stopping lets the invocation in flight end and commits it', async () => {
  const topic = await aTopic()
  await send(topic, values(2))
  const { promise: blocked, resolve: release } = Promise.withResolvers<undefined>()
  const { mapping, invoker, groupId } = started(
    topic,
    memoryInvoker(() => blocked),
  )
  await until(() => expect(invoker.events).toHaveLength(1))
  const stopped = stop(mapping)
  release(undefined)
  await stopped
  expect(await commits(groupId, topic)).toEqual({ 0: 2 })
})

test('null keys, tombstones, empty values, headers in record order and timestamps come as AWS sends them', async () => {
  const topic = await aTopic()
  await send(topic, [
    { key: null, value: 'no key', timestamp: '1700000000123' },
    { key: 'k', value: null },
    { key: '', value: '' },
    { value: 'h', headers: { b: 'x', constructor: 'c', a: ['1', Buffer.from([0xff, 0x80, 0x7f])], 7: 'seven' } },
  ])
  const { invoker } = started(topic, succeeds())
  await until(() => expect(recordsOf(invoker.events)).toHaveLength(4))
  const [noKey, tombstone, empty, headers] = recordsOf(invoker.events)
  expect(noKey).toMatchObject({ timestamp: 1_700_000_000_123, timestampType: 'CREATE_TIME', offset: 0, headers: [] })
  expect(noKey).not.toHaveProperty('key')
  expect(tombstone).toMatchObject({ key: 'aw==' })
  expect(tombstone).not.toHaveProperty('value')
  expect(empty).toMatchObject({ key: '', value: '' })
  // kafkajs's producer itself moves integer-like keys first.
  const sent: ReadonlyArray<Record<string, number[]>> = [
    { 7: [115, 101, 118, 101, 110] },
    { b: [120] },
    { constructor: [99] },
    { a: [49] },
    { a: [-1, -128, 127] },
  ]
  expect(headers?.headers).toEqual(sent)
})

test('log-append time is said as such', async () => {
  const topic = await aTopic(1, [{ name: 'message.timestamp.type', value: 'LogAppendTime' }])
  await send(topic, [{ value: 'v', timestamp: '1000' }])
  const { invoker } = started(topic, succeeds())
  await until(() => expect(recordsOf(invoker.events)).toHaveLength(1))
  const [record] = recordsOf(invoker.events)
  expect(record?.timestampType).toBe('LOG_APPEND_TIME')
  expect(record?.timestamp).toBeGreaterThan(1_700_000_000_000)
})

test('gzip and zstd are read', async () => {
  const topic = await aTopic()
  await producer.send({ topic, messages: values(3), compression: CompressionTypes.GZIP })
  const zstd = await aTopic(1, [{ name: 'compression.type', value: 'zstd' }])
  await send(zstd, values(3))
  for (const name of [topic, zstd]) {
    const { invoker } = started(name, succeeds())
    await until(() => expect(recordsOf(invoker.events).map(({ value }) => text(value))).toEqual(['v0', 'v1', 'v2']))
  }
})

test('aborted transactions are never seen, and their gaps and markers are committed past', async () => {
  const topic = await aTopic()
  const transactional = clientOf(brokers).producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    transactionalId: `tx-${topic}`,
    maxInFlightRequests: 1,
    idempotent: true,
  })
  await transactional.connect()
  for (const end of ['commit', 'abort', 'commit', 'abort'] as const) {
    const transaction = await transactional.transaction()
    await transaction.send({ topic, messages: [{ value: `${end} 1` }, { value: `${end} 2` }] })
    await transaction[end]()
  }
  await transactional.disconnect()
  const { invoker, groupId } = started(topic, succeeds())
  await until(() => expect(recordsOf(invoker.events).map(({ offset }) => offset)).toEqual([0, 1, 6, 7]))
  // Twice two records and a marker, four times.
  await until(async () => expect(await commits(groupId, topic)).toEqual({ 0: 12 }))
})

describe('reading begins', () => {
  test('behind what is there with LATEST, and stays pinned there', async () => {
    const topic = await aTopic()
    await send(topic, values(3))
    const { invoker, groupId, mapping } = started(topic, succeeds(), { startingPosition: { kind: 'LATEST' } })
    await until(async () => expect(await commits(groupId, topic)).toEqual({ 0: 3 }))
    await stop(mapping)
    await send(topic, values(1))
    const second = started(topic, succeeds(), { startingPosition: { kind: 'LATEST' } })
    await until(() => expect(recordsOf(second.invoker.events).map(({ offset }) => offset)).toEqual([3]))
    expect(invoker.events).toHaveLength(0)
  })

  test('at the first record of a timestamp with AT_TIMESTAMP', async () => {
    const topic = await aTopic()
    const stamps = ['1700000001000', '1700000002000', '1700000003000']
    await send(
      topic,
      stamps.map((timestamp) => ({ value: 'v', timestamp })),
    )
    const { invoker } = started(topic, succeeds(), {
      startingPosition: { kind: 'AT_TIMESTAMP', timestampMs: 1_700_000_002_000 },
    })
    await until(() => expect(recordsOf(invoker.events).map(({ offset }) => offset)).toEqual([1, 2]))
  })
})

test.each(['TRIM_HORIZON', 'LATEST'] as const)(
  'a topic that does not exist is waited for, said once, and read from its beginning when it appears: %s',
  async (kind) => {
    const topic = `t-${randomUUID()}`
    const { invoker, log } = started(topic, succeeds(), { startingPosition: { kind } })
    const saysMissing = () => log.lines.filter((line) => line.includes(`topic ${topic} does not exist`))
    await until(() => expect(saysMissing()).toHaveLength(1))
    await createTopics(admin, [{ topic, numPartitions: 1 }])
    await send(topic, values(1))
    await until(() => expect(recordsOf(invoker.events)).toHaveLength(1))
    expect(saysMissing()).toHaveLength(1)
  },
)

test('a second instance takes its share, and every record is handled when it leaves', async () => {
  const topic = await aTopic(4)
  const first = started(topic, succeeds())
  await send(
    topic,
    [0, 1, 2, 3].flatMap((partition) => values(5, partition)),
  )
  await until(() => expect(recordsOf(first.invoker.events)).toHaveLength(20))
  const second = started(topic, succeeds())
  await until(async () => {
    await send(
      topic,
      [0, 1, 2, 3].flatMap((partition) => values(1, partition)),
    )
    expect(second.invoker.events.length).toBeGreaterThan(0)
  })
  await stop(second.mapping)
  await send(
    topic,
    [0, 1, 2, 3].flatMap((partition) => values(5, partition)),
  )
  const ends = await admin.fetchTopicOffsets(topic)
  const all = ends.flatMap(({ partition, high }) =>
    Array.from({ length: Number(high) }, (_, offset) => `${partition}:${offset}`),
  )
  await until(async () => {
    const handled = recordsOf([...first.invoker.events, ...second.invoker.events])
    expect(new Set(handled.map(({ partition, offset }) => `${partition}:${offset}`))).toEqual(new Set(all))
    expect(await commits(first.groupId, topic)).toEqual(
      Object.fromEntries(ends.map(({ partition, high }) => [partition, Number(high)])),
    )
  })
})

test('a broker that goes down, and is down at the start, is said once and waited for', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'microbatch-mapping-'))
  const port = await freePort()
  const servers = [`localhost:${port}`]
  const log = () => undefined
  const topic = `t-${randomUUID()}`
  let release = (): void => undefined
  /** Ends the record `while` when the test says so. */
  const waiting = started(
    topic,
    memoryInvoker(async (event) => {
      if (recordsOf([event]).some(({ value }) => text(value) === 'while'))
        await new Promise<void>((resolve) => {
          release = resolve
        })
      return undefined
    }),
    {},
    servers,
  )
  const says = (part: string) => waiting.log.lines.filter((line) => line.includes(part))
  await until(() => expect(says(`Kafka at localhost:${port} does not answer; waiting`)).toHaveLength(1))
  let kafka = await startKafka({ dataDir, port, log })
  try {
    const own = clientOf(servers)
    const ownAdmin = own.admin()
    await ownAdmin.connect()
    await createTopics(ownAdmin, [{ topic, numPartitions: 1 }])
    const ownSend = async (message: Message) => {
      const ownProducer = own.producer({ createPartitioner: Partitioners.DefaultPartitioner })
      await ownProducer.connect()
      await ownProducer.send({ topic, messages: [message] })
      await ownProducer.disconnect()
    }
    await ownSend({ value: 'before' })
    await until(() => expect(recordsOf(waiting.invoker.events)).toHaveLength(1), 40_000)
    const isCommitted = (offset: string) =>
      until(
        async () =>
          expect(
            (await ownAdmin.fetchOffsets({ groupId: waiting.groupId, topics: [topic] }))[0]?.partitions,
          ).toMatchObject([{ offset }]),
        40_000,
      )
    await isCommitted('1')
    await ownSend({ value: 'while' })
    await until(() => expect(recordsOf(waiting.invoker.events)).toHaveLength(2), 40_000)
    await kafka.stop()
    await until(() => expect(says('does not answer; waiting')).toHaveLength(2))
    // Handled while nobody is there to take its commit: it is committed later, and does not come again.
    release()
    await until(() => expect(says('did not take a commit')).toHaveLength(1))
    kafka = await startKafka({ dataDir, port, log })
    await isCommitted('2')
    await ownSend({ value: 'after' })
    await until(
      () =>
        expect(recordsOf(waiting.invoker.events).map(({ value }) => text(value))).toEqual(['before', 'while', 'after']),
      40_000,
    )
    expect(says('answers again').length).toBeGreaterThanOrEqual(2)
    expect(says('does not answer; waiting')).toHaveLength(2)
    await ownAdmin.disconnect()
  } finally {
    for (const mapping of running.splice(0)) await mapping.stop(AbortSignal.abort())
    await kafka.stop()
    rmSync(dataDir, { recursive: true })
  }
}, 120_000)

test('a broker that advertises another machine is not followed there', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'microbatch-mapping-'))
  const port = await freePort()
  const internalPort = await freePort()
  // Its second listener is advertised as kafka:29092, for containers.
  const kafka = await startKafka({ dataDir, port, internalPort, log: () => undefined })
  try {
    const { log } = started(`t-${randomUUID()}`, succeeds(), {}, [`127.0.0.1:${internalPort}`])
    await until(() => expect(log.lines.join('\n')).toContain('--allow-remote kafka'))
  } finally {
    for (const mapping of running.splice(0)) await mapping.stop(AbortSignal.abort())
    await kafka.stop()
    rmSync(dataDir, { recursive: true })
  }
}, 60_000)
