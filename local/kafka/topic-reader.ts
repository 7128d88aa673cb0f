// Reads a topic: a bounded part of it once, or what comes from some offset on. It joins a consumer group of its own, under a
// random name, and commits nothing: what it reads is read by everybody else as if it had not been there.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { assertAllowedHost, hostOf } from 'serverless-offline-kafka-mapping/internal/safety'
import { kafkaClients, leave } from 'serverless-offline-kafka-mapping/internal/source/kafka-clients'
import type { KafkaAddress } from './connection.ts'
import type { OffsetRange, OffsetsAtTime, PartitionEnds } from './offset-range.ts'
import { RangeProgress } from './range-progress.ts'
import { type OnRecords, type Reading, readThrough, stalled, stallTimeoutMs } from './range-reading.ts'
import { missingTopic } from './topics.ts'

export interface TopicReaderOptions extends KafkaAddress {
  readonly topic: string
}

export interface ReadOptions {
  /** Told of each partition whose range is read to its end. */
  readonly onEnd?: (partition: number) => void
  /** Ends the reading before that. */
  readonly signal?: AbortSignal
}

export interface TopicReader {
  /** In the order of the partitions. */
  ends(): Promise<readonly PartitionEnds[]>
  atTime(epochMs: number): Promise<OffsetsAtTime>
  /** The offsets that a group has committed; a partition without a commit is not in it. */
  committed(groupId: string): Promise<ReadonlyMap<number, number>>
  /**
   * Every record of the ranges, in the order of each partition.
   * @throws LocalError KAFKA_UNAVAILABLE when Kafka goes away or has nothing more to give; what `onRecords` throws
   */
  read(ranges: readonly OffsetRange[], onRecords: OnRecords, options?: ReadOptions): Promise<void>
  /**
   * Every record from these offsets on, as they come, until the signal is aborted.
   * @throws LocalError KAFKA_UNAVAILABLE when Kafka goes away; what `onRecords` throws
   */
  follow(
    from: readonly Pick<OffsetRange, 'partition' | 'from'>[],
    onRecords: OnRecords,
    signal: AbortSignal,
  ): Promise<void>
  close(): Promise<void>
}

/** How long a Kafka that refuses is asked again, with a pause in between. */
const retryForMs = 10_000
const againAfterMs = 500

const goodbyeMs = 1_000

/**
 * @throws LocalError KAFKA_UNAVAILABLE when nothing answers there or the topic does not exist; REMOTE_REFUSED
 * @example const reader = await openTopic({ brokers: ['localhost:9092'], topic: 'orders', allowed: noRemoteHosts })
 */
export async function openTopic(options: TopicReaderOptions): Promise<TopicReader> {
  const { brokers, topic, allowed, security } = options
  const where = brokers.join(',')
  for (const broker of brokers) assertAllowedHost(hostOf(broker), 'the broker', allowed)
  let refusal: LocalError | undefined
  const refused = (error: LocalError) => {
    refusal = error
  }
  const clients = (groupId: string) =>
    kafkaClients({ brokers, consumerGroupId: groupId, allowed, security, debug() {}, unreachable() {}, refused })
  // kafkajs takes an address that was refused for one that does not answer
  const unavailable = (what: string, cause?: unknown) =>
    refusal ?? new LocalError('KAFKA_UNAVAILABLE', `Kafka at ${where} ${what}`, { cause })
  const { admin } = clients('unused')
  const ask = async <T>(question: () => Promise<T>): Promise<T> => {
    try {
      return await question()
    } catch (error) {
      throw unavailable(`did not answer: ${messageOf(error)}`, error)
    }
  }
  try {
    await admin.connect().catch((error: unknown) => {
      throw unavailable('does not answer. Does start run? Another Kafka is named by --brokers.', error)
    })
    const there = await ask(() => admin.listTopics())
    if (!there.includes(topic)) throw unavailable(missingTopic(topic, there))
  } catch (error) {
    await leave([admin], goodbyeMs) // a client that stays connected would keep the process
    throw error
  }

  async function through(options: Omit<Reading, 'reader' | 'topic'>) {
    const { progress, signal } = options
    let failingSinceMs: number | undefined
    while (!progress.isDone && signal?.aborted !== true) {
      const before = String(progress)
      const { reader } = clients(`microbatch-read-${randomUUID()}`)
      try {
        return await readThrough({ reader, topic, ...options })
      } catch (error) {
        if (error === stalled) throw unavailable(`gave nothing for ${stallTimeoutMs / 1000} s at ${progress}.`)
        if (!(error instanceof Error && /^KafkaJS/.test(error.name))) throw error
        // A broker that has just started does not know its groups yet; reading goes on where it was.
        if (failingSinceMs === undefined || String(progress) !== before) failingSinceMs = performance.now()
        if (performance.now() - failingSinceMs > retryForMs) throw unavailable(`went away: ${error.message}`, error)
      } finally {
        await reader.disconnect()
      }
      await delay(againAfterMs, undefined, signal === undefined ? {} : { signal }).catch(() => {})
    }
  }

  return {
    async ends() {
      const found = await ask(() => admin.fetchTopicOffsets(topic))
      return found
        .map(({ partition, low, high }) => ({ partition, earliest: Number(low), latest: Number(high) }))
        .sort((left, right) => left.partition - right.partition)
    },
    async atTime(epochMs) {
      const found = await ask(() => admin.fetchTopicOffsetsByTimestamp(topic, epochMs))
      return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]))
    },
    async committed(groupId) {
      const groups = await ask(() => admin.fetchOffsets({ groupId, topics: [topic] }))
      const commits = groups.flatMap(({ partitions }) => partitions)
      // Kafka answers -1 where the group has no commit
      return new Map(commits.map(({ partition, offset }) => [partition, Number(offset)] as const).filter(isCommit))
    },
    read: (ranges, onRecords, options) =>
      through({ ...options, progress: new RangeProgress(ranges), onRecords, isBounded: true }),
    follow(from, onRecords, signal) {
      const ranges = from.map((range) => ({ ...range, to: Number.POSITIVE_INFINITY }))
      return through({ progress: new RangeProgress(ranges), onRecords, signal, isBounded: false })
    },
    close: () => admin.disconnect(),
  }
}

const isCommit = ([, offset]: readonly [number, number]): boolean => offset >= 0
