// The aggregates of sessions. Rows of a session are in the order of their times (Spark: MergingSessionsIterator), so aggregates that
// go by an order, as `first` and `last` do, are given places by time; what an aggregate of the query's own sees are the places that
// rows have in their topic.

import { type Aggregation, compileAggregates } from '../../../aggregate/aggregation.ts'
import type { Aggregate } from '../../../aggregate/functions/aggregate.ts'
import { type GroupKey, groupKey } from '../../../aggregate/group-key.ts'
import type { Coordinates } from '../../../event/located-row.ts'
import type { KeptForm } from '../../../state/protocol/evolution/kept-parts.ts'
import { fingerprintOf, operatorForm } from '../../aggregation/fingerprint.ts'
import type { PlanRow } from '../../plan/plan.ts'
import type { SessionAggregateStep } from '../../plan/stages/stage.ts'

export interface SessionAggregation {
  readonly aggregation: Aggregation<PlanRow>
  readonly key: GroupKey<PlanRow>
  readonly fingerprint: string
  readonly parts: KeptForm
  /** The place of a row in the order of time. */
  at(timeMs: number, place: Coordinates): Coordinates
}

interface TimedPlace extends Coordinates {
  readonly origin: Coordinates
}

/** More than the number of any row in its record, which is below 100,000. */
const indexes = 2 ** 17

export function sessionAggregation({ session, aggregation: step }: SessionAggregateStep): SessionAggregation {
  const aggregates = Object.entries(step.aggregates).map(([name, aggregate]) => [name, byOrigin(aggregate)] as const)
  const aggregation = compileAggregates<PlanRow>(Object.fromEntries(aggregates), step.input, step.hasTopics)
  const { column, gap } = session
  const gapText = typeof gap === 'function' ? 'fn' : `${gap.months} months ${gap.ms} ms`
  const { window: _, ...own } = fingerprintOf(step, aggregation.versions)
  const fingerprint = { sessions: `${column}, gap ${gapText}`, ...own }
  return {
    aggregation,
    key: groupKey<PlanRow>(step.keys, step.input),
    fingerprint: JSON.stringify(fingerprint),
    parts: operatorForm(fingerprint, step, aggregation.versions),
    at: timedPlace,
  }
}

/** Time stands where the partition is in other places. Of rows of one moment the offset decides, then the partition. */
function timedPlace(timeMs: number, origin: Coordinates): TimedPlace {
  const { topic, partition, offset, timestamp, timestampType, index = 0 } = origin
  const number = partition * indexes + index
  return {
    topic,
    partition: timeMs,
    offset,
    timestamp,
    timestampType,
    ...(number > 0 ? { index: number } : {}),
    origin,
  }
}

function byOrigin(aggregate: Aggregate<PlanRow>): Aggregate<PlanRow> {
  if (aggregate.kind !== 'custom') return aggregate
  const { aggregator } = aggregate
  return {
    ...aggregate,
    aggregator: {
      ...aggregator,
      add: (acc: unknown, { row, at }) => aggregator.add(acc, { row, at: originOf(at) }),
    },
  }
}

const originOf = (at: Coordinates): Coordinates => ('origin' in at ? (at as TimedPlace).origin : at)
