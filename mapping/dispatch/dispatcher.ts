// Makes invocations of the batches that close and of what failures left over, several at once. One that fails or waits holds up
// its own partitions only.

import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import type { Batcher } from '../batch/batcher.ts'
import * as limits from '../settings/limits.ts'
import { type DeliveryOptions, deliver, later } from './delivery.ts'
import { type PendingInvocation, pendingInvocation, sentBatch } from './pending-invocation.ts'
import { createSchedule } from './schedule.ts'

export interface DispatcherOptions extends DeliveryOptions {
  readonly batcher: Batcher<KafkaRow>
  /** How many records of a partition were filtered out since this was last asked. */
  readonly takeFilteredOut: (partition: number) => number
  /** What waits or is in flight has changed; where `isHandled`, there may be something to commit. */
  readonly changed: (isHandled: boolean) => void
}

/** @example const dispatcher = new Dispatcher(options); dispatcher.pump() */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #schedule = createSchedule<PendingInvocation>()
  /** What closed batches take in memory until they are done, by partition. */
  readonly #batchBytes = new Map<number, number>()
  readonly #inFlight = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: DispatcherOptions) {
    this.#options = options
    options.stopping.addEventListener('abort', () => clearTimeout(this.#timer), { once: true })
  }

  /** Bytes of a partition in batches that are not done. */
  bytesOf(partition: number): number {
    return this.#batchBytes.get(partition) ?? 0
  }

  /** Resolves when no invocation is in flight. */
  async idle(): Promise<void> {
    await Promise.all(this.#inFlight)
  }

  /** Begins what may begin, and sleeps until a window or a backoff ends. */
  pump(): void {
    clearTimeout(this.#timer)
    while (!this.#options.stopping.aborted && this.#inFlight.size < this.#maxInvocations()) {
      const nowMs = this.#options.nowMs()
      const pending = this.#schedule.next(nowMs) ?? this.#nextBatch(nowMs)
      if (pending === undefined) {
        this.#sleep(nowMs)
        return
      }
      const running = this.#run(pending).finally(() => {
        this.#inFlight.delete(running)
        this.pump()
      })
      this.#inFlight.add(running)
    }
  }

  #sleep(nowMs: number): void {
    const dueAtMs = Math.min(this.#options.batcher.dueAtMs() ?? Infinity, this.#schedule.dueAtMs() ?? Infinity)
    if (dueAtMs < Infinity) this.#timer = setTimeout(() => this.pump(), Math.max(0, dueAtMs - nowMs))
  }

  /** On demand as many as there are partitions, since none is in two of them; provisioned five for each poller. */
  #maxInvocations(): number {
    const { pollers } = this.#options.settings
    return pollers === undefined ? Infinity : pollers.max * limits.invocationsPerPoller
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
      retries = await deliver(pending, this.#options)
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
