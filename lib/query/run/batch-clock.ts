// The clock of each record of a batch, for `currentTimestamp()`: that of the first batch it was in. A stateful query
// keeps clocks in its state; a stateless one keeps those of its last batches in the container.

import { wallTimeMs } from '../../aggregate/time.ts'
import { topicPartition } from '../../event/kafka-row.ts'
import type { Coordinates } from '../../event/located-row.ts'
import { keepClock } from '../../state/batch-clock.ts'
import { clockOf, type KnownBatch, rangesOf, withBatch } from '../../state/items/known-batch.ts'
import type { StateContainer } from '../../state/protocol/container.ts'
import type { LastingQuery, PartitionRows } from '../../state/protocol/operators/stateful-query.ts'
import type { Plan } from '../plan/plan.ts'
import { recordsOf } from './partitions.ts'

/** Epoch milliseconds, by the place of a record. */
export type RecordClock = (at: Coordinates) => number

/** @param nowMs when the batch began */
export type BatchClock = (places: readonly Coordinates[], nowMs: number) => Promise<RecordClock>

export interface KeptState {
  readonly container: StateContainer
  readonly query: LastingQuery
}

/** Whether a column of the query is the time. */
const readsClock = ({ operators, others, stages, after }: Plan): boolean =>
  [
    ...operators,
    ...others.flatMap((other) => other.operators),
    ...stages.flatMap(({ following }) => following),
    ...after,
  ].some((operator) => operator.kind === 'withColumn' && typeof operator.value !== 'function')

/** @param kept where the query keeps its state; null where it has none */
export function batchClock(plan: Plan, kept: KeptState | null): BatchClock {
  // Nobody looks at it.
  if (!readsClock(plan)) return async (_, nowMs) => () => nowMs
  let known: readonly KnownBatch[] = []
  return async (places, nowMs) => {
    const partitions = recordsOf(places)
    if (kept !== null) {
      const batch = { partitions: partitions.map(withoutRows) }
      known = await keepClock(kept.container, kept.query, batch, wallTimeMs(nowMs))
    } else {
      known = withBatch(known, { ranges: rangesOf(partitions), n: null, clockMs: nowMs })
    }
    const batches = known
    return (at) => clockOf(batches, topicPartition(at), at.offset) ?? nowMs
  }
}

/** What the state must know of a batch whose rows are not there yet. */
const withoutRows = ({ tp, records }: ReturnType<typeof recordsOf>[number]): PartitionRows<never> => ({
  tp,
  partition: records[0]?.partition ?? 0,
  records,
  rows: [],
  at: [],
  maxEventTimeMs: null,
  deadLetterOffsets: [],
})
