// One membership of the consumer group, from connecting to its end: a kafkajs consumer and an admin client, made once and never
// restarted. Positions are looked up and sought here, so that a rebalance keeps what is buffered and no read is skipped.

import type { Admin, Consumer } from 'kafkajs'
import { commitOrThrow, kafkaClients, leave, rowsOf } from './kafka-clients.ts'
import type { KafkaSourceOptions, SharedBetweenMemberships } from './membership-options.ts'
import { startOffset } from './positions.ts'
import type { SourceListener } from './record-source.ts'
import { topicExists } from './topic-wait.ts'

const disconnectTimeoutMs = 5_000
const positionsRetryMs = 1_000

/** @example await new Membership(options, shared, listener).run() */
export class Membership {
  readonly #options: KafkaSourceOptions
  readonly #shared: SharedBetweenMemberships
  readonly #listener: SourceListener
  readonly #admin: Admin
  readonly #reader: Consumer
  /** The offset that comes next, of partitions that were sought since the last joining; what else still arrives is from before. */
  readonly #next = new Map<number, number>()
  /** Counts joinings of the group: what was looked up for an earlier one is void. */
  #joinings = 0
  readonly #leaving = Promise.withResolvers<void>()
  #isReading = false

  constructor(options: KafkaSourceOptions, shared: SharedBetweenMemberships, listener: SourceListener) {
    this.#options = options
    this.#shared = shared
    this.#listener = listener
    const { admin, reader } = kafkaClients({
      ...options,
      unreachable: shared.status.unreachable,
      refused: ({ message }) => options.events.publish({ kind: 'brokerRefused', message }),
    })
    this.#admin = admin
    this.#reader = reader
  }

  get isReading(): boolean {
    return this.#isReading
  }

  /** Ends it: `run` resolves, and another may take its place. */
  leave(): void {
    this.#leaving.resolve()
  }

  /** Resolves when the source closes, or after `leave`. @throws (rejects) what ended it before */
  async run(): Promise<void> {
    const { closing, status } = this.#shared
    const { topic } = this.#options
    const reader = this.#reader
    const crashed = Promise.withResolvers<never>()
    crashed.promise.catch(() => undefined)
    try {
      await closing.or(this.#admin.connect())
      if (!(await topicExists(this.#admin, this.#options, this.#shared, this.#listener))) return
      this.#listen(crashed.reject)
      await closing.or(reader.connect())
      // Positions are sought below. What is left to kafkajs is an offset that the log no longer covers: the earliest loses least.
      await reader.subscribe({ topic, fromBeginning: true })
      this.#isReading = true
      await reader.run({
        autoCommit: false,
        eachBatch: async ({ batch, isStale }) => {
          status.reading()
          if (isStale() || !this.#next.has(batch.partition)) return
          this.#handOver(batch.partition, rowsOf(batch), Number(batch.lastOffset()) + 1, Number(batch.highWatermark))
        },
      })
      await Promise.race([crashed.promise, closing.begun, this.#leaving.promise])
    } finally {
      this.#isReading = false
      this.#joinings += 1
      this.#next.clear()
      await leave([reader, this.#admin], disconnectTimeoutMs)
    }
  }

  pause(partition: number): void {
    if (this.#isReading) this.#reader.pause([{ topic: this.#options.topic, partitions: [partition] }])
  }

  resume(partition: number): void {
    if (this.#isReading) this.#reader.resume([{ topic: this.#options.topic, partitions: [partition] }])
  }

  /** @throws (rejects) where the broker does not take it */
  async commit(offsets: ReadonlyMap<number, number>): Promise<void> {
    const { topic } = this.#options
    const given = [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) }))
    await commitOrThrow(this.#reader, given)
  }

  async logStarts(): Promise<ReadonlyMap<number, number>> {
    const partitions = await this.#admin.fetchTopicOffsets(this.#options.topic)
    return new Map(partitions.map(({ partition, low }) => [partition, Number(low)]))
  }

  #listen(crashed: (error: unknown) => void): void {
    const reader = this.#reader
    reader.on(reader.events.CRASH, ({ payload }) => crashed(payload.error))
    reader.on(reader.events.REQUEST, this.#shared.status.answered)
    reader.on(reader.events.GROUP_JOIN, ({ payload }) => {
      this.#join(payload.memberAssignment[this.#options.topic] ?? []).catch(crashed)
      void this.#tellOthers(payload.memberId)
    })
    // A fetch in which Kafka's own filtering left nothing (aborted transactions, control records) ends without eachBatch.
    reader.on(reader.events.END_BATCH_PROCESS, ({ payload }) => {
      // One that began elsewhere was in flight when the position was moved: it may not move it again.
      const isDue = Number(payload.firstOffset) <= (this.#next.get(payload.partition) ?? -1)
      if (payload.batchSize === 0 && isDue)
        this.#handOver(payload.partition, [], Number(payload.lastOffset) + 1, Number(payload.highWatermark))
    })
  }

  /** Once for a start: whoever shares the group gets records that then do not come here. */
  async #tellOthers(ownId: string): Promise<void> {
    if (this.#shared.areOthersTold) return
    try {
      const { groups } = await this.#admin.describeGroups([this.#options.consumerGroupId])
      const members = groups.flatMap((group) => group.members).filter(({ memberId }) => memberId !== ownId)
      if (members.length === 0 || this.#shared.areOthersTold) return
      this.#shared.areOthersTold = true
      const others = members.map(({ clientId, clientHost }) => `${clientId} at ${clientHost.replace(/^\//, '')}`)
      this.#options.events.publish({ kind: 'groupShared', others })
    } catch {
      // Nothing depends on it, and the next joining asks again.
    }
  }

  #handOver: SourceListener['records'] = (partition, rows, nextOffset, endOffset) => {
    this.#next.set(partition, nextOffset)
    this.#listener.records(partition, rows, nextOffset, endOffset)
  }

  /** kafkajs calls this before it fetches for the new assignment: everything stands still until the positions are known. */
  async #join(partitions: readonly number[]): Promise<void> {
    const { closing, status, assigned } = this.#shared
    this.#joinings += 1
    const joining = this.#joinings
    const isCurrent = () => joining === this.#joinings && !closing.hasBegun
    this.#listener.revoked(assigned.filter((partition) => !partitions.includes(partition)))
    this.#shared.assigned = [...partitions]
    this.#next.clear()
    if (partitions.length === 0) return this.#listener.joined()
    this.#reader.pause([{ topic: this.#options.topic, partitions: [...partitions] }])
    while (isCurrent()) {
      try {
        await this.#seek(partitions, isCurrent)
        return
      } catch (error) {
        if (!isCurrent()) return
        status.failed('positions', error)
        await closing.sleep(positionsRetryMs)
      }
    }
  }

  async #seek(partitions: readonly number[], isCurrent: () => boolean): Promise<void> {
    const { topic, startingPosition } = this.#options
    const states = await this.#shared.positions.lookUp(this.#admin, partitions)
    if (!isCurrent()) return
    for (const state of states) {
      const { partition } = state
      const offset = this.#listener.assigned({ ...state, start: startOffset(state, startingPosition) })
      this.#reader.seek({ topic, partition, offset: String(offset) })
      this.#next.set(partition, offset)
      if (!this.#shared.paused.has(partition)) this.#reader.resume([{ topic, partitions: [partition] }])
    }
    this.#listener.joined()
  }
}
