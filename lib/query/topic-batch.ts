// Batch mode over records of the query's topic that somebody else reads: the plan is the stream's own. Neither sinks nor
// dead letters are written; the result and what was bad are handed back.

import { MicrobatchError } from '../error.ts'
import type { KafkaRow } from '../event/kafka-row.ts'
import { showString } from '../sink/show-string.ts'
import type { LocatedRow } from './plan/coordinates.ts'
import type { StreamingQuery } from './plan/streaming-query.ts'
import { compileInput } from './run/input.ts'
import { batchResult } from './run/run-batch.ts'

/** A query over one range of its topic. */
export interface TopicBatch {
  readonly topic: string
  readonly outputMode: string
  /** How its groups are told apart; null where the query has no aggregation. */
  readonly grouping: TopicBatchGrouping | null
  /**
   * Takes some records, in any order; their bytes are not kept.
   * @throws MicrobatchError RECORD_MALFORMED under the policy `fail`; FUNCTION_FAILED; both name the record
   */
  add(records: readonly KafkaRow[]): void
  result(): TopicBatchResult
}

export interface TopicBatchGrouping {
  /** In the order of `groupBy`; none for a global aggregation. */
  readonly columns: readonly string[]
  /** The one of them that is a window. */
  readonly window: string | null
}

export interface TopicBatchResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** Spark's table of all rows, ending in a line break. */
  readonly table: string
  readonly numRows: number
  /** Records that are not in the table because they are bad. */
  readonly numBad: number
  /** The first five of them: `stock-ticks-0@17: NOT_JSON (…)`. */
  readonly firstBad: readonly string[]
}

const numBadShown = 5

/**
 * Rows come in Spark's order over a Kafka range, by partition and offset; nothing is late, and a watermark has no meaning.
 *
 * @throws MicrobatchError QUERY_INVALID for a query that reads no topic
 * @example
 * const batch = topicBatch(barsQuery)
 * batch.add(records)
 * console.log(batch.result().table)
 */
export function topicBatch<Row>(query: StreamingQuery<Row>): TopicBatch {
  const { plan, outputMode, name } = query
  if (plan.source.kind !== 'kafka') throw new MicrobatchError('QUERY_INVALID', `${name} reads no topic.`)
  const input = compileInput(query)
  const rows: LocatedRow[] = []
  const firstBad: string[] = []
  let numBad = 0
  return {
    topic: plan.source.topic,
    outputMode,
    grouping:
      plan.aggregation === null
        ? null
        : { columns: plan.aggregation.order, window: plan.aggregation.window?.name ?? null },
    add(records) {
      const read = input.fromRecords(records)
      for (const row of read.rows) rows.push(row)
      numBad += read.deadLetters.length + read.numDropped
      for (const { topic, partition, offset, reason, detail } of read.deadLetters) {
        if (firstBad.length < numBadShown) firstBad.push(`${topic}-${partition}@${offset}: ${reason} (${detail})`)
      }
    },
    result() {
      const result = batchResult(plan, rows.toSorted(byPlace))
      const table = showString(result, { columns: plan.columns, numRows: result.length, truncate: false })
      return { rows: result, table, numRows: result.length, numBad, firstBad }
    },
  }
}

const byPlace = ({ at: left }: LocatedRow, { at: right }: LocatedRow): number =>
  left.partition - right.partition || left.offset - right.offset
