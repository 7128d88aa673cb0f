// A finished query: a plan, an output mode and the sinks. Refusals happen here, when it is built, in Spark's words
// (UnsupportedOperationChecker of Spark 3.5); nothing runs yet.

import { windowDurationMs } from '../aggregate/duration.ts'
import { MicrobatchError } from '../error.ts'
import type { OutputMode, Sink } from '../sink/sink.ts'
import type { Plan } from './plan.ts'

export interface WriteStreamOptions<Row> {
  /** @default 'append', as in Spark */
  readonly outputMode?: OutputMode
  /** Written one after the other, each batch. */
  readonly sinks: readonly Sink<Row>[]
  /**
   * How far a row's event time may lie after its record's Kafka timestamp, as a Spark interval; a row beyond it is a dead
   * letter. `'off'` for parity with Spark, where one such row moves the watermark past everything for ever.
   * @default '1 hour'
   */
  readonly maxFuture?: string
}

/** A query that can run: kafkaHandler, testDriver and batch mode take it. */
export interface StreamingQuery<Row = unknown, Source = unknown> {
  readonly name: string
  readonly plan: Plan
  readonly outputMode: OutputMode
  readonly sinks: readonly Sink<Row>[]
  /** Milliseconds, or null where the guard is off. */
  readonly maxFutureMs: number | null
  /** The type of the rows that the query starts from; in the types only. */
  readonly '~source'?: Source
}

export function writeStream<Row, Source>(
  plan: Plan,
  { outputMode = 'append', sinks, maxFuture = '1 hour' }: WriteStreamOptions<Row>,
): StreamingQuery<Row, Source> {
  if (outputMode === 'complete') {
    throw new MicrobatchError(
      'QUERY_INVALID',
      'Complete output mode not supported when there are no streaming aggregations on streaming DataFrames/Datasets',
    )
  }
  return {
    name: plan.name,
    plan,
    outputMode,
    sinks,
    maxFutureMs: maxFuture === 'off' ? null : windowDurationMs(maxFuture),
  }
}
