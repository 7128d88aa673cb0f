// The progress of a micro-batch, from what was delivered and what came of it.

import type { Candidate } from '../../aggregate/watermark.ts'
import type { Coordinates } from '../../event/located-row.ts'
import type { SinkBatch } from '../../sink/sink.ts'
import type { Plan } from '../plan/plan.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import type { DecodedDelivery } from './delivery.ts'
import { iso } from './event-times.ts'
import type {
  EventTimeProgress,
  OffsetsByTopic,
  SourceProgress,
  StateOfBatch,
  StateOperatorProgress,
  StreamingQueryProgress,
} from './progress.ts'

export function progressOf<Row>(
  query: StreamingQuery<Row>,
  { places, read, startedMs, decodedMs }: DecodedDelivery,
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
    ...(query.plan.watermark === null ? {} : { eventTime: eventTimeOf(read.eventTimes.statistics, state) }),
    stateOperators: state === null ? [] : [stateOperator(state)],
    sources: [{ description: descriptionOf(query.plan), ...offsetRange(places), numInputRows: places.length }],
    sink: {
      description: query.sinks.map(({ description }) => description).join(', '),
      numOutputRows: batch.rows.length,
    },
    numDeadLetters: read.deadLetters.length,
    numDroppedMalformed: read.numDropped,
  }
}

const eventTimeOf = (
  statistics: DecodedDelivery['read']['eventTimes']['statistics'],
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

const stateOperator = ({ watermarkMs: _, heldBackBy: __, ...operator }: StateOfBatch): StateOperatorProgress => ({
  operatorName: 'stateStoreSave',
  ...operator,
})

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
