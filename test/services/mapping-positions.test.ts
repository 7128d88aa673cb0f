import { setTimeout as delay } from 'node:timers/promises'
import { expect, inject, test } from 'vitest'
import { kafkaDestination } from '../../mapping/destination/kafka-topic.ts'
import { noRemoteHosts } from '../../mapping/safety.ts'
import { aRow, memoryLog } from '../mapping/builders.ts'
import { onKafka, recordsOf, started, until, values } from './a-mapping.ts'
import { createTopics } from './topic.ts'

const kafka = onKafka()
const succeeds = async () => undefined
const someDiscarded = {
  origin: { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' },
  condition: 'RetryAttemptsExhausted',
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:demo-dev-bars',
  ...{ requestId: 'r', invokeCount: 1, functionError: 'Unhandled', atMs: 0 },
} as const

// The waits of these are the broker's: they are waited together.
test.concurrent('heartbeats go on while a handler runs longer than the session: no rebalance, no second delivery', async ({
  expect,
}) => {
  const { topic, send, commits } = kafka()
  const name = await topic()
  await send(name, values(2))
  // 14 minutes against a session of 10 s on AWS's scale; 14 s against 6 s, the broker's least, here.
  const slow = started(name, () => delay(14_000, undefined), {}, { sessionTimeoutMs: 6_000 })
  await until(async () => expect(await commits(slow.groupId, name)).toEqual({ 0: 2 }))
  expect(slow.events).toHaveLength(1)
  expect(slow.log.lines.filter((line) => /rebalanc|rejoin|UNKNOWN_MEMBER/i.test(line))).toEqual([])
})

test.concurrent('a partition that is added while running is read from its first record, also with LATEST', async ({
  expect,
}) => {
  const { topic, send, commits, admin } = kafka()
  const name = await topic()
  const { events, groupId } = started(name, succeeds, { startingPosition: { kind: 'LATEST' } })
  await until(async () => expect(await commits(groupId, name)).toEqual({ 0: 0 }))
  await admin.createPartitions({ topicPartitions: [{ topic: name, count: 2 }] })
  await send(name, values(3, 1))
  await until(() => expect(recordsOf(events).map(({ partition, offset }) => [partition, offset])).toHaveLength(3))
  await until(async () => expect(await commits(groupId, name)).toEqual({ 0: 0, 1: 3 }))
})

test.concurrent('a commit below the log is said, and reading goes on where the log begins', async ({ expect }) => {
  const { topic, send, admin } = kafka()
  const name = await topic()
  await send(name, values(6))
  await admin.setOffsets({ groupId: `g-${name}`, topic: name, partitions: [{ partition: 0, offset: '1' }] })
  await until(async () => admin.deleteTopicRecords({ topic: name, partitions: [{ partition: 0, offset: '4' }] }))
  const { events, log } = started(name, succeeds)
  await until(() => expect(recordsOf(events).map(({ offset }) => offset)).toEqual([4, 5]))
  expect(log.lines.join()).toContain('the commit 1 is no longer in the log; from 4')
})

test.concurrent.each(['TRIM_HORIZON', 'LATEST'] as const)(
  'a topic that is deleted and made anew while running is read whole: %s',
  async (kind) => {
    const { topic, send, commits, admin } = kafka()
    const name = await topic()
    const { events, groupId, log } = started(name, succeeds, { startingPosition: { kind } })
    await until(async () => expect(await commits(groupId, name)).toEqual({ 0: kind === 'LATEST' ? 0 : -1 }))
    await send(name, values(5))
    await until(async () => expect(await commits(groupId, name)).toEqual({ 0: 5 }))
    // kafkajs asks again where the answer is slow, and is then told that there is no such topic; it is waited for just below.
    await admin.deleteTopics({ topics: [name] }).catch(() => undefined)
    await until(() => expect(log.lines.join()).toContain(`topic ${name} does not exist`))
    await createTopics(admin, [{ topic: name, numPartitions: 1 }])
    await send(name, values(8))
    await until(async () => expect(await commits(groupId, name)).toEqual({ 0: 8 }))
    expect(recordsOf(events).map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6, 7])
  },
)

test.concurrent('records that Kafka lets go while the function fails are given up, as AWS does when messages expire', async ({
  expect,
}) => {
  const { topic, send, commits, admin } = kafka()
  const name = await topic()
  await send(name, values(3))
  const { events, groupId } = started(name, async (event) => {
    if (recordsOf([event]).some(({ offset }) => offset < 3)) throw new Error('told to')
    return undefined
  })
  await until(() => expect(events).toHaveLength(1))
  // kafkajs's admin may look for a leader that it has not heard of yet.
  await until(async () => admin.deleteTopicRecords({ topic: name, partitions: [{ partition: 0, offset: '3' }] }))
  await send(name, values(1))
  await until(async () => expect(await commits(groupId, name)).toEqual({ 0: 4 }))
  expect(recordsOf(events.slice(-1)).map(({ offset }) => offset)).toEqual([3])
})

test('local-mapping.md 4.4: a Kafka destination gets each record under its old key, without one over all partitions', async () => {
  const { topic, send, commits } = kafka()
  const [name, failed] = await Promise.all([topic(), topic(2)])
  await send(name, [{ key: 'k', value: 'a' }, { value: 'b' }])
  const destination = kafkaDestination(failed, { brokers: inject('brokers'), allowed: noRemoteHosts, log: memoryLog() })
  const failing = async () => {
    throw new Error('told to')
  }
  const { groupId } = started(name, failing, { maxRetries: 0 }, { destination })
  await until(async () => expect(await commits(groupId, name)).toEqual({ 0: 2 }))
  const reader = started(failed, succeeds)
  await until(() => expect(recordsOf(reader.events)).toHaveLength(2))
  const messages = recordsOf(reader.events).map(({ key, value }) => ({
    key: key === undefined || key === null ? undefined : Buffer.from(key, 'base64').toString(),
    ...JSON.parse(Buffer.from(value ?? '', 'base64').toString()),
  }))
  expect(messages.map(({ key }) => key).toSorted()).toEqual(['k', undefined])
  expect(messages.find(({ key }) => key === 'k')).toMatchObject({
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1 },
    KafkaBatchInfo: { batchSize: 1, recordInfo: { offset: '0' } },
    payload: {
      eventSource: 'SelfManagedKafka',
      records: { [`${name}-0`]: [{ offset: 0, key: 'aw==', value: 'YQ==' }] },
    },
  })
})

test('a Kafka destination takes more than fits one request; only what is too large for the topic is dropped', async () => {
  const { topic } = kafka()
  const failed = await topic()
  const destination = kafkaDestination(failed, { brokers: inject('brokers'), allowed: noRemoteHosts, log: memoryLog() })
  const rows = Array.from({ length: 2_000 }, (_, offset) => aRow({ offset, value: Buffer.alloc(500, 'x') }))
  rows.splice(1_000, 0, aRow({ offset: 9_999, value: Buffer.alloc(1_500_000) }))
  const discarded = { ...someDiscarded, rows }
  await expect(destination.send(discarded)).rejects.toMatchObject({ name: 'UndeliveredError', count: 1 })
  await destination.close()
  const reader = started(failed, succeeds)
  await until(() => expect(recordsOf(reader.events)).toHaveLength(2_000))
  const offsets = recordsOf(reader.events).map(({ value }) =>
    Number(JSON.parse(Buffer.from(value ?? '', 'base64').toString()).KafkaBatchInfo.recordInfo.offset),
  )
  expect(offsets).toEqual([...Array(2_000).keys()])
})

test('a Kafka destination that does not exist is not made, and the records are dropped and counted', async () => {
  const { topic, send, commits, admin } = kafka()
  const name = await topic()
  await send(name, values(1))
  const missing = `${name}-failed`
  const destination = kafkaDestination(missing, {
    brokers: inject('brokers'),
    allowed: noRemoteHosts,
    log: memoryLog(),
  })
  const failing = async () => {
    throw new Error('told to')
  }
  const { groupId, mapping } = started(name, failing, { maxRetries: 0 }, { destination })
  await until(async () => expect(await commits(groupId, name)).toEqual({ 0: 1 }))
  expect(mapping.metrics.sums()).toMatchObject({ DroppedEventCount: 1, OnFailureDestinationDeliveryErrorCount: 1 })
  expect(await admin.listTopics()).not.toContain(missing)
})
