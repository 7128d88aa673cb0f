// One event source mapping while it runs: what its source reads goes through the filter into the batcher, the dispatcher
// sends it, and offsets are committed when, and only when, their records are handled. It fails for nobody: what goes wrong
// is said, and tried again or discarded by the mapping's rules.

import type { EventOrigin } from '../../lib/event/kafka-event.ts'
import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import type { InvokePayload, Invoker } from '../invoke/invoker.ts'
import { type Batcher, createBatcher } from './batcher.ts'
import { createBufferGate } from './buffer-gate.ts'
import { Committer } from './committer.ts'
import type { Destination } from './destination/destination.ts'
import { discard } from './discards.ts'
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts'
import { heldPartitions } from './held-partitions.ts'
import { type Log, nameOf } from './journal.ts'
import * as limits from './limits.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import type { PartitionOffsets } from './offsets.ts'
import { envelopeBytes, partitionBytes, recordSize } from './payload-size.ts'
import type { RecordSource } from './record-source.ts'
import type { MappingSettings } from './settings.ts'

/** Which records the function gets; the others count as processed. */
export interface RecordFilter {
  readonly matches: (value: Buffer | null) => boolean
}

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
  /** Too large ones on their way to the destination. */
  readonly #discards = new Set<Promise<void>>()
  readonly #stopping = new AbortController()
  readonly #hurry = new AbortController()
  readonly #committer: Committer
  readonly #dispatching: DispatcherOptions
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
    this.#dispatching = {
      ...options,
      batcher: this.#batcher,
      held: this.#held.offsets,
      metrics: this.metrics,
      stopping: this.#stopping.signal,
      hurry: this.#hurry.signal,
      takeFilteredOut: this.#held.takeFilteredOut,
      changed: (isHandled) => {
        this.#updateGate()
        if (isHandled) void this.#committer.commit()
      },
    }
    this.#dispatcher = new Dispatcher(this.#dispatching)
  }

  /** Begins to read at once; the first invocation waits until the endpoint answers. */
  start(): void {
    this.#options.source.start({
      assigned: (assignment) => this.#held.assign(assignment),
      joined: () => {
        void this.#committer.commit()
        this.#pump()
      },
      revoked: (partitions) => this.#revoked(partitions),
      records: (partition, rows, nextOffset, endOffset) => this.#received(partition, rows, nextOffset, endOffset),
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
    await Promise.all([this.#dispatcher.idle(), ...this.#discards])
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

  #revoked(partitions: readonly number[]): void {
    this.#held.revoke(partitions)
    this.#updateGate()
  }

  #received(partition: number, rows: readonly KafkaRow[], nextOffset: number, endOffset: number): void {
    let offsets = this.#held.offsets.get(partition)
    if (offsets === undefined || this.#stopping.signal.aborted) return
    const first = rows[0]?.offset ?? nextOffset
    if (first < offsets.position()) offsets = this.#rewound(partition, first)
    this.#held.logEnds(partition, endOffset)
    this.metrics.add('PolledEventCount', rows.length)

    const filter = this.#options.filter
    const matched = filter === undefined ? rows : rows.filter(({ value }) => filter.matches(value))
    const tooLarge = this.#batcher.add(partition, matched, this.#options.nowMs())
    offsets.received(rows, nextOffset)
    if (matched.length < rows.length) this.#passFiltered(rows, matched, offsets)
    for (const row of tooLarge) this.#discardTooLarge(row, offsets)
    // Nothing to send, yet something to pass: control records, aborted transactions, records filtered out.
    if (matched.length === tooLarge.length) void this.#committer.commit()
    this.#updateGate()
    this.#pump()
  }

  /** "Offsets of matched and unmatched records are committed" (local-mapping.md 5): unmatched ones count as processed. */
  #passFiltered(rows: readonly KafkaRow[], matched: readonly KafkaRow[], offsets: PartitionOffsets): void {
    const kept = new Set(matched)
    const unmatched = rows.filter((row) => !kept.has(row))
    for (const { offset } of unmatched) offsets.handled(offset)
    this.metrics.add('FilteredOutEventCount', unmatched.length)
    const partition = rows[0]?.partition ?? 0
    if (matched.length > 0) this.#held.filteredOut(partition, unmatched.length)
    else
      this.#options.log.info(
        `${nameOf(this.#options.settings, unmatched)} | ${unmatched.length} filtered out, none to send`,
      )
  }

  /** The topic was made anew under the same name: kafkajs begins again, and what was read before is of another topic. */
  #rewound(partition: number, offset: number): PartitionOffsets {
    this.#options.log.warning(
      `${this.#options.settings.topic}-${partition}: reading went back to offset ${offset}; was the topic made anew?`,
    )
    const offsets = this.#held.rewind(partition, offset)
    this.#updateGate()
    return offsets
  }

  /** AWS drops such a record, or sends it to an on-failure destination as MaximumPayloadSizeExceeded (local-mapping.md 2.1). */
  #discardTooLarge(row: KafkaRow, offsets: PartitionOffsets): void {
    this.#options.log.error(
      `${row.topic}-${row.partition} offset ${row.offset}: ${recordSize(row.topic)(row)} bytes encoded do not fit a payload of ` +
        `${limits.maxPayloadBytes}`,
    )
    const reason = { condition: 'MaximumPayloadSizeExceeded', invokeCount: 0, functionError: undefined } as const
    const discarding = discard([row], reason, this.#dispatching).then(() => {
      offsets.handled(row.offset)
      this.#discards.delete(discarding)
      void this.#committer.commit()
    })
    this.#discards.add(discarding)
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
