// The progress of one micro-batch, in the names and the order of Spark's StreamingQueryProgress, with what Spark has no
// word for at the end. One per invocation, which is Spark's data batch and the no-data batch after it.

import type { Candidate } from '../../aggregate/watermark.ts'

/** Offsets by topic and partition, as Spark writes them: `{"stock-ticks":{"0":15}}`. */
export type OffsetsByTopic = Readonly<Record<string, Readonly<Record<string, number>>>>

export interface EventTimeProgress {
  /** The average event time of the rows of this batch; absent where none has an event time. */
  readonly avg?: string
  readonly max?: string
  readonly min?: string
  /** What the batch ran with: 1970 before there is one. */
  readonly watermark: string
  /** With the policy `min`: the partition that keeps the watermark where it is, and its event time if it has shown one. */
  readonly heldBackBy?: { readonly partition: string; readonly eventTime: string | null }
}

export interface StateOperatorProgress {
  /** Spark's: `stateStoreSave` for an aggregation, `dedupe`, `symmetricHashJoin`… */
  readonly operatorName: string
  /** Open groups of the shards that the batch had at hand: all of them where there is one shard, and in complete mode. */
  readonly numRowsTotal: number
  readonly numRowsUpdated: number
  readonly numRowsRemoved: number
  /** Memory of these groups, an estimate. */
  readonly memoryUsedBytes: number
  /** Late groups, as Spark counts them: the late rows of a batch that belong to one group count once. */
  readonly numRowsDroppedByWatermark: number
  /** Late rows. */
  readonly numLateRows: number
  readonly customMetrics: {
    /** Items of the log that the heads of these shards name. */
    readonly segments: number
    /** Requests to the state store in this batch, and the units that DynamoDB bills for them. */
    readonly storeCalls: number
    readonly readUnits: number
    readonly writeUnits: number
    /** What an operator counts besides: `numDroppedDuplicateRows`. */
    readonly [metric: string]: number
  }
}

export interface SourceProgress {
  readonly description: string
  /** The first offset of the batch in each partition. */
  readonly startOffset: OffsetsByTopic
  /** One past the last. */
  readonly endOffset: OffsetsByTopic
  readonly numInputRows: number
}

export interface StreamingQueryProgress {
  readonly name: string
  /** When the batch began, ISO 8601. */
  readonly timestamp: string
  /** The number that the console shows: without state it counts in the container. */
  readonly batchId: number
  /** Records delivered, good and bad. */
  readonly numInputRows: number
  readonly processedRowsPerSecond: number
  /** Milliseconds by stage; `triggerExecution` is the whole batch. */
  readonly durationMs: Readonly<Record<'triggerExecution' | 'decode' | 'addBatch', number>>
  /** Present for a query with a watermark. */
  readonly eventTime?: EventTimeProgress
  readonly stateOperators: readonly StateOperatorProgress[]
  readonly sources: readonly SourceProgress[]
  readonly sink: { readonly description: string; readonly numOutputRows: number }
  /** Bad records set aside in this batch. */
  readonly numDeadLetters: number
  /** Bad records, or rows of one, dropped under the policy `drop`; and tombstones that the query drops. */
  readonly numDroppedMalformed: number
  /**
   * Rows whose event time is null, as the policy `null` makes of a bad one: by the watermark's column, or by that of the window.
   * They move no watermark, and those that a window needs it for are in no group.
   */
  readonly numRowsWithoutEventTime: number
}

/** What a stateful query adds. */
export interface StateOfBatch {
  readonly heldBackBy: Candidate<string> | null
  /** The last operator of the plan first, as in Spark. */
  readonly operators: readonly StateOperatorProgress[]
}
