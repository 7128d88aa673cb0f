// Sends what the batcher closes and what failures left over, several pieces at once, and says what came of each. A piece that
// fails or waits holds back its own partitions only; records count as handled when their piece succeeded or was discarded.

import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import type { Batch, Batcher } from '../batch/batcher.ts'
import { EventPayload } from '../batch/event-payload.ts'
import { createSchedule } from '../batch/schedule.ts'
import { markHandled, type PartitionOffsets } from '../commit/offsets.ts'
import { type DiscardOptions, discard } from '../destination/discards.ts'
import { batchLine, nameOf, sequelText, spansOf } from '../journal.ts'
import * as limits from '../settings/limits.ts'
import type { MappingSettings } from '../settings/settings.ts'
import { type DeliveryOptions, tryOnce, type Work } from './delivery.ts'
import { splitExpired } from './expiry.ts'
import type { InvokePayload } from './invoker.ts'
import { backoffMs, type Piece } from './retry.ts'

export interface DispatcherOptions extends Omit<DeliveryOptions, 'rules'>, DiscardOptions {
  readonly settings: MappingSettings
  readonly batcher: Batcher<KafkaRow>
  readonly held: ReadonlyMap<number, PartitionOffsets>
  /** How many records of a partition were filtered out since this was last asked. */
  readonly takeFilteredOut: (partition: number) => number
  readonly delivered: (payload: InvokePayload) => Promise<void>
  /** Where the topic's logs begin, by partition. */
  readonly logStarts: () => Promise<ReadonlyMap<number, number>>
  /** What waits or is under way has changed; where `isHandled`, there may be something to commit. */
  readonly changed: (isHandled: boolean) => void
  /** No further try is begun. */
  readonly stopping: AbortSignal
  readonly nowMs: () => number
  readonly random: () => number
}

/** @example const dispatcher = new Dispatcher(options); dispatcher.pump() */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #schedule = createSchedule<Work>()
  /** What batches under way take in memory, by partition. */
  readonly #batchBytes = new Map<number, number>()
  readonly #underWay = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: DispatcherOptions) {
    this.#options = options
    options.stopping.addEventListener('abort', () => clearTimeout(this.#timer), { once: true })
  }

  /** Bytes of a partition in batches that are not done. */
  bytesOf(partition: number): number {
    return this.#batchBytes.get(partition) ?? 0
  }

  /** Resolves when no invocation is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  /** Starts what can start, and sleeps until a window or a backoff ends. */
  pump(): void {
    clearTimeout(this.#timer)
    const { stopping, batcher } = this.#options
    while (!stopping.aborted && this.#underWay.size < this.#maxInvocations()) {
      const nowMs = this.#options.nowMs()
      const work = this.#schedule.next(nowMs) ?? this.#nextBatch(nowMs)
      if (work === undefined) {
        const dueAtMs = Math.min(batcher.dueAtMs() ?? Infinity, this.#schedule.dueAtMs() ?? Infinity)
        if (dueAtMs < Infinity) this.#timer = setTimeout(() => this.pump(), Math.max(0, dueAtMs - nowMs))
        return
      }
      const running = this.#run(work).finally(() => {
        this.#underWay.delete(running)
        this.pump()
      })
      this.#underWay.add(running)
    }
  }

  /** On demand as many as there are partitions, since none is in two of them; provisioned five for each poller. */
  #maxInvocations(): number {
    const { pollers } = this.#options.settings
    return pollers === undefined ? Infinity : pollers.max * limits.invocationsPerPoller
  }

  #nextBatch(nowMs: number): Work | undefined {
    const batch = this.#options.batcher.next(nowMs)
    if (batch === undefined) return undefined
    this.#schedule.add(this.#workOf(batch, nowMs))
    this.#options.changed(false)
    return this.#schedule.next(nowMs)
  }

  #workOf({ records, partitions, ...batch }: Batch<KafkaRow>, nowMs: number): Work {
    const owners = new Map<number, PartitionOffsets>()
    let filteredOut = 0
    const bytes = (batch.payloadBytes + records.length * limits.recordOverheadBytes) / partitions.length
    for (const partition of partitions) {
      const offsets = this.#options.held.get(partition)
      if (offsets !== undefined) owners.set(partition, offsets)
      filteredOut += this.#options.takeFilteredOut(partition)
      this.#batchBytes.set(partition, bytes)
    }
    const begun = { failures: 0, setbacks: 0, invocations: 0, dueAtMs: nowMs }
    return { rows: records, partitions, batch, owners, filteredOut, ...begun }
  }

  async #run(work: Work): Promise<void> {
    let again: readonly Work[]
    try {
      again = await this.#try(work)
    } catch (error) {
      this.#options.log.error(`a bug in the mapping, the same records again: ${String(error)}`)
      again = [this.#later(work, { ...work, setbacks: work.setbacks + 1 })]
    }
    this.#schedule.settle(work, again)
    for (const partition of work.partitions) {
      if (this.#schedule.holds(partition)) continue
      this.#options.batcher.release([partition])
      this.#batchBytes.delete(partition)
    }
    this.#options.changed(true)
  }

  /** @returns what is left of the work */
  async #try(work: Work): Promise<readonly Work[]> {
    const { settings, nowMs, origin, stopping } = this.#options
    const rows = await this.#withoutExpired(this.#stillHeld(work), work)
    if (rows.length === 0) return []

    const startedAtMs = nowMs()
    const tried = await tryOnce({ ...work, rows }, { ...this.#options, rules: settings })
    markHandled(tried.handled, work.owners)
    const invocations = work.invocations + (tried.isInvoked ? 1 : 0)
    const again = tried.again.map((piece) => this.#later({ ...work, invocations }, piece))
    const outcome =
      tried.trouble === undefined
        ? undefined
        : `${tried.trouble}; ${sequelText({ records: rows.length, discarded: tried.discarded.length, again, isStopping: stopping.aborted }, nowMs())}`
    this.#say(work, rows, nowMs() - startedAtMs, outcome)
    if (tried.handled.length > 0)
      await this.#options.delivered(tried.handled === rows ? tried.payload : new EventPayload(origin, tried.handled))
    if (tried.discarded.length > 0) {
      const condition = 'RetryAttemptsExhausted'
      const { functionError } = tried
      await discard(tried.discarded, { condition, invokeCount: invocations, functionError }, this.#options)
      markHandled(tried.discarded, work.owners)
    }
    return again
  }

  /** Records of a partition that went to another member are no longer this mapping's to send. */
  #stillHeld({ rows, partitions, owners }: Work): readonly KafkaRow[] {
    const { held } = this.#options
    const isHeld = (partition: number) => held.get(partition) === owners.get(partition)
    return partitions.every(isHeld) ? rows : rows.filter(({ partition }) => isHeld(partition))
  }

  async #withoutExpired(rows: readonly KafkaRow[], work: Work): Promise<readonly KafkaRow[]> {
    const { settings, epochMs, log } = this.#options
    const rules = { ...settings, nowEpochMs: epochMs(), logStarts: await this.#logStarts(work) }
    const { expired, left, why } = splitExpired(rows, rules)
    if (expired.length === 0) return rows
    log.warning(`${nameOf(settings, expired)}: ${why}`)
    const reason = { condition: 'RecordAgeExceeded', invokeCount: work.invocations, functionError: undefined } as const
    await discard(expired, reason, this.#options)
    markHandled(expired, work.owners)
    return left
  }

  /** Of a batch that has failed for long; none where it is not known. */
  async #logStarts({ setbacks }: Work): Promise<ReadonlyMap<number, number>> {
    if (setbacks < limits.setbacksBeforeExpiryIsLookedFor) return new Map()
    try {
      return await this.#options.logStarts()
    } catch (error) {
      this.#options.log.debug(`where the logs begin: ${String(error)}`)
      return new Map()
    }
  }

  #later(work: Work, piece: Piece<KafkaRow>): Work {
    const { rows, failures, setbacks } = piece
    return {
      ...work,
      ...{ rows, failures, setbacks },
      partitions: rows === work.rows ? work.partitions : [...new Set(rows.map(({ partition }) => partition))],
      dueAtMs: this.#options.nowMs() + backoffMs(setbacks, this.#options.random()),
    }
  }

  #say(work: Work, rows: readonly KafkaRow[], durationMs: number, trouble: string | undefined): void {
    const { log, settings } = this.#options
    const { reason, payloadBytes } = work.batch
    const { functionKey, topic } = settings
    const counts = { spans: spansOf(rows), reason, payloadBytes, filteredOut: work.filteredOut }
    const line = batchLine({ functionKey, topic, ...counts, durationMs, outcome: trouble ?? 'ok' })
    if (trouble === undefined) log.info(line)
    else log.warning(line)
  }
}
