// One event source mapping while it runs: records from a source go through the batcher to the function, and their offsets
// are committed when, and only when, the invocation succeeded. It fails for nobody: what goes wrong is said and tried again.

import type { EventOrigin, KafkaEvent } from '../../lib/event/kafka-event.ts'
import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import type { Invoker } from '../invoke/invoker.ts'
import { type Batch, type Batcher, createBatcher } from './batcher.ts'
import { createBufferGate } from './buffer-gate.ts'
import { Committer } from './committer.ts'
import { deliver } from './delivery.ts'
import type { Log } from './journal.ts'
import * as limits from './limits.ts'
import { type PartitionOffsets, partitionOffsets } from './offsets.ts'
import { envelopeBytes, partitionBytes, recordBytes } from './payload-size.ts'
import type { Assignment, RecordSource } from './record-source.ts'
import type { MappingSettings } from './settings.ts'

export interface MappingOptions {
  readonly settings: MappingSettings
  /** What every event carries beside its records. */
  readonly origin: EventOrigin
  /** As the invoker knows the function. */
  readonly functionName: string
  readonly source: RecordSource
  readonly invoker: Invoker
  readonly log: Log
  /** Called once per batch, after its invocation succeeded and before its commit. */
  readonly delivered: (event: KafkaEvent) => Promise<void>
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  /** In [0, 1). */
  readonly random: () => number
}

/** AWS runs as many as it has partitions or pollers; one at a time is what is promised now. */
const maxInFlight = 1

/**
 * @example
 * const mapping = new Mapping(options)
 * mapping.start()
 * await mapping.stop(hurry.signal)
 */
export class Mapping {
  readonly #options: MappingOptions
  readonly #batcher: Batcher<KafkaRow>
  readonly #gate = createBufferGate({
    maxBytes: limits.maxBufferedBytes,
    minBytesPerPartition: limits.minBufferedBytesPerPartition,
  })
  readonly #held = new Map<number, PartitionOffsets>()
  readonly #inFlight = new Set<Promise<void>>()
  readonly #stopping = new AbortController()
  readonly #hurry = new AbortController()
  readonly #committer: Committer
  #windowTimer: NodeJS.Timeout | undefined
  #isEndpointReady = false

  constructor(options: MappingOptions) {
    const { settings, origin } = options
    this.#options = options
    this.#committer = new Committer(options.source, this.#held, options.log)
    this.#batcher = createBatcher<KafkaRow>(
      {
        maxRecords: settings.batchSize,
        windowMs: settings.windowMs,
        maxPayloadBytes: limits.maxPayloadBytes,
        envelopeBytes: envelopeBytes(origin),
      },
      (partition) => partitionBytes({ topic: settings.topic, partition }),
    )
  }

  /** Begins to read at once; the first invocation waits until the endpoint answers. */
  start(): void {
    this.#options.source.start({
      assigned: (assignment) => this.#assigned(assignment),
      joined: () => {
        void this.#committer.commit()
        this.#pump()
      },
      revoked: (partitions) => this.#revoked(partitions),
      records: (partition, rows, nextOffset) => this.#received(partition, rows, nextOffset),
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
   * Lets the batch in flight end, commits what is handled and leaves the group. A batch between two tries is given up: it
   * is not committed, and comes again at the next start.
   *
   * @param hurry aborted when the function shall not be waited for any longer
   */
  async stop(hurry: AbortSignal): Promise<void> {
    this.#stopping.abort()
    clearTimeout(this.#windowTimer)
    const abandon = () => this.#hurry.abort()
    if (hurry.aborted) abandon()
    hurry.addEventListener('abort', abandon, { once: true })
    for (const partition of this.#held.keys()) this.#options.source.pause(partition)
    await Promise.all(this.#inFlight)
    await this.#committer.close()
    await this.#options.source.close()
    hurry.removeEventListener('abort', abandon)
  }

  #assigned({ partition, committed, start }: Assignment): number {
    const known = this.#held.get(partition)
    if (known !== undefined) {
      // Still ours, and nobody else has moved it: what waits and what is in flight stays valid.
      if (committed === known.committed()) return known.position()
      if (committed !== undefined && committed === known.committable()) {
        // A commit whose answer was lost.
        known.confirm(committed)
        return known.position()
      }
      this.#revoked([partition])
    }
    this.#held.set(
      partition,
      partitionOffsets({
        position: start.offset,
        // A commit outside the log says nothing about what may be committed now.
        committed: start.from === 'outOfRange' ? undefined : committed,
        pinned: start.pinned,
      }),
    )
    return start.offset
  }

  #revoked(partitions: readonly number[]): void {
    for (const partition of partitions) {
      this.#held.delete(partition)
      this.#batcher.drop(partition)
    }
    this.#updateGate()
  }

  #received(partition: number, rows: readonly KafkaRow[], nextOffset: number): void {
    let offsets = this.#held.get(partition)
    if (offsets === undefined || this.#stopping.signal.aborted) return
    const first = rows[0]?.offset ?? nextOffset
    if (first < offsets.position()) offsets = this.#rewound(partition, first)
    const now = this.#options.nowMs()
    const tooLarge = rows.filter((row) => !this.#batcher.add(partition, row, recordBytes(row), now))
    offsets.received(
      rows.map((row) => row.offset),
      nextOffset,
    )
    for (const row of tooLarge) this.#drop(row, offsets)
    // Nothing to send, yet something to pass: control records, aborted transactions, a dropped record.
    if (rows.length === tooLarge.length) void this.#committer.commit()
    this.#updateGate()
    this.#pump()
  }

  /** The topic was made anew under the same name: kafkajs begins again, and what was read before is of another topic. */
  #rewound(partition: number, offset: number): PartitionOffsets {
    this.#options.log.warning(
      `${this.#options.settings.topic}-${partition}: reading went back to offset ${offset}; was the topic made anew?`,
    )
    this.#revoked([partition])
    const offsets = partitionOffsets({ position: offset, committed: undefined, pinned: false })
    this.#held.set(partition, offsets)
    return offsets
  }

  /** AWS drops such a record, or sends it to an on-failure destination as MaximumPayloadSizeExceeded (ESM.md 2.1). */
  #drop(row: KafkaRow, offsets: PartitionOffsets): void {
    this.#options.log.error(
      `${row.topic}-${row.partition} offset ${row.offset}: ${recordBytes(row)} bytes encoded do not fit a payload of ` +
        `${limits.maxPayloadBytes}; dropped, as AWS does without an on-failure destination`,
    )
    offsets.handled(row.offset)
  }

  /** Starts what can start, and sleeps until the open window closes. */
  #pump(): void {
    clearTimeout(this.#windowTimer)
    if (!this.#isEndpointReady) return
    while (this.#inFlight.size < maxInFlight && !this.#stopping.signal.aborted) {
      const batch = this.#batcher.next(this.#options.nowMs())
      if (batch === undefined) {
        const dueAtMs = this.#batcher.dueAtMs()
        if (dueAtMs !== undefined)
          this.#windowTimer = setTimeout(() => this.#pump(), Math.max(0, dueAtMs - this.#options.nowMs()))
        return
      }
      this.#updateGate()
      const delivery = this.#deliver(batch)
        .catch((error: unknown) =>
          this.#options.log.error(`a bug in the mapping, batch not committed: ${String(error)}`),
        )
        .finally(() => {
          this.#inFlight.delete(delivery)
          this.#batcher.release(batch.partitions)
          this.#pump()
        })
      this.#inFlight.add(delivery)
    }
  }

  async #deliver(batch: Batch<KafkaRow>): Promise<void> {
    const owners = new Map(batch.partitions.map((partition) => [partition, this.#held.get(partition)]))
    const delivered = await deliver(batch, {
      ...this.#options,
      functionKey: this.#options.settings.functionKey,
      topic: this.#options.settings.topic,
      isHeld: ({ partition }) => this.#held.get(partition) === owners.get(partition),
      stopping: this.#stopping.signal,
      hurry: this.#hurry.signal,
    })
    if (delivered === undefined) return
    for (const row of delivered.rows) owners.get(row.partition)?.handled(row.offset)
    await this.#options.delivered(delivered.event)
    await this.#committer.commit()
  }

  #updateGate(): void {
    const waiting = new Map<number, number>()
    for (const partition of this.#held.keys()) {
      const { records, bytes } = this.#batcher.waiting(partition)
      waiting.set(partition, bytes + records * limits.recordOverheadBytes)
    }
    const { pause, resume } = this.#gate.update(waiting)
    for (const partition of pause) this.#options.source.pause(partition)
    for (const partition of resume) this.#options.source.resume(partition)
  }
}
