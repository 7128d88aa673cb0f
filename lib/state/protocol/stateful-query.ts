// What the protocol must know of a query and of a batch, and what it gives back. Accumulators are opaque here: the operator of
// the query folds rows into them and encodes them (lib/query brings the two together). Only data and ports.

import type { OutputMode } from '../../aggregate/output-mode.ts'
import type { EventTimeMs } from '../../aggregate/time.ts'
import type { TextWriter } from '../../text-writer.ts'
import type { GroupName } from '../items/names.ts'

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

/** A group's key in memory: a value that a Map finds, equal exactly where the grouping values are. */
export type Lookup = string | number | boolean | null

/** Where an operator puts the groups of a row: used again for every row, so that none is allocated. */
export interface RowGroups {
  /** Where each group ends, epoch milliseconds; infinite where it never does. */
  readonly endsMs: number[]
  readonly lookups: Lookup[]
}

export interface RowPlace {
  readonly partition: number
  readonly offset: number
  /** Which row of its record, where a record can be several. */
  readonly index?: number
}

/** How rows become groups. Accumulators commute: the same rows in any order give the same encoded accumulator. */
export interface GroupOperator<Row, Acc> {
  /** @returns how many groups it wrote into `into`: several in sliding windows, none where a windowed time is null */
  groupsOf(row: Row, into: RowGroups): number
  /** The canonical text of a key, as it is kept, and back. */
  keyText(lookup: Lookup): string
  lookupOf(keyText: string): Lookup
  init(): Acc
  /** May change the accumulator that it is given; what it returns is kept. */
  add(acc: Acc, row: Row, at: RowPlace): Acc
  /** Writes an accumulator as one line of text without tabs, as JSON is. */
  write(acc: Acc, out: TextWriter): void
  decode(encoded: string): Acc
}

/** How groups find their shard: by the hash of their key, or by their partition, where each key has one partition. */
export type Routing = 'hash' | 'partition'

export interface StatefulQuery<Row, Acc = unknown> {
  readonly name: string
  /** What makes kept state readable by this query, by name: grouping, aggregates, window. Never a function's source. */
  readonly fingerprint: Readonly<Record<string, string>>
  readonly outputMode: OutputMode
  readonly watermark: WatermarkSpec | null
  /** Null where groups have no end: then none is ever closed. */
  readonly windows: WindowGrid | null
  /** Shards of the state, 1 or more; part of the fingerprint. */
  readonly shards: number
  readonly routing: Routing
  readonly operator: GroupOperator<Row, Acc>
}

/** A query as those steps see it that do not care for its rows. */
export type LastingQuery = StatefulQuery<never, unknown>

/** One partition's part of a batch. */
export interface PartitionRows<Row> {
  /** `topic-partition`. */
  readonly tp: string
  readonly partition: number
  /** Every record, also those filtered out or undecodable, in offset order, at least one. `timestamp` is Kafka's, epoch ms. */
  readonly records: readonly { readonly offset: number; readonly timestamp: number }[]
  /** What became of them, in offset order, those of one record together; `at[i]` is the place of `rows[i]`. */
  readonly rows: readonly Row[]
  readonly at: readonly RowPlace[]
  /** Over all rows with an event time, late ones included; null where there is none. */
  readonly maxEventTimeMs: EventTimeMs | null
  readonly deadLetterOffsets: readonly number[]
}

/** A batch without partitions is a flush: nothing arrives, what is due is closed. */
export interface Batch<Row> {
  readonly partitions: readonly PartitionRows<Row>[]
}

/** A row that came after its window was closed. `groups`: the windows it missed (it may be folded into later ones). */
export interface LateRow<Row> {
  readonly tp: string
  readonly row: Row
  readonly at: RowPlace
  readonly groups: readonly GroupName[]
}

/** A row for sinks. Sinks that can, refuse a lower (gen-equal) `version` of an `id`; values under one version are equal. */
export interface OutputRow<Acc = unknown> {
  readonly id: string
  readonly lookup: Lookup
  readonly windowEndMs: EventTimeMs | null
  readonly acc: Acc
  readonly version: number
}

/** `batchId` orders complete tables: a sink that can, refuses a lower one of the same `gen`. */
export interface Output<Acc = unknown> {
  readonly mode: OutputMode
  readonly gen: string
  readonly batchId: number
  readonly rows: readonly OutputRow<Acc>[]
}
