// Reads a bounded part of a topic once. It joins a consumer group of its own, under a random name, and commits nothing: what
// it reads is read by everybody else as if it had not been there.
import { randomUUID } from 'node:crypto'
import type { Consumer } from 'kafkajs'
import type { KafkaRow } from 'microbatch'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { type AllowedHosts, assertAllowedHost, hostOf } from 'serverless-offline-kafka-mapping/internal/safety'
import type { KafkaSecurity } from 'serverless-offline-kafka-mapping/internal/settings/kafka-security'
import { kafkaClients, leave, rowsOf } from 'serverless-offline-kafka-mapping/internal/source/kafka-clients'
import type { OffsetRange, OffsetsAtTime, PartitionEnds } from './offset-range.ts'

export interface TopicReaderOptions {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly allowed: AllowedHosts
  /** Left out: plaintext, no credentials. */
  readonly security?: KafkaSecurity
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
  read(ranges: readonly OffsetRange[], onRecords: (records: readonly KafkaRow[]) => unknown): Promise<void>
  close(): Promise<void>
}

/** A transaction that is still open holds back what follows it; nothing else makes a range end so late. */
const stallTimeoutMs = 30_000

const goodbyeMs = 1_000

/**
 * @throws LocalError KAFKA_UNAVAILABLE when nothing answers there or the topic does not exist; REMOTE_REFUSED
 * @example const reader = await openTopic({ brokers: ['localhost:9092'], topic: 'stock-ticks', allowed: noRemoteHosts })
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
      throw unavailable(`did not answer: ${error instanceof Error ? error.message : String(error)}`, error)
    }
  }
  try {
    await admin.connect().catch((error: unknown) => {
      throw unavailable('does not answer. Does npm start run? Another Kafka is named by KAFKA_BROKERS.', error)
    })
    if (!(await ask(() => admin.listTopics())).includes(topic))
      throw unavailable(`has no topic ${topic}. Another one is named by TOPIC.`)
  } catch (error) {
    await leave([admin], goodbyeMs) // a client that stays connected would keep the process
    throw error
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
    async read(ranges, onRecords) {
      const progress = new RangeProgress(ranges)
      if (progress.isDone) return
      const { reader } = clients(`microbatch-read-${randomUUID()}`)
      try {
        await readThrough(reader, topic, progress, onRecords)
      } catch (error) {
        if (error instanceof Error && /^KafkaJS/.test(error.name))
          throw unavailable(`went away: ${error.message}`, error)
        if (error === stalled) throw unavailable(`gave nothing for ${stallTimeoutMs / 1000} s at ${progress}.`)
        throw error
      } finally {
        await reader.disconnect()
      }
    },
    close: () => admin.disconnect(),
  }
}

const isCommit = ([, offset]: readonly [number, number]): boolean => offset >= 0

const stalled = new Error('stalled')

async function readThrough(
  reader: Consumer,
  topic: string,
  progress: RangeProgress,
  onRecords: (records: readonly KafkaRow[]) => unknown,
): Promise<void> {
  const finished = Promise.withResolvers<void>()
  const stall = setTimeout(() => finished.reject(stalled), stallTimeoutMs)
  const advance = (partition: number, next: number) => {
    if (progress.advance(partition, next)) stall.refresh()
    if (progress.isDone) finished.resolve()
  }
  reader.on(reader.events.CRASH, ({ payload }) => finished.reject(payload.error))
  // Where to read is known before the first fetch; a joining may come again, after a connection that was lost.
  reader.on(reader.events.GROUP_JOIN, () => {
    for (const { partition, next } of progress.open) reader.seek({ topic, partition, offset: String(next) })
  })
  // A fetch in which Kafka's own filtering left nothing (aborted transactions, control records) ends without eachBatch.
  reader.on(reader.events.END_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize === 0) advance(payload.partition, Number(payload.lastOffset) + 1)
  })
  try {
    await reader.connect()
    // From the beginning: whatever is fetched before the seek lies below the range, and is passed over.
    await reader.subscribe({ topic, fromBeginning: true })
    await reader.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        try {
          const records = rowsOf(batch).filter((row) => progress.wants(row.partition, row.offset))
          if (records.length > 0) await onRecords(records)
          advance(batch.partition, Number(batch.lastOffset()) + 1)
        } catch (error) {
          finished.reject(error) // kafkajs would deliver the batch again
        }
      },
    })
    await finished.promise
  } finally {
    clearTimeout(stall)
    finished.promise.catch(() => undefined) // the reason is thrown already
  }
}

/** How far each partition is. A record is taken once, however often it is delivered. */
class RangeProgress {
  readonly #partitions: ReadonlyMap<number, { next: number; readonly to: number }>

  constructor(ranges: readonly OffsetRange[]) {
    this.#partitions = new Map(ranges.map(({ partition, from, to }) => [partition, { next: from, to }]))
  }

  get open(): readonly { readonly partition: number; readonly next: number }[] {
    return [...this.#partitions]
      .filter(([, { next, to }]) => next < to)
      .map(([partition, { next }]) => ({ partition, next }))
  }

  get isDone(): boolean {
    return this.open.length === 0
  }

  wants(partition: number, offset: number): boolean {
    const range = this.#partitions.get(partition)
    return range !== undefined && offset >= range.next && offset < range.to
  }

  /** @returns whether that was news */
  advance(partition: number, next: number): boolean {
    const range = this.#partitions.get(partition)
    if (range === undefined || next <= range.next) return false
    range.next = next
    return true
  }

  toString(): string {
    return this.open.map(({ partition, next }) => `${partition}:${next}`).join(' ')
  }
}
