// One event source mapping while it runs: what its source reads goes through the filter into the batcher, the dispatcher
// sends it, and offsets are committed when, and only when, their records are handled. It fails for nobody: what goes wrong
// is an event, and is tried again or discarded by the mapping's rules.

import type { KafkaRow } from '../lib/event/kafka-row.ts'
import { type Batcher, createBatcher } from './batch/batcher.ts'
import { envelopeBytes, partitionBytes, recordSize } from './batch/payload-size.ts'
import { type AssignedPartitions, assignedPartitions } from './commit/assigned-partitions.ts'
import { Committer } from './commit/committer.ts'
import type { DiscardOptions } from './destination/discards.ts'
import { Dispatcher } from './dispatch/dispatcher.ts'
import type { Permits } from './dispatch/permits.ts'
import { onMappingEvent } from './events/channel.ts'
import { Intake, type RecordFilter } from './intake.ts'
import type { Invoker } from './invoke/invoker.ts'
import { metadataBytes } from './registry/registered-row.ts'
import { createMetrics } from './report/metrics.ts'
import * as limits from './settings/limits.ts'
import type { MappingSettings } from './settings/settings.ts'
import { type BufferedByAll, bufferedByAll, flowControl } from './source/flow-control.ts'
import type { RecordSource, SourceListener } from './source/record-source.ts'

export interface MappingOptions extends DiscardOptions {
  readonly settings: MappingSettings
  /** The function's name at the Invoke endpoint. */
  readonly functionName: string
  readonly source: RecordSource
  readonly invoker: Invoker
  readonly filter: RecordFilter | undefined
  /** Invocations at once, shared with the other mappings. */
  readonly permits?: Permits
  /** What waits in memory, shared with the other mappings. */
  readonly buffered?: BufferedByAll
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  /** In [0, 1). */
  readonly random: () => number
}

/**
 * @example
 * const mapping = new Mapping(options)
 * mapping.start()
 * await mapping.stop(abort.signal)
 */
export class Mapping {
  readonly metrics = createMetrics()
  readonly #options: MappingOptions
  readonly #batcher: Batcher<KafkaRow>
  readonly #assigned: AssignedPartitions = assignedPartitions((partition) => this.#batcher.drop(partition))
  readonly #stopping = new AbortController()
  readonly #abort = new AbortController()
  readonly #committer: Committer
  readonly #intake: Intake
  readonly #dispatcher: Dispatcher
  readonly #updateFlow: () => void
  readonly #endMetrics: () => void
  #isEndpointReady = false
  #isPaused = false
  #revoked: readonly number[] = []

  constructor(options: MappingOptions) {
    const { source, events } = options
    this.#options = options
    this.#endMetrics = onMappingEvent(this.metrics.count, events.mapping)
    this.#committer = new Committer(source, this.#assigned, events)
    this.#batcher = batcherOf(options)
    const parts = { ...options, batcher: this.#batcher }
    this.#intake = new Intake({
      ...parts,
      isRegistered: options.settings.schemaRegistry !== undefined,
      assigned: this.#assigned,
      processed: () => void this.#committer.commit(),
    })
    this.#dispatcher = new Dispatcher({
      ...parts,
      assigned: this.#assigned.offsets,
      logStarts: () => source.logStarts(),
      stopping: this.#stopping.signal,
      abort: this.#abort.signal,
      takeFilteredOut: this.#assigned.takeFilteredOut,
      changed: (isHandled) => {
        this.#updateFlow()
        if (isHandled) void this.#committer.commit()
      },
    })
    this.#updateFlow = flowControl({
      source,
      partitions: () => this.#assigned.offsets.keys(),
      waiting: this.#batcher.waiting,
      batchBytes: (partition) => this.#dispatcher.bytesOf(partition),
      buffered: options.buffered ?? bufferedByAll(),
    })
  }

  /** Begins to read at once; the first invocation waits until the endpoint answers. */
  start(): void {
    this.#options.source.start(this.#listener())
    this.#options.invoker.ready(this.#stopping.signal).then(
      () => {
        this.#isEndpointReady = true
        this.#pump()
      },
      (reason: unknown) => {
        if (this.#stopping.signal.aborted) return
        this.#options.events.publish({ kind: 'defect', message: `no invocation begins: ${String(reason)}` })
      },
    )
  }

  /**
   * Lets the invocations in flight end, commits what is handled and leaves the group. A batch between two attempts is given up:
   * it is not committed, and comes again at the next start.
   *
   * @param abort aborted when the function shall not be waited for any longer
   */
  async stop(abort: AbortSignal): Promise<void> {
    this.#stopping.abort()
    const abandon = () => this.#abort.abort()
    if (abort.aborted) abandon()
    abort.addEventListener('abort', abandon, { once: true })
    for (const partition of this.#assigned.offsets.keys()) this.#options.source.pause(partition)
    await Promise.all([this.#dispatcher.idle(), this.#intake.idle()])
    await this.#committer.close()
    await this.#options.source.close()
    await this.#options.destination?.close()
    abort.removeEventListener('abort', abandon)
    this.#options.events.publish({ kind: 'stopped' })
    this.#endMetrics()
  }

  /** Begins no invocation until `resume`, like a mapping that is disabled; it stays in its group, and what it reads waits in its buffer. */
  pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#dispatcher.pause()
    this.#options.events.publish({ kind: 'paused' })
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#dispatcher.resume()
    this.#options.events.publish({ kind: 'resumed' })
    this.#pump()
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Leaves its group and joins it again, by which Kafka divides the partitions anew. */
  rejoin(): void {
    this.#options.source.rejoin?.()
  }

  /** Records between the commit and the end of the log, by partition, as far as known. */
  lags(): ReadonlyMap<number, number> {
    return new Map([...this.#assigned.offsets.keys()].map((partition) => [partition, this.#assigned.lag(partition)]))
  }

  #listener(): SourceListener {
    const { events } = this.#options
    return {
      assigned: (assignment) => {
        const { partition, committed } = assignment
        const { offset, from } = this.#assigned.assign(assignment)
        events.publish({ kind: 'assigned', partition, offset, committed, from })
        return offset
      },
      joined: () => {
        events.publish({ kind: 'rebalanced', assigned: [...this.#assigned.offsets.keys()], revoked: this.#revoked })
        void this.#committer.resume()
        this.#pump()
      },
      revoked: (partitions) => {
        this.#revoked = partitions
        this.#committer.suspend()
        this.#assigned.revoke(partitions)
        this.#updateFlow()
      },
      topicMissing: () => {
        this.#assigned.forget()
        this.#updateFlow()
      },
      records: (partition, rows, nextOffset, endOffset) => {
        if (this.#stopping.signal.aborted) return
        this.#intake.take(partition, rows, nextOffset, endOffset)
        this.#updateFlow()
        this.#pump()
      },
    }
  }

  #pump(): void {
    if (this.#isEndpointReady) this.#dispatcher.pump()
  }
}

function batcherOf({ settings, origin }: MappingOptions): Batcher<KafkaRow> {
  const size = recordSize(settings.topic)
  const registered = (row: KafkaRow): number => size(row) + metadataBytes(row)
  return createBatcher<KafkaRow>(
    {
      maxRecords: settings.batchSize,
      windowMs: settings.windowMs,
      maxPayloadBytes: limits.maxPayloadBytes,
      envelopeBytes: envelopeBytes(origin),
    },
    {
      recordBytes: settings.schemaRegistry === undefined ? size : registered,
      partitionBytes: (partition) => partitionBytes({ topic: settings.topic, partition }),
    },
  )
}
