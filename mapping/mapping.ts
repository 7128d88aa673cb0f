// One event source mapping while it runs: what its source reads goes through the filter into the batcher, the dispatcher
// sends it, and offsets are committed when, and only when, their records are handled. It fails for nobody: what goes wrong
// is said, and tried again or discarded by the mapping's rules.

import type { EventOrigin } from '../lib/event/kafka-event.ts'
import type { KafkaRow } from '../lib/event/kafka-row.ts'
import { type Batcher, createBatcher } from './batch/batcher.ts'
import { createBufferGate } from './batch/buffer-gate.ts'
import { envelopeBytes, partitionBytes, recordSize } from './batch/payload-size.ts'
import { Committer } from './commit/committer.ts'
import { heldPartitions } from './commit/held-partitions.ts'
import type { Destination } from './destination/destination.ts'
import { Intake, type RecordFilter } from './intake.ts'
import { Dispatcher } from './invoke/dispatcher.ts'
import type { InvokePayload, Invoker } from './invoke/invoker.ts'
import type { Log } from './journal.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import * as limits from './settings/limits.ts'
import type { MappingSettings } from './settings/settings.ts'
import type { RecordSource } from './source/record-source.ts'

export interface MappingOptions {
  readonly settings: MappingSettings
  /** What every event carries beside its records. */
  readonly origin: EventOrigin
  /** As the invoker knows the function. */
  readonly functionName: string
  /** For failure records. */
  readonly functionArn: string
  readonly source: RecordSource
  readonly invoker: Invoker
  readonly filter: RecordFilter | undefined
  /** Of records that are given up; without one they are dropped. */
  readonly destination: Destination | undefined
  readonly log: Log
  /** Called with the records that an invocation handled, before their commit. */
  readonly delivered: (payload: InvokePayload) => Promise<void>
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  /** Epoch milliseconds, for the age of records. */
  readonly epochMs: () => number
  /** In [0, 1). */
  readonly random: () => number
}

/**
 * @example
 * const mapping = new Mapping(options)
 * mapping.start()
 * await mapping.stop(hurry.signal)
 */
export class Mapping {
  readonly metrics: Metrics = createMetrics()
  readonly #options: MappingOptions
  readonly #batcher: Batcher<KafkaRow>
  readonly #gate = createBufferGate({
    maxBytes: limits.maxBufferedBytes,
    minBytesPerPartition: limits.minBufferedBytesPerPartition,
  })
  readonly #held = heldPartitions((partition) => this.#batcher.drop(partition))
  readonly #stopping = new AbortController()
  readonly #hurry = new AbortController()
  readonly #committer: Committer
  readonly #intake: Intake
  readonly #dispatcher: Dispatcher
  #isEndpointReady = false

  constructor(options: MappingOptions) {
    const { settings, origin } = options
    this.#options = options
    this.#committer = new Committer(options.source, this.#held.offsets, options.log, this.metrics)
    this.#batcher = createBatcher<KafkaRow>(
      {
        maxRecords: settings.batchSize,
        windowMs: settings.windowMs,
        maxPayloadBytes: limits.maxPayloadBytes,
        envelopeBytes: envelopeBytes(origin),
      },
      {
        recordBytes: recordSize(settings.topic),
        partitionBytes: (partition) => partitionBytes({ topic: settings.topic, partition }),
      },
    )
    const parts = { ...options, batcher: this.#batcher, metrics: this.metrics }
    this.#intake = new Intake({ ...parts, held: this.#held, passed: () => void this.#committer.commit() })
    this.#dispatcher = new Dispatcher({
      ...parts,
      held: this.#held.offsets,
      logStarts: () => options.source.logStarts(),
      stopping: this.#stopping.signal,
      hurry: this.#hurry.signal,
      takeFilteredOut: this.#held.takeFilteredOut,
      changed: (isHandled) => {
        this.#updateGate()
        if (isHandled) void this.#committer.commit()
      },
    })
  }

  /** Begins to read at once; the first invocation waits until the endpoint answers. */
  start(): void {
    this.#options.source.start({
      assigned: (assignment) => this.#held.assign(assignment),
      joined: () => {
        void this.#committer.resume()
        this.#pump()
      },
      revoked: (partitions) => {
        this.#committer.hold()
        this.#held.revoke(partitions)
        this.#updateGate()
      },
      gone: () => {
        this.#held.forget()
        this.#updateGate()
      },
      records: (partition, rows, nextOffset, endOffset) => {
        if (this.#stopping.signal.aborted) return
        this.#intake.take(partition, rows, nextOffset, endOffset)
        this.#updateGate()
        this.#pump()
      },
      failed: () => this.metrics.add('PollingErrorCount', 1),
    })
    this.#options.invoker.ready(this.#stopping.signal).then(
      () => {
        this.#isEndpointReady = true
        this.#pump()
      },
      (reason: unknown) => {
        if (!this.#stopping.signal.aborted) this.#options.log.error(`the Lambda endpoint: ${String(reason)}`)
      },
    )
  }

  /**
   * Lets the invocations under way end, commits what is handled and leaves the group. A batch between two tries is given up:
   * it is not committed, and comes again at the next start.
   *
   * @param hurry aborted when the function shall not be waited for any longer
   */
  async stop(hurry: AbortSignal): Promise<void> {
    this.#stopping.abort()
    const abandon = () => this.#hurry.abort()
    if (hurry.aborted) abandon()
    hurry.addEventListener('abort', abandon, { once: true })
    for (const partition of this.#held.offsets.keys()) this.#options.source.pause(partition)
    await Promise.all([this.#dispatcher.idle(), this.#intake.idle()])
    await this.#committer.close()
    await this.#options.source.close()
    await this.#options.destination?.close()
    hurry.removeEventListener('abort', abandon)
  }

  /** Records between the commit and the end of the log, by partition, as far as known. */
  lags(): ReadonlyMap<number, number> {
    return this.#held.lags()
  }

  #pump(): void {
    if (this.#isEndpointReady) this.#dispatcher.pump()
  }

  #updateGate(): void {
    const bytesOf = new Map<number, number>()
    for (const partition of this.#held.offsets.keys()) {
      const { records, bytes } = this.#batcher.waiting(partition)
      bytesOf.set(partition, bytes + records * limits.recordOverheadBytes + this.#dispatcher.bytesOf(partition))
    }
    const { pause, resume } = this.#gate.update(bytesOf)
    for (const partition of pause) this.#options.source.pause(partition)
    for (const partition of resume) this.#options.source.resume(partition)
  }
}
