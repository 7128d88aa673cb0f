// What the protocol must know of a query and of a batch, and what it gives back. The accumulator is an opaque string here:
// lib/aggregate defines what it holds, lib/query brings the two together. Only data.

import type { OutputMode } from '../../aggregate/output-mode.ts'
import type { EventTimeMs } from '../../aggregate/time.ts'
import type { GroupName } from '../items/layout.ts'

/**
 * `min` follows the slowest partition and must know them all: a partition nobody has heard of may still hold old rows.
 * `max` is Spark's own global maximum. `idleTimeoutMs` lets a silent partition be passed over.
 */
export type WatermarkSpec =
  | { readonly policy: 'max'; readonly delayMs: number }
  | {
      readonly policy: 'min'
      readonly delayMs: number
      readonly partitions: readonly string[]
      readonly idleTimeoutMs?: number
    }

/** The grid on which windows end: at `phaseMs + k * everyMs` (the slide; 1 where any millisecond may be an end). */
export interface WindowGrid {
  readonly everyMs: number
  readonly phaseMs: number
}

/** One row of a group, in the place it had in Kafka. */
export interface Input<V> {
  /** `topic-partition`. */
  readonly tp: string
  readonly offset: number
  readonly value: V
}

export interface StatefulQuery<V> {
  readonly name: string
  /** What makes kept state readable by this query, by name: grouping, aggregates, window. Never a function's source. */
  readonly fingerprint: Readonly<Record<string, string>>
  readonly outputMode: OutputMode
  readonly watermark: WatermarkSpec | null
  /** Null where groups have no end: then none is ever closed. */
  readonly windows: WindowGrid | null
  /** Partition keys the groups are spread over, 1 or more; part of the fingerprint. */
  readonly shards: number
  /** How long a closed group is kept; at least the topic's retention, default 8 days (Kafka's 7 and a margin). */
  readonly retentionMs?: number
  /** Adds rows, in offset order within each partition, to an accumulator (null: none yet). Must be deterministic. */
  fold(acc: string | null, inputs: readonly Input<V>[]): string
}

/** The rows of one group, in offset order within each partition. A row of sliding windows stands in several groups. */
export interface GroupInput<V> extends GroupName {
  readonly inputs: readonly Input<V>[]
}

/** One partition's part of a batch: every record, also those filtered out or undecodable. */
export interface PartitionBatch {
  /** In offset order, at least one. `timestamp` is Kafka's, epoch ms: it tells a re-created topic from the old one. */
  readonly records: readonly { readonly offset: number; readonly timestamp: number }[]
  /** Over all rows with an event time, late ones included; null where there is none. */
  readonly maxEventTimeMs: EventTimeMs | null
  readonly deadLetterOffsets: readonly number[]
}

/** A batch without partitions is an event without records: nothing arrives, what is due is closed. */
export interface Batch<V> {
  readonly partitions: ReadonlyMap<string, PartitionBatch>
  readonly groups: readonly GroupInput<V>[]
}

/** A row that came after its window was closed. `groups`: the windows it missed (it may be folded into later ones). */
export interface LateRow<V> extends Input<V> {
  readonly groups: readonly GroupName[]
}

/** A row for sinks. Sinks that can, refuse a lower (gen-equal) `version` of an `id`; values under one version are equal. */
export interface OutputRow extends GroupName {
  readonly id: string
  readonly acc: string
  readonly gen: string
  readonly version: number
}

/** `batchId` orders complete tables: a sink that can, refuses a lower one of the same `gen`. */
export interface Output {
  readonly mode: OutputMode
  readonly gen: string
  readonly batchId: number
  readonly rows: readonly OutputRow[]
}
