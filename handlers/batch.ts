// Batch mode for the command line: a query of consumer.ts by its name, over records that somebody else reads. The plan is
// the stream's own. Nothing is connected to: consumer.ts makes its clients when a handler first needs them.

import { type KafkaRow, MicrobatchError, type StreamingQuery, showString } from '../lib/index.ts'
import type { LocatedRow } from '../lib/query/coordinates.ts'
import { compileInput } from '../lib/query/input.ts'
import { batchResult } from '../lib/query/run-batch.ts'
import * as consumer from './consumer.ts'

/** A query over one range of its topic. */
export interface BatchRun {
  readonly topic: string
  readonly outputMode: string
  /**
   * Takes some records, in any order; their bytes are not kept.
   * @throws MicrobatchError RECORD_MALFORMED under the policy `fail`; FUNCTION_FAILED; both name the record
   */
  add(records: readonly KafkaRow[]): void
  result(): BatchResult
}

export interface BatchResult {
  /** Spark's table of all rows, ending in a line break. */
  readonly table: string
  readonly numRows: number
  /** Records that are not in the table because they are bad. */
  readonly numBad: number
  /** The first of them: `stock-ticks-0@17: NOT_JSON (…)`. */
  readonly firstBad: readonly string[]
}

const numBadShown = 5
const exportName = /^(.+)Query$/

const queries: ReadonlyMap<string, StreamingQuery> = new Map(
  Object.entries(consumer).flatMap(([name, value]): [string, StreamingQuery][] => {
    const [, query] = exportName.exec(name) ?? []
    // The types of its rows are of no account here; sinks, which take rows, are not written in batch mode.
    return query === undefined || typeof value === 'function' ? [] : [[query, value as StreamingQuery]]
  }),
)

/** What `startBatch` takes: each export `<name>Query` of consumer.ts. */
export const queryNames: readonly string[] = [...queries.keys()]

/**
 * @throws MicrobatchError QUERY_INVALID for a name that is not one of `queryNames`, or a query that reads no topic
 * @example
 * const run = startBatch('bars')
 * run.add(records)
 * console.log(run.result().table)
 */
export function startBatch(name: string): BatchRun {
  const query = queries.get(name)
  if (query?.plan.source.kind !== 'kafka') {
    throw new MicrobatchError('QUERY_INVALID', `There is no query ${name} over a topic, only ${queryNames.join(', ')}.`)
  }
  const input = compileInput(query)
  const rows: LocatedRow[] = []
  const firstBad: string[] = []
  let numBad = 0
  return {
    topic: query.plan.source.topic,
    outputMode: query.outputMode,
    add(records) {
      const read = input.fromRecords(records)
      for (const row of read.rows) rows.push(row)
      numBad += read.deadLetters.length + read.numDropped
      for (const { topic, partition, offset, reason, detail } of read.deadLetters) {
        if (firstBad.length < numBadShown) firstBad.push(`${topic}-${partition}@${offset}: ${reason} (${detail})`)
      }
    },
    result() {
      const table = batchResult(query.plan, rows.toSorted(byPlace))
      const { columns } = query.plan
      const text = showString(table, { columns, numRows: table.length, truncate: false })
      return { table: text, numRows: table.length, numBad, firstBad }
    },
  }
}

/** Spark's order of rows over a Kafka range: by partition. */
const byPlace = ({ at: left }: LocatedRow, { at: right }: LocatedRow): number =>
  left.partition - right.partition || left.offset - right.offset
