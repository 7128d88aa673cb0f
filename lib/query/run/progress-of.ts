// The progress of a micro-batch, from what was delivered and what came of it.

import type { Candidate } from '../../aggregate/watermark.ts'
import type { Coordinates } from '../../event/located-row.ts'
import type { SinkBatch } from '../../sink/sink.ts'
import type { Plan } from '../plan/plan.ts'
import { ownTopics, sourcesOf, watermarksOf } from '../plan/sources.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'
import { iso } from '../read/event-times.ts'
import type { DecodedDelivery } from './delivery.ts'
import type {
  EventTimeProgress,
  OffsetsByTopic,
  SourceProgress,
  StateOfBatch,
  StreamingQueryProgress,
} from './progress.ts'

interface Outcome<Row> {
  readonly batch: SinkBatch<Row>
  /** @default those of the records; groups may have some too */
  readonly numDeadLetters?: number
  readonly endedMs: number
  /** What the batch ran with; null before any event time. */
  readonly watermarkMs: number | null
  readonly state: StateOfBatch | null
}

export function progressOf<Row>(
  query: StreamingQuery<Row>,
  { places, read, startedMs, decodedMs }: DecodedDelivery,
  { batch, numDeadLetters = read.deadLetters.length, endedMs, watermarkMs, state }: Outcome<Row>,
): StreamingQueryProgress {
  return {
    name: query.name,
    timestamp: iso(startedMs),
    batchId: batch.number,
    numInputRows: places.length,
    // A batch counts as at least a millisecond, as in Spark (ProgressReporter).
    processedRowsPerSecond: places.length / (Math.max(1, endedMs - startedMs) / 1000),
    durationMs: {
      triggerExecution: endedMs - startedMs,
      decode: decodedMs - startedMs,
      addBatch: endedMs - decodedMs,
    },
    ...(watermarksOf(query.plan).length === 0
      ? {}
      : { eventTime: eventTimeOf(read.eventTimes.statistics, watermarkMs, state) }),
    stateOperators: state?.operators ?? [],
    sources: sourcesOf(query.plan).map((plan, _, all) =>
      sourceOf(plan, all.length === 1 ? places : ofSource(plan, places)),
    ),
    sink: {
      description: query.sinks.map(({ description }) => description).join(', '),
      numOutputRows: batch.rows.length,
    },
    numDeadLetters,
    numDroppedMalformed: read.numDropped,
    numRowsWithoutEventTime: read.eventTimes.missing,
  }
}

const eventTimeOf = (
  statistics: DecodedDelivery['read']['eventTimes']['statistics'],
  watermarkMs: number | null,
  state: StateOfBatch | null,
): EventTimeProgress => ({
  ...statistics,
  watermark: iso(Math.max(0, watermarkMs ?? 0)),
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

const sourceOf = (plan: Plan, places: readonly Coordinates[]): SourceProgress => ({
  description: descriptionOf(plan),
  ...offsetRange(places),
  numInputRows: places.length,
})

function ofSource(plan: Plan, places: readonly Coordinates[]): readonly Coordinates[] {
  const topics = new Set(ownTopics(plan))
  return places.filter(({ topic }) => topics.has(topic))
}

const descriptionOf = ({ source }: Plan): string =>
  source.kind === 'kafka' ? `KafkaV2[Subscribe[${source.topics.join(', ')}]]` : source.topic

/**
 * The offsets that a batch covers.
 * @example offsetRange(records) // { startOffset: { ticks: { 0: 15 } }, endOffset: { ticks: { 0: 18 } } }
 */
export function offsetRange(places: readonly Coordinates[]): Pick<SourceProgress, 'startOffset' | 'endOffset'> {
  const first = new Map<string, Map<number, number>>()
  const last = new Map<string, Map<number, number>>()
  places.forEach((at, i) => {
    const before = places[i - 1]
    const after = places[i + 1]
    // Places come partition by partition: the first and the last of a run are the least and the greatest.
    if (before?.partition !== at.partition || before.topic !== at.topic) note(first, at, at.offset, Math.min)
    if (after?.partition !== at.partition || after.topic !== at.topic) note(last, at, at.offset + 1, Math.max)
  })
  return { startOffset: objectOf(first), endOffset: objectOf(last) }
}

function note(
  offsets: Map<string, Map<number, number>>,
  { topic, partition }: Coordinates,
  offset: number,
  choose: (left: number, right: number) => number,
): void {
  const ofTopic = offsets.get(topic) ?? new Map<number, number>()
  offsets.set(topic, ofTopic.set(partition, choose(offset, ofTopic.get(partition) ?? offset)))
}

const objectOf = (offsets: ReadonlyMap<string, ReadonlyMap<number, number>>): OffsetsByTopic =>
  Object.fromEntries(Array.from(offsets, ([topic, ofTopic]) => [topic, Object.fromEntries(ofTopic)]))
