// One micro-batch of a query without state: records in, dead letters and rows out, progress back. All or nothing: if
// anything throws, the batch was not processed and comes again.

import type { KafkaRow } from '../event/kafka-row.ts'
import type { DeadLetter, DeadLetterSink } from '../sink/dead-letter.ts'
import type { OutputColumns } from '../sink/output-columns.ts'
import type { SinkBatch } from '../sink/sink.ts'
import { compileRecords, type LocatedRow } from './decode-records.ts'
import type { Plan } from './plan.ts'
import { offsetRange, type StreamingQueryProgress } from './progress.ts'
import type { StreamingQuery } from './streaming-query.ts'

export interface MicroBatchResult<Row> {
  readonly batch: SinkBatch<Row>
  readonly deadLetters: readonly DeadLetter[]
  readonly progress: StreamingQueryProgress
}

export interface MicroBatch<Row> {
  run(records: readonly KafkaRow[]): Promise<MicroBatchResult<Row>>
}

/** What a micro-batch needs from outside. */
export interface MicroBatchPorts {
  readonly deadLetters: DeadLetterSink
  /** Epoch milliseconds. */
  readonly now: () => number
}

export function statelessMicroBatch<Row>(
  query: StreamingQuery<Row>,
  { deadLetters, now }: MicroBatchPorts,
): MicroBatch<Row> {
  const decode = compileRecords(query)
  let batchId = 0
  return {
    async run(records) {
      const startedMs = now()
      const decoded = decode(records)
      const decodedMs = now()
      await deadLetters.send(decoded.deadLetters)
      const batch: SinkBatch<Row> = {
        query: query.name,
        batchId,
        outputMode: query.outputMode,
        columns: columnsOf(query.plan, decoded.rows),
        rows: decoded.rows.map(({ row, record }) => ({
          // The types of a plan's rows are held by the builder: Row is what they are after the last operator.
          row: row as Row,
          id: `${record.topic}-${record.partition}-${record.offset}`,
        })),
      }
      for (const sink of query.sinks) await sink.write(batch)
      // Only a batch that was written uses up its number.
      batchId += 1
      const endedMs = now()
      return {
        batch,
        deadLetters: decoded.deadLetters,
        progress: {
          name: query.name,
          timestamp: new Date(startedMs).toISOString(),
          batchId: batch.batchId,
          numInputRows: records.length,
          processedRowsPerSecond: rate(records.length, endedMs - startedMs),
          durationMs: {
            triggerExecution: endedMs - startedMs,
            decode: decodedMs - startedMs,
            addBatch: endedMs - decodedMs,
          },
          sources: [{ description: sourceOf(query.plan), ...offsetRange(records), numInputRows: records.length }],
          sink: {
            description: query.sinks.map((sink) => sink.description).join(', '),
            numOutputRows: batch.rows.length,
          },
          numDeadLetters: decoded.deadLetters.length,
          numDroppedMalformed: decoded.numDropped,
        },
      }
    },
  }
}

/** Rows a second; a batch counts as at least a millisecond, as in Spark (ProgressReporter). */
const rate = (rows: number, durationMs: number): number => rows / (Math.max(1, durationMs) / 1000)

const sourceOf = ({ source }: Plan): string =>
  source.kind === 'kafka' ? `KafkaV2[Subscribe[${source.topic}]]` : 'rows'

/** The plan's columns, and after them those that a function of `decode` added: they are known when a row comes. */
function columnsOf(plan: Plan, rows: readonly LocatedRow[]): OutputColumns {
  if (!plan.isOpen) return plan.columns
  const names = new Set(rows.flatMap(({ row }) => Object.keys(row)))
  const known = [...plan.columns].filter(([name]) => names.size === 0 || names.has(name))
  const added = Array.from(names.difference(new Set(plan.columns.keys())), (name) => [name, 'inferred'] as const)
  return new Map([...known, ...added])
}
