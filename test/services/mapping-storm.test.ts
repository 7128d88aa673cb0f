// A small storm: a second instance joins and leaves again and again while a failing function is fed four partitions. The
// promise: each record is handled at least once, first successes are in order, and no commit ever passes an unhandled record.

import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { expect, inject, test, vi } from 'vitest'
import type { KafkaEvent } from '../../lib/event/kafka-event.ts'
import { Mapping } from '../../mapping/mapping.ts'
import { noRemoteHosts } from '../../mapping/safety.ts'
import { kafkaSource } from '../../mapping/source/kafka-source.ts'
import { eventsInto, memoryInvoker, memoryLog, someSettings } from '../mapping/builders.ts'
import { createTopics } from './topic.ts'

const partitionCount = 4
const recordCount = 20_000

test('two instances, rebalances and failures: nothing skipped, order kept, no commit above an unhandled record', async () => {
  const brokers = inject('brokers')
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await Promise.all([admin.connect(), producer.connect()])
  const topic = `t-${randomUUID()}`
  const groupId = `g-${topic}`
  await createTopics(admin, [{ topic, numPartitions: partitionCount }])

  // Offsets in the order of their first success, by partition.
  const firstSuccesses = Array.from({ length: partitionCount }, () => new Set<number>())
  let handledCount = 0
  let invocations = 0
  const handler = async (event: KafkaEvent): Promise<undefined> => {
    invocations += 1
    await delay(invocations % 7)
    if (invocations % 60 === 0) throw new Error('told to')
    for (const records of Object.values(event.records))
      for (const { partition, offset } of records) {
        handledCount += 1
        firstSuccesses[partition]?.add(offset)
      }
  }

  const instance = (): Mapping => {
    const settings = someSettings({ topic, consumerGroupId: groupId, batchSize: 50, windowMs: 50 })
    const log = memoryLog()
    const events = eventsInto(log, settings)
    const mapping = new Mapping({
      settings,
      origin: { eventSource: 'SelfManagedKafka', bootstrapServers: brokers.join(',') },
      functionName: 'demo-dev-bars',
      functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:demo-dev-bars',
      filter: undefined,
      destination: undefined,
      epochMs: () => Date.now(),
      source: kafkaSource({ ...settings, brokers, allowed: noRemoteHosts, events, debug: log.debug }),
      invoker: memoryInvoker(handler),
      events,
      nowMs: () => performance.now(),
      random: () => 0.999,
    })
    mapping.start()
    return mapping
  }
  const gently = new AbortController().signal

  const commits = async (): Promise<ReadonlyArray<{ readonly partition: number; readonly offset: number }>> => {
    const [answer] = await admin.fetchOffsets({ groupId, topics: [topic] })
    return (answer?.partitions ?? []).map(({ partition, offset }) => ({ partition, offset: Number(offset) }))
  }
  const expectNoCommitAboveUnhandled = async (): Promise<void> => {
    for (const { partition, offset } of await commits())
      for (let below = 0; below < offset; below += 1)
        if (firstSuccesses[partition]?.has(below) !== true)
          throw new Error(`partition ${partition} is committed at ${offset}, but ${below} is not handled`)
  }

  const first = instance()
  let second: Mapping | undefined
  try {
    const producing = (async () => {
      for (let sent = 0; sent < recordCount; sent += 500) {
        const messages = Array.from({ length: 500 }, (_, index) => ({
          key: `k${(sent + index) % 97}`,
          value: `${sent}`,
        }))
        await producer.send({ topic, messages })
        await delay(100)
      }
    })()
    for (let turn = 0; turn < 6; turn += 1) {
      await delay(1_200)
      await expectNoCommitAboveUnhandled()
      if (second === undefined) second = instance()
      else {
        // Every other time it does not wait for its function.
        await second.stop(turn % 4 === 1 ? AbortSignal.abort() : gently)
        second = undefined
      }
    }
    await producing
    const ends = await admin.fetchTopicOffsets(topic)
    expect(ends.reduce((sum, { high }) => sum + Number(high), 0)).toBe(recordCount)
    await vi.waitFor(
      async () => {
        await expectNoCommitAboveUnhandled()
        expect(new Map((await commits()).map((commit) => [commit.partition, commit.offset]))).toEqual(
          new Map(ends.map(({ partition, high }) => [partition, Number(high)])),
        )
      },
      { timeout: 60_000, interval: 500 },
    )
    for (const successes of firstSuccesses) {
      const order = [...successes]
      expect(order).toEqual(order.toSorted((a, b) => a - b))
    }
    console.log(
      `storm: ${recordCount} records, ${invocations} invocations, ${handledCount - recordCount} handled twice`,
    )
  } finally {
    await first.stop(AbortSignal.abort())
    await second?.stop(AbortSignal.abort())
    await Promise.all([admin.disconnect(), producer.disconnect()])
  }
}, 120_000)
