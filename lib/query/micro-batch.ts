// One micro-batch of a query: what was delivered goes in, rows and dead letters go out to their sinks, and what came of
// it comes back. All or nothing: if anything throws, the batch was not processed and comes again, whole.

import type { KafkaRow } from '../event/kafka-row.ts'
import type { DeadLetter, DeadLetterSink } from '../sink/dead-letter.ts'
import type { SinkBatch } from '../sink/sink.ts'
import type { StateSession } from '../state/session.ts'
import type { Coordinates, LocatedRow } from './coordinates.ts'
import { compileInput, type Input, type InputRows } from './input.ts'
import type { StreamingQueryProgress } from './progress.ts'
import { statefulStep } from './stateful-step.ts'
import { statelessStep } from './stateless-step.ts'
import type { StreamingQuery } from './streaming-query.ts'

/** A batch as delivered: records of Kafka, or rows that a test made, each with its place. */
export type Delivery =
  | { readonly kind: 'records'; readonly records: readonly KafkaRow[] }
  | { readonly kind: 'rows'; readonly rows: readonly LocatedRow[] }

export interface MicroBatchResult<Row> {
  readonly batch: SinkBatch<Row>
  /** Rows that came after their window was closed, in this delivery. */
  readonly late: readonly LocatedRow[]
  readonly deadLetters: readonly DeadLetter[]
  readonly progress: StreamingQueryProgress
  /** After this batch; null before there is one. */
  readonly watermarkMs: number | null
  /** What is not wrong enough to stop for: one sentence each. */
  readonly warnings: readonly string[]
}

/** What a micro-batch needs from outside. */
export interface MicroBatchPorts {
  readonly deadLetters: DeadLetterSink
  /** Epoch milliseconds. */
  readonly now: () => number
  /** For a query with an aggregation. */
  readonly session: StateSession | null
  /** The topic's partition count, for the watermark policy `min`. */
  readonly partitions: number | null
  /** How long closed groups are kept, milliseconds; null for the protocol's own 8 days. */
  readonly retentionMs: number | null
}

/** A delivery after decoding: what the two kinds of query go on from. */
export interface DecodedDelivery {
  readonly places: readonly Coordinates[]
  readonly input: InputRows
  readonly startedMs: number
  readonly decodedMs: number
}

export type Step<Row> = (delivery: DecodedDelivery) => Promise<MicroBatchResult<Row>>

/** Prepares the micro-batches of a query, once for the life of a container. */
export function microBatch<Row>(
  query: StreamingQuery<Row>,
  ports: MicroBatchPorts,
): (delivery: Delivery) => Promise<MicroBatchResult<Row>> {
  const input = compileInput(query)
  const step = query.plan.aggregation === null ? statelessStep(query, ports) : statefulStep(query, ports)
  return async (delivery) => {
    const startedMs = ports.now()
    const decoded = inputOf(input, delivery)
    const places = delivery.kind === 'records' ? delivery.records : delivery.rows.map(({ at }) => at)
    return step({ places, input: decoded, startedMs, decodedMs: ports.now() })
  }
}

const inputOf = (input: Input, delivery: Delivery): InputRows =>
  delivery.kind === 'records' ? input.fromRecords(byPartition(delivery.records)) : input.fromRows(delivery.rows)

/** Spark's order of rows in a batch: by partition. An event has its partitions in any order. */
const byPartition = (records: readonly KafkaRow[]): readonly KafkaRow[] =>
  records.toSorted((left, right) => left.partition - right.partition)
