// Makes invocations of the batches that close and of what failures left over, several at once. One that fails or waits holds up
// its own partitions only.

import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import type { Batcher } from '../batch/batcher.ts'
import * as limits from '../settings/limits.ts'
import type { MappingSettings } from '../settings/settings.ts'
import { type DeliveryOptions, deliver, later } from './delivery.ts'
import { type GrowingLimit, growingLimit } from './growing-limit.ts'
import { type PendingInvocation, pendingInvocation, sentBatch } from './pending-invocation.ts'
import { createPermits, noPermitLimits, type Permits } from './permits.ts'
import { createSchedule } from './schedule.ts'

export interface DispatcherOptions extends DeliveryOptions {
  readonly batcher: Batcher<KafkaRow>
  /** How many records of a partition were filtered out since this was last asked. */
  readonly takeFilteredOut: (partition: number) => number
  /** What waits or is in flight has changed; where `isHandled`, there may be something to commit. */
  readonly changed: (isHandled: boolean) => void
  /** Shared with the other mappings; left out, nothing is. */
  readonly permits?: Permits
}

/** @example const dispatcher = new Dispatcher(options); dispatcher.pump() */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #schedule = createSchedule<PendingInvocation>()
  /** What closed batches take in memory until they are done, by partition. */
  readonly #batchBytes = new Map<number, number>()
  readonly #inFlight = new Set<Promise<void>>()
  readonly #permits: Permits
  readonly #limit: GrowingLimit
  readonly #pump = (): void => this.pump()
  #timer: NodeJS.Timeout | undefined
  #isPaused = false

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#permits = options.permits ?? createPermits(noPermitLimits)
    this.#limit = limitOf(options.settings)
    options.stopping.addEventListener('abort', () => clearTimeout(this.#timer), { once: true })
  }

  /** Bytes of a partition in batches that are not done. */
  bytesOf(partition: number): number {
    return this.#batchBytes.get(partition) ?? 0
  }

  /** Begins no further invocation, batches that are to be tried again included; those in flight go on to their end. */
  pause(): void {
    this.#isPaused = true
    clearTimeout(this.#timer)
  }

  /** Lets `pump` begin invocations again. */
  resume(): void {
    this.#isPaused = false
  }

  /** Resolves when no invocation is in flight. */
  async idle(): Promise<void> {
    await Promise.all(this.#inFlight)
  }

  /** Begins what may begin, and sleeps until a window or a backoff ends. */
  pump(): void {
    clearTimeout(this.#timer)
    if (this.#isPaused) return
    const { functionKey } = this.#options.settings
    while (!this.#options.stopping.aborted && this.#inFlight.size < this.#limit.now()) {
      if (!this.#permits.isFree(functionKey, this.#inFlight.size)) {
        this.#permits.whenReleased(this.#pump)
        return
      }
      const nowMs = this.#options.nowMs()
      const pending = this.#schedule.next(nowMs) ?? this.#nextBatch(nowMs)
      if (pending === undefined) {
        this.#sleep(nowMs)
        return
      }
      this.#permits.take(functionKey)
      const running = this.#run(pending).finally(() => {
        this.#inFlight.delete(running)
        this.#permits.release(functionKey)
        this.pump()
      })
      this.#inFlight.add(running)
    }
  }

  #sleep(nowMs: number): void {
    const dueAtMs = Math.min(this.#options.batcher.dueAtMs() ?? Infinity, this.#schedule.dueAtMs() ?? Infinity)
    if (dueAtMs < Infinity) this.#timer = setTimeout(() => this.pump(), Math.max(0, dueAtMs - nowMs))
  }

  #nextBatch(nowMs: number): PendingInvocation | undefined {
    const { batcher, assigned, takeFilteredOut, events } = this.#options
    const batch = batcher.next(nowMs)
    if (batch === undefined) return undefined
    const { records, partitions, payloadBytes, openedAtMs } = batch
    const filteredOut = partitions.reduce((sum, partition) => sum + takeFilteredOut(partition), 0)
    const bytes = (payloadBytes + records.length * limits.recordOverheadBytes) / partitions.length
    for (const partition of partitions) this.#batchBytes.set(partition, bytes)
    const pending = pendingInvocation(batch, assigned, filteredOut, nowMs)
    events.publish({ kind: 'batchClosed', waitedMs: nowMs - openedAtMs, ...sentBatch(pending, records) })
    this.#schedule.add(pending)
    this.#options.changed(false)
    return this.#schedule.next(nowMs)
  }

  async #run(pending: PendingInvocation): Promise<void> {
    let retries: readonly PendingInvocation[]
    try {
      const delivered = await deliver(pending, this.#options)
      retries = delivered.retries
      if (delivered.failure === undefined) this.#limit.succeeded(this.#inFlight.size >= this.#limit.now())
      else this.#limit.failed(delivered.failure === 'throttled' || delivered.failure === 'unavailable')
    } catch (error) {
      this.#options.events.publish({ kind: 'defect', message: `the same records again: ${String(error)}` })
      retries = [later(pending, { ...pending, failuresInARow: pending.failuresInARow + 1 }, this.#options)]
    }
    this.#schedule.settle(pending, retries)
    for (const partition of pending.partitions) {
      if (this.#schedule.includes(partition)) continue
      this.#options.batcher.release([partition])
      this.#batchBytes.delete(partition)
    }
    this.#options.changed(true)
  }
}

/** On demand up to the number of partitions, since none is in two invocations; provisioned five for each poller. */
function limitOf({ pollers }: MappingSettings): GrowingLimit {
  if (pollers === undefined) return growingLimit(limits.firstInvocations, Number.POSITIVE_INFINITY)
  const [first, max] = [pollers.min * limits.invocationsPerPoller, pollers.max * limits.invocationsPerPoller]
  return growingLimit(Math.min(first, max), max)
}
