// What the protocol must know of a query and of a batch, and what it gives back. Accumulators are opaque here: the operator of
// the query folds rows into them and encodes them (lib/query brings the two together). Only data and ports.

import type { OutputMode } from '../../../aggregate/output-mode.ts'
import type { EventTimeMs } from '../../../aggregate/time.ts'
import type { GroupName } from '../../items/names.ts'
import { type KeptLayout, layoutOf } from '../evolution/kept-layout.ts'
import type { KeptForm } from '../evolution/kept-parts.ts'
import type { GroupOperator, Lookup, RowPlace } from './group-operator.ts'
import type { OperatorChain } from './operator-chain.ts'

/**
 * `min` follows the slowest partition and must know them all: a partition nobody has heard of may still hold old rows.
 * `max` is Spark's own global maximum. `idleTimeoutMs` lets a silent partition be passed over.
 */
export type OneWatermark =
  | { readonly policy: 'max'; readonly delayMs: number }
  | {
      readonly policy: 'min'
      readonly delayMs: number
      readonly partitions: readonly string[]
      readonly idleTimeoutMs?: number
    }

/**
 * Watermarks of different topics, each by its own rule; that of the query is the least of them or the greatest. A topic of none
 * moves nothing.
 */
export interface SeveralWatermarks {
  readonly policy: 'several'
  readonly combined: 'min' | 'max'
  readonly watermarks: readonly (OneWatermark & { readonly topics: readonly string[] })[]
}

export type WatermarkSpec = OneWatermark | SeveralWatermarks

/** The grid on which windows end: at `phaseMs + k * everyMs` (the slide; 1 where any millisecond may be an end). */
export interface WindowGrid {
  readonly everyMs: number
  readonly phaseMs: number
}

/** How groups find their shard: by the hash of their key, or by their partition, where each key has one partition. */
export type Routing = 'hash' | 'partition'

/** What may become of kept state when a query has changed: `add` lets a part that is new begin empty, `drop` lets one go. */
export type Evolve = 'add' | 'drop'

export interface StatefulQuery<Row, Acc = unknown> {
  readonly name: string
  /** What makes kept state readable by this query, by name: grouping, aggregates, window. Never a function's source. */
  readonly fingerprint: Readonly<Record<string, string>>
  /** The entries of the fingerprint that are lists of parts, which may come and go. */
  readonly parts?: ReadonlyMap<string, KeptForm>
  /** What another version of the query may have kept: fewer parts, or more. Left out: neither. */
  readonly evolve?: readonly Evolve[]
  /** How what is kept lies, from progress. Left out: as this query lays it. */
  readonly layout?: KeptLayout
  readonly outputMode: OutputMode
  readonly watermark: WatermarkSpec | null
  /** Null where groups have no end: then none is ever closed. */
  readonly windows: WindowGrid | null
  /** Shards of the state, 1 or more; part of the fingerprint. */
  readonly shards: number
  readonly routing: Routing
  /** Groups and their accumulators; where `gives` is `rows`, only how those are written. */
  readonly operator: GroupOperator<Row, Acc>
  /** The stateful operators that rows go through before they are grouped, or instead; null where there are none. */
  readonly chain: OperatorChain<Row> | null
  /** What goes out: groups of the operator, or the rows that the chain gives. */
  readonly gives: 'groups' | 'rows'
}

/**
 * The mode whose rules say how long images are kept: what the rows of a chain have given is out once it was acknowledged; and groups
 * that are to come out once stay until then.
 */
export const keptMode = (query: Pick<LastingQuery, 'gives' | 'outputMode' | 'layout'>): OutputMode =>
  query.gives === 'rows' || layoutOf(query).owesTable ? 'append' : query.outputMode

/** Whether rows are still to come when event time passes the end of what they are from. */
export const isClosing = ({ gives, outputMode, chain }: LastingQuery): boolean =>
  gives === 'rows' ? chain?.isTimed === true && outputMode !== 'complete' : outputMode === 'append'

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
