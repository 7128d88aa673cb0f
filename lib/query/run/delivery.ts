// What goes into a micro-batch, what it needs from outside, and what comes of it. Only types; micro-batch.ts runs it.

import type { KafkaRow } from '../../event/kafka-row.ts'
import type { Coordinates, LocatedRow } from '../../event/located-row.ts'
import type { DeadLetter, DeadLetterSink } from '../../sink/dead-letter.ts'
import type { SinkBatch } from '../../sink/sink.ts'
import type { StateContainer } from '../../state/protocol/container.ts'
import type { PartitionCounts } from '../aggregation/partition-counts.ts'
import type { PlanRow } from '../plan/plan.ts'
import type { ReadRows } from '../read/read-rows.ts'
import type { BatchClock, RecordClock } from './batch-clock.ts'
import type { StreamingQueryProgress } from './progress.ts'

/** A batch as delivered: records of Kafka, or rows that a test made, each with its place. */
export type Delivery =
  | { readonly kind: 'records'; readonly records: readonly KafkaRow[] }
  | { readonly kind: 'rows'; readonly rows: readonly LocatedRow<PlanRow>[] }

export interface MicroBatchResult<Row> {
  readonly batch: SinkBatch<Row>
  /** Rows that came after their window was closed, in this delivery. */
  readonly late: readonly LocatedRow<PlanRow>[]
  readonly deadLetters: readonly DeadLetter[]
  readonly progress: StreamingQueryProgress
  /** After this batch; null before there is one. */
  readonly watermarkMs: number | null
  /** One sentence for each thing that is wrong, but not wrong enough to stop for. */
  readonly warnings: readonly string[]
}

/** What a micro-batch needs from outside. */
export interface MicroBatchPorts {
  readonly deadLetters: DeadLetterSink
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Until the invocation ends. */
  readonly remainingMs: () => number
  /** For a stateful query. */
  readonly container: StateContainer | null
  /** The partition counts of the topics, for the watermark policy `min`. */
  readonly partitions: PartitionCounts | null
  /** Shards of the state, where it is not keyed by partition. */
  readonly shards: number
}

/** A delivery after decoding: what the two kinds of query go on from. */
export interface DecodedDelivery {
  readonly places: readonly Coordinates[]
  readonly read: ReadRows
  readonly clock: RecordClock
  readonly startedMs: number
  readonly decodedMs: number
}

/** What a kind of query does with its batches. */
export interface Step<Row> {
  /** Before anything is decoded. */
  readonly clock: BatchClock
  run(delivery: DecodedDelivery): Promise<MicroBatchResult<Row>>
}
