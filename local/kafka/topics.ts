// The topics of a Kafka: made where they are missing, listed, described. Nothing here deletes.
import type { Admin } from 'kafkajs'
import { nearestName } from 'serverless-offline-kafka-mapping/internal/command/nearest-name'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'

export interface TopicPartition {
  readonly partition: number
  /** The broker that takes its records. */
  readonly leader: number
  readonly replicas: readonly number[]
  /** The first offset that is still there. */
  readonly earliest: number
  /** The offset that the next record gets. */
  readonly latest: number
}

/** Kafka's own: letters, digits, `.`, `_` and `-`, 249 of them at most (org.apache.kafka.common.internals.Topic). */
const topicName = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/

/**
 * Makes a topic where it is not there.
 * @returns whether it was made
 * @throws LocalError COMMAND_INVALID for a name that Kafka does not take
 * @example await makeTopic(admin, 'orders', 3) // true
 */
export async function makeTopic(admin: Admin, topic: string, partitions: number): Promise<boolean> {
  if (!topicName.test(topic)) {
    const takes = 'letters, digits, dots, underscores and hyphens, 249 at most'
    throw new LocalError('COMMAND_INVALID', `${topic} is no name for a topic: Kafka takes ${takes}.`)
  }
  return admin.createTopics({
    topics: [{ topic, numPartitions: partitions, replicationFactor: -1 }],
    waitForLeaders: true,
  })
}

/** Known as soon as a topic is made; its offsets are not, since a leader is named before it has opened its log. */
export async function partitionCount(admin: Admin, topic: string): Promise<number> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  return topics[0]?.partitions.length ?? 0
}

/** By their names; Kafka's own are left out. */
export async function listTopics(admin: Admin): Promise<ReadonlyMap<string, number>> {
  const names = (await admin.listTopics()).filter((name) => !name.startsWith('__'))
  if (names.length === 0) return new Map()
  const { topics } = await admin.fetchTopicMetadata({ topics: names })
  return new Map(
    topics.map(({ name, partitions }) => [name, partitions.length] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/**
 * @throws LocalError KAFKA_UNAVAILABLE naming a topic that is not there
 * @example (await describeTopic(admin, 'orders'))[0]?.latest // 1200
 */
export async function describeTopic(admin: Admin, topic: string): Promise<readonly TopicPartition[]> {
  await requireTopic(admin, topic)
  const [metadata] = (await admin.fetchTopicMetadata({ topics: [topic] })).topics
  const ends = new Map((await admin.fetchTopicOffsets(topic)).map((end) => [end.partition, end]))
  return (metadata?.partitions ?? [])
    .map(({ partitionId, leader, replicas }) => ({
      partition: partitionId,
      leader,
      replicas,
      earliest: Number(ends.get(partitionId)?.low ?? 0),
      latest: Number(ends.get(partitionId)?.high ?? 0),
    }))
    .sort((left, right) => left.partition - right.partition)
}

/** @example missingTopic('oders', ['orders']) // 'has no topic oders. Did you mean orders? …' */
export function missingTopic(topic: string, there: readonly string[]): string {
  const names = there.filter((name) => !name.startsWith('__')).toSorted()
  const nearest = nearestName(topic, names)
  const meant = nearest === undefined ? '' : ` Did you mean ${nearest}?`
  const shown = names.length > 10 ? [...names.slice(0, 10), '…'] : names
  const list = names.length === 0 ? 'It has none' : `It has ${shown.join(', ')}`
  return `has no topic ${topic}.${meant} ${list}. microbatch start makes those of the service; microbatch topic create NAME, any.`
}

/** A producer or reader would wait for a topic that is misspelt. @throws LocalError KAFKA_UNAVAILABLE */
export async function requireTopic(admin: Admin, topic: string): Promise<void> {
  const there = await admin.listTopics()
  if (!there.includes(topic)) throw new LocalError('KAFKA_UNAVAILABLE', `Kafka ${missingTopic(topic, there)}`)
}
