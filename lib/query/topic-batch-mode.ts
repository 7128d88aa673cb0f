// Batch mode over records of the query's topic that somebody else reads: the plan is the stream's own. Neither sinks nor
// dead letters are written; the result and what was bad are handed back.

import { refuse } from '../error.ts'
import type { KafkaRow } from '../event/kafka-row.ts'
import { place } from '../event/located-row.ts'
import { showString } from '../sink/show-string.ts'
import { lookupsOf, readWithLookups } from './lookup/lookup-reads.ts'
import { topicsOf } from './plan/sources.ts'
import type { StageStep } from './plan/stages/stage.ts'
import type { StreamingQuery } from './plan/streaming-query.ts'
import { compileReader } from './read/row-reader.ts'
import { batchFold } from './run/batch-mode.ts'

/** A query over one range of its topics. */
export interface TopicBatch {
  /** One or more. */
  readonly topics: readonly string[]
  readonly outputMode: string
  /** How its groups are told apart; null where the query has no aggregation. */
  readonly grouping: TopicBatchGrouping | null
  /** In a stream some of its rows come out only when the watermark, or a timer, says so: not with the records that they are of. */
  readonly isHeld: boolean
  /**
   * Takes some records, in any order; their bytes are not kept.
   * @throws MicrobatchError RECORD_MALFORMED under the policy `fail`; FUNCTION_FAILED; both name the record. PREPARE_FAILED
   */
  add(records: readonly KafkaRow[]): Promise<void>
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
  /** Spark's table of all rows, ending in a line break; made when it is asked for. */
  readonly table: string
  readonly numRows: number
  /** Records that are not in the table because they are bad. */
  readonly numBad: number
  /** The first five of them: `stock-ticks-0@17: NOT_JSON (…)`. */
  readonly firstBad: readonly string[]
}

const numBadShown = 5

/** Rows that are there together: few enough to be dead before the collector first looks. */
const numAtOnce = 1000

/**
 * Rows come in Spark's order over a Kafka range, by partition and offset (those of several topics at one offset, by topic); nothing is late, and a watermark has no meaning.
 *
 * @param now for `currentTimestamp()`, epoch milliseconds
 * @throws MicrobatchError QUERY_INVALID for a query that reads no topic
 * @example
 * const batch = topicBatch(barsQuery)
 * await batch.add(records)
 * console.log(batch.result().table)
 */
export function topicBatch<Row>(query: StreamingQuery<Row>, now: () => number = Date.now): TopicBatch {
  const { plan, outputMode, name } = query
  if ([plan, ...plan.others].some(({ source }) => source.kind !== 'kafka')) return refuse(`${name} reads no topic.`)
  const reader = compileReader(query)
  const nowMs = now()
  const lookups = lookupsOf(plan)
  const fold = batchFold(plan, nowMs)
  const firstBad: string[] = []
  let numBad = 0
  return {
    topics: topicsOf(plan),
    outputMode,
    grouping:
      plan.aggregation === null
        ? null
        : { columns: plan.aggregation.order, window: plan.aggregation.window?.name ?? null },
    isHeld: plan.stages.some(({ step }) => holdsRows(step)),
    async add(records) {
      await reader.prepare(records)
      for (let from = 0; from < records.length; from += numAtOnce) {
        const some = records.slice(from, from + numAtOnce)
        const read = await readWithLookups(name, lookups, nowMs, () => reader.fromRecords(some, () => nowMs))
        fold.add(read.rows)
        numBad += read.deadLetters.length + read.numDropped
        for (const letter of read.deadLetters.slice(0, numBadShown - firstBad.length)) {
          firstBad.push(`${place(letter)}: ${letter.reason} (${letter.detail})`)
        }
      }
    },
    result() {
      let numRefused = 0
      const rows = fold.rows((refusal) => {
        numRefused += 1
        if (firstBad.length < numBadShown) firstBad.push(`a group: ${refusal.reason} (${refusal.detail})`)
      })
      return {
        rows,
        get table() {
          return showString(rows, { columns: plan.columns, numRows: rows.length, truncate: false })
        },
        numRows: rows.length,
        numBad: numBad + numRefused,
        firstBad,
      }
    },
  }
}

function holdsRows(step: StageStep): boolean {
  switch (step.kind) {
    case 'aggregate':
    case 'sessionAggregate':
      return true
    case 'join':
      return step.type === 'left' || step.type === 'right' || step.type === 'full'
    case 'transformWithState':
      return step.timeMode !== 'none'
    case 'dropDuplicates':
    case 'limit':
      return false
  }
}
