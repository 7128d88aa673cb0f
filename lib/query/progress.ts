// The progress of one micro-batch, in the names and the order of Spark's StreamingQueryProgress, with what Spark has no
// word for at the end. One per invocation, which is Spark's data batch and the no-data batch after it.

import type { Candidate } from '../aggregate/watermark.ts'
import type { SinkBatch } from '../sink/sink.ts'
import type { Coordinates } from './coordinates.ts'
import { iso } from './event-times.ts'
import type { DecodedDelivery } from './micro-batch.ts'
import type { Plan } from './plan.ts'
import type { StreamingQuery } from './streaming-query.ts'

/** Offsets by topic and partition, as Spark writes them: `{"stock-ticks":{"0":15}}`. */
export type OffsetsByTopic = Readonly<Record<string, Readonly<Record<string, number>>>>

export interface EventTimeProgress {
  /** Of the rows of this batch; absent where none has an event time. */
  readonly avg?: string
  readonly max?: string
  readonly min?: string
  /** What the batch ran with: 1970 before there is one. */
  readonly watermark: string
  /** With the policy `min`: the partition that keeps the watermark where it is, and its event time if it has shown one. */
  readonly heldBackBy?: { readonly partition: string; readonly eventTime: string | null }
}

export interface StateOperatorProgress {
  readonly operatorName: 'stateStoreSave'
  /** Known in complete mode only, where every batch reads them all. */
  readonly numRowsTotal?: number
  readonly numRowsUpdated: number
  readonly numRowsRemoved: number
  /** Late groups, as Spark counts them: the late rows of a batch that belong to one group count once. */
  readonly numRowsDroppedByWatermark: number
  /** Late rows. */
  readonly numLateRows: number
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
  readonly batchId: number
  /** Records delivered, good and bad. */
  readonly numInputRows: number
  readonly processedRowsPerSecond: number
  /** Milliseconds by stage; `triggerExecution` is the whole batch. */
  readonly durationMs: Readonly<Record<'triggerExecution' | 'decode' | 'addBatch', number>>
  /** Of a query with a watermark. */
  readonly eventTime?: EventTimeProgress
  readonly stateOperators: readonly StateOperatorProgress[]
  readonly sources: readonly SourceProgress[]
  readonly sink: { readonly description: string; readonly numOutputRows: number }
  /** Bad records set aside in this batch. */
  readonly numDeadLetters: number
  /** Bad records dropped under the policy `drop`. */
  readonly numDroppedMalformed: number
}

/** What a query with an aggregation adds. */
export interface StateOfBatch extends Omit<StateOperatorProgress, 'operatorName' | 'numRowsTotal'> {
  readonly watermarkMs: number | null
  readonly numRowsTotal: number | null
  readonly heldBackBy: Candidate<string> | null
}

export function progressOf<Row>(
  query: StreamingQuery<Row>,
  { places, input, startedMs, decodedMs }: DecodedDelivery,
  { batch, endedMs, state }: { batch: SinkBatch<Row>; endedMs: number; state: StateOfBatch | null },
): StreamingQueryProgress {
  return {
    name: query.name,
    timestamp: iso(startedMs),
    batchId: batch.batchId,
    numInputRows: places.length,
    // A batch counts as at least a millisecond, as in Spark (ProgressReporter).
    processedRowsPerSecond: places.length / (Math.max(1, endedMs - startedMs) / 1000),
    durationMs: {
      triggerExecution: endedMs - startedMs,
      decode: decodedMs - startedMs,
      addBatch: endedMs - decodedMs,
    },
    ...(query.plan.watermark === null ? {} : { eventTime: eventTimeOf(input.eventTimes.statistics, state) }),
    stateOperators: state === null ? [] : [stateOperator(state)],
    sources: [{ description: descriptionOf(query.plan), ...offsetRange(places), numInputRows: places.length }],
    sink: {
      description: query.sinks.map(({ description }) => description).join(', '),
      numOutputRows: batch.rows.length,
    },
    numDeadLetters: input.deadLetters.length,
    numDroppedMalformed: input.numDropped,
  }
}

const eventTimeOf = (
  statistics: DecodedDelivery['input']['eventTimes']['statistics'],
  state: StateOfBatch | null,
): EventTimeProgress => ({
  ...statistics,
  watermark: iso(Math.max(0, state?.watermarkMs ?? 0)),
  ...holdback(state?.heldBackBy ?? null),
})

const holdback = (candidate: Candidate<string> | null): Pick<EventTimeProgress, 'heldBackBy'> =>
  candidate === null || candidate.partition === null
    ? {}
    : {
        heldBackBy: {
          partition: candidate.partition,
          eventTime: candidate.time === null ? null : iso(candidate.time),
        },
      }

function stateOperator({ numRowsTotal, numRowsUpdated, numRowsRemoved, ...late }: StateOfBatch): StateOperatorProgress {
  return {
    operatorName: 'stateStoreSave',
    ...(numRowsTotal === null ? {} : { numRowsTotal }),
    numRowsUpdated,
    numRowsRemoved,
    numRowsDroppedByWatermark: late.numRowsDroppedByWatermark,
    numLateRows: late.numLateRows,
  }
}

const descriptionOf = ({ source }: Plan): string =>
  source.kind === 'kafka' ? `KafkaV2[Subscribe[${source.topic}]]` : 'rows'

/**
 * The offsets that a batch covers.
 * @example offsetRange(records) // { startOffset: { ticks: { 0: 15 } }, endOffset: { ticks: { 0: 18 } } }
 */
export function offsetRange(places: readonly Coordinates[]): Pick<SourceProgress, 'startOffset' | 'endOffset'> {
  const byTopic = Map.groupBy(places, ({ topic }) => topic)
  const pick = (offsetOf: (records: readonly Coordinates[]) => number): OffsetsByTopic =>
    Object.fromEntries(
      Array.from(byTopic, ([topic, records]) => [
        topic,
        Object.fromEntries(
          Array.from(
            Map.groupBy(records, ({ partition }) => partition),
            ([partition, part]) => [partition, offsetOf(part)],
          ),
        ),
      ]),
    )
  return {
    startOffset: pick((records) => records[0]?.offset ?? 0),
    endOffset: pick((records) => (records.at(-1)?.offset ?? -1) + 1),
  }
}
