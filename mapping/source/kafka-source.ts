// The RecordSource over kafkajs: one consumer in the mapping's group and one admin client, made anew whenever kafkajs gives
// up, for ever. Positions are looked up and sought here, so that a rebalance keeps what is buffered and no read is skipped.

import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, Consumer } from 'kafkajs'
import { messageOf } from '../error.ts'
import { type Log, troubleStatus } from '../journal.ts'
import type { AllowedHosts } from '../safety.ts'
import type { KafkaSecurity } from '../settings/kafka-security.ts'
import type { StartingPosition } from '../settings/settings.ts'
import { commitOrThrow, isConnectionTrouble, kafkaClients, leave, rowsOf } from './kafka-clients.ts'
import { positionLookup } from './position-lookup.ts'
import { startOffset } from './positions.ts'
import type { RecordSource, SourceListener } from './record-source.ts'

export interface KafkaSourceOptions {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly groupId: string
  readonly startingPosition: StartingPosition
  readonly allowed: AllowedHosts
  readonly security?: KafkaSecurity | undefined
  readonly log: Log
  /** How long Kafka waits for a sign of life before it gives the partitions to another member. */
  readonly sessionTimeoutMs?: number
}

const restartDelayMs = 1_000
const topicPollMs = 1_000
const disconnectTimeoutMs = 5_000

/** @example const source = kafkaSource({ brokers: ['localhost:9092'], topic: 'stock-ticks', groupId: 'demo', … }) */
export function kafkaSource(options: KafkaSourceOptions): RecordSource {
  const { topic, log } = options
  const where = options.brokers.join(',')
  const connection = troubleStatus(log)
  const reading = troubleStatus(log)
  const refusal = troubleStatus(log)
  const closing = new AbortController()
  const pausedByMapping = new Set<number>()
  let held: readonly number[] = []
  const positions = positionLookup(options)
  /** Counts joinings of the group: what was looked up for an earlier one is void. */
  let joinings = 0
  let consumer: Consumer | undefined
  let lookingUp: Admin | undefined
  let running: Promise<void> = Promise.resolve()
  /** The offset that comes next, of partitions that were sought since the last joining; what else still arrives is from before. */
  const next = new Map<number, number>()
  const closed = new Promise<void>((resolve) =>
    closing.signal.addEventListener('abort', () => resolve(), { once: true }),
  )

  const answered = (): void => connection.over(`Kafka at ${where} answers again`)
  const unreachable = (): void => connection.trouble(`Kafka at ${where} does not answer; waiting`)

  async function session(listener: SourceListener): Promise<void> {
    const { admin, reader } = kafkaClients({
      ...options,
      unreachable,
      refused: (error) => refusal.trouble(error.message),
    })
    const hand: SourceListener['records'] = (partition, rows, nextOffset, endOffset) => {
      next.set(partition, nextOffset)
      listener.records(partition, rows, nextOffset, endOffset)
    }
    const crashed = Promise.withResolvers<never>()
    crashed.promise.catch(() => undefined)
    try {
      await orClosed(admin.connect())
      if (!(await untilTopicExists(admin, listener))) return
      reader.on(reader.events.CRASH, ({ payload }) => crashed.reject(payload.error))
      reader.on(reader.events.REQUEST, answered)
      reader.on(reader.events.GROUP_JOIN, ({ payload }) => {
        join(reader, admin, payload.memberAssignment[topic] ?? [], listener).catch(crashed.reject)
      })
      // A fetch in which Kafka's own filtering left nothing (aborted transactions, control records) ends without eachBatch.
      reader.on(reader.events.END_BATCH_PROCESS, ({ payload }) => {
        // One that began elsewhere was under way when the position was moved: it may pass nothing.
        const isDue = Number(payload.firstOffset) <= (next.get(payload.partition) ?? -1)
        if (payload.batchSize === 0 && isDue)
          hand(payload.partition, [], Number(payload.lastOffset) + 1, Number(payload.highWatermark))
      })
      await orClosed(reader.connect())
      // Positions are sought below. What is left to kafkajs is an offset that the log no longer covers: the earliest loses least.
      await reader.subscribe({ topic, fromBeginning: true })
      consumer = reader
      lookingUp = admin
      await reader.run({
        autoCommit: false,
        eachBatch: async ({ batch, isStale }) => {
          reading.over(`reading ${topic} again`)
          if (!isStale() && next.has(batch.partition))
            hand(batch.partition, rowsOf(batch), Number(batch.lastOffset()) + 1, Number(batch.highWatermark))
        },
      })
      await Promise.race([crashed.promise, closed])
    } finally {
      consumer = undefined
      lookingUp = undefined
      joinings += 1
      await leave([reader, admin], disconnectTimeoutMs)
    }
  }

  /** kafkajs's tries to connect cannot be called off: they are left behind when the mapping ends. */
  const orClosed = <T>(work: Promise<T>): Promise<T> =>
    Promise.race([work, closed.then(() => Promise.reject(new Error('closed')))])

  async function untilTopicExists(admin: Admin, listener: SourceListener): Promise<boolean> {
    let isMissing = false
    while (!closing.signal.aborted) {
      const topics = await orClosed(admin.listTopics())
      answered()
      if (topics.includes(topic)) {
        if (isMissing) log.notice(`topic ${topic} is there; going on`)
        return true
      }
      if (!isMissing) log.warning(`topic ${topic} does not exist on Kafka at ${where}; waiting for it`)
      if (!isMissing) listener.gone()
      isMissing = true
      positions.missing()
      await pause(topicPollMs)
    }
    return false
  }

  /** kafkajs calls this before it fetches for the new assignment: everything stands still until the positions are known. */
  async function join(reader: Consumer, admin: Admin, partitions: readonly number[], listener: SourceListener) {
    joinings += 1
    const joining = joinings
    const isCurrent = () => joining === joinings && !closing.signal.aborted
    listener.revoked(held.filter((partition) => !partitions.includes(partition)))
    held = [...partitions]
    next.clear()
    if (partitions.length === 0) return listener.joined()
    reader.pause([{ topic, partitions: [...partitions] }])
    while (isCurrent()) {
      try {
        const states = await positions.lookUp(admin, partitions)
        if (!isCurrent()) return
        for (const state of states) {
          const start = startOffset(state, options.startingPosition)
          const offset = listener.assigned({ ...state, start })
          if (start.from === 'outOfRange' && offset === start.offset)
            log.warning(
              `${topic}-${state.partition}: the commit ${state.committed} is no longer in the log; from ${offset}`,
            )
          reader.seek({ topic, partition: state.partition, offset: String(offset) })
          next.set(state.partition, offset)
          if (!pausedByMapping.has(state.partition)) reader.resume([{ topic, partitions: [state.partition] }])
        }
        return listener.joined()
      } catch (error) {
        log.debug(`positions of ${topic}: ${String(error)}`)
        if (!isCurrent()) return
        listener.failed()
        if (!isConnectionTrouble(error))
          reading.trouble(`cannot look up the positions of ${topic} at ${where}: ${messageOf(error)}; trying again`)
        await pause(topicPollMs)
      }
    }
  }

  async function pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: closing.signal }).catch(() => undefined)
  }

  async function sessions(listener: SourceListener): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await session(listener)
      } catch (error) {
        if (!closing.signal.aborted) listener.failed()
        if (!closing.signal.aborted && !isConnectionTrouble(error))
          reading.trouble(`cannot read ${topic} at ${where}: ${messageOf(error)}; trying again`)
      }
      await pause(restartDelayMs)
    }
  }

  return {
    start: (listener) => {
      running = sessions(listener)
    },
    pause: (partition) => {
      pausedByMapping.add(partition)
      consumer?.pause([{ topic, partitions: [partition] }])
    },
    resume: (partition) => {
      pausedByMapping.delete(partition)
      consumer?.resume([{ topic, partitions: [partition] }])
    },
    commit: async (offsets) => {
      if (consumer === undefined) throw new Error(`Kafka at ${where} is away`)
      await commitOrThrow(
        consumer,
        [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })),
      )
    },
    logStarts: async () => {
      if (lookingUp === undefined) throw new Error(`Kafka at ${where} is away`)
      const partitions = await lookingUp.fetchTopicOffsets(topic)
      return new Map(partitions.map(({ partition, low }) => [partition, Number(low)]))
    },
    close: async () => {
      closing.abort()
      await running
    },
  }
}
