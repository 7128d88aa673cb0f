// Mappings on the real Kafka of the service tests, with a function in memory; stopped after the tests.

import { randomUUID } from 'node:crypto'
import { type Admin, Kafka, logLevel, type Message, Partitioners, type Producer } from 'kafkajs'
import { afterAll, beforeAll, inject, vi } from 'vitest'
import type { KafkaEvent, WireRecord } from '../../lib/event/kafka-event.ts'
import { Mapping, type MappingOptions } from '../../mapping/mapping.ts'
import { noRemoteHosts } from '../../mapping/safety.ts'
import type { MappingSettings } from '../../mapping/settings/settings.ts'
import { kafkaSource } from '../../mapping/source/kafka-source.ts'
import { eventsInto, memoryInvoker, memoryLog, someSettings } from '../mapping/builders.ts'
import { createTopics } from './topic.ts'

export interface OnKafka {
  readonly admin: Admin
  readonly topic: (partitions?: number) => Promise<string>
  readonly send: (topic: string, messages: Message[]) => Promise<unknown>
  readonly commits: (groupId: string, topic: string) => Promise<Record<number, number>>
}

/** To be called once in a test file: its clients connect before the tests and leave after them. */
export function onKafka(): () => OnKafka {
  let admin: Admin
  let producer: Producer
  beforeAll(async () => {
    const kafka = new Kafka({ brokers: inject('brokers'), logLevel: logLevel.NOTHING })
    admin = kafka.admin()
    producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await Promise.all([admin.connect(), producer.connect()])
  })
  // Not after each test: some run at the same time.
  afterAll(async () => {
    await Promise.all(running.splice(0).map((mapping) => mapping.stop(AbortSignal.abort())))
    await Promise.all([admin.disconnect(), producer.disconnect()])
  })
  // kafkajs's admin stumbles over topics that it makes at the same time.
  let made: Promise<unknown> = Promise.resolve()
  return () => ({
    admin,
    topic: async (numPartitions = 1) => {
      const topic = `t-${randomUUID()}`
      made = made.then(() => createTopics(admin, [{ topic, numPartitions }]))
      await made
      return topic
    },
    send: (topic, messages) => producer.send({ topic, messages }),
    commits: async (groupId, topic) => {
      const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] })
      return Object.fromEntries((answer?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)]))
    },
  })
}

const running: Mapping[] = []

export function started(
  topic: string,
  handler: Parameters<typeof memoryInvoker>[0],
  settings: Partial<MappingSettings> = {},
  more: Partial<MappingOptions> & { readonly sessionTimeoutMs?: number } = {},
) {
  const given = someSettings({ topic, consumerGroupId: `g-${topic}`, batchSize: 100, windowMs: 100, ...settings })
  const log = memoryLog()
  const invoker = memoryInvoker(handler)
  const brokers = inject('brokers')
  const events = eventsInto(log, given)
  const mapping = new Mapping({
    settings: given,
    origin: { eventSource: 'SelfManagedKafka', bootstrapServers: brokers.join(',') },
    functionName: 'demo-dev-bars',
    functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:demo-dev-bars',
    source: kafkaSource({
      ...given,
      ...{ brokers, allowed: noRemoteHosts, events, debug: log.debug },
      ...(more.sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs: more.sessionTimeoutMs }),
    }),
    invoker,
    filter: undefined,
    destination: undefined,
    events,
    nowMs: () => performance.now(),
    epochMs: () => Date.now(),
    random: () => 0.999,
    ...more,
  })
  mapping.start()
  running.push(mapping)
  return { mapping, log, events: invoker.events, groupId: given.consumerGroupId }
}

export const until = (check: () => void | Promise<void>, timeout = 30_000): Promise<void> =>
  vi.waitFor(check, { timeout, interval: 20 })

export const recordsOf = (events: readonly KafkaEvent[]): WireRecord[] =>
  events.flatMap((event) => Object.values(event.records).flat())

export const values = (count: number, partition = 0): Message[] =>
  Array.from({ length: count }, (_, index) => ({ partition, value: `v${index}` }))
