// The state operators of a batch, as its progress lists them: what they hold, changed and let go of, and what their store was asked.

import type { BatchOutcome } from '../../state/protocol/batch-outcome.ts'
import type { LateRow } from '../../state/protocol/operators/stateful-query.ts'
import type { KeptOperators } from '../aggregation/kept-operators.ts'
import type { StateOfBatch } from './progress.ts'

/** What progress says of the state. Spark counts late groups of a batch, not rows: its filter sits after the merge. */
export function stateOf(
  outcome: BatchOutcome,
  late: readonly LateRow<unknown>[],
  { chain, grouping }: KeptOperators,
): StateOfBatch {
  const dropped = new Set(late.flatMap(({ groups }) => groups.map(({ key, windowEndMs }) => `${windowEndMs} ${key}`)))
  const lateRows = { numRowsDroppedByWatermark: dropped.size, numLateRows: late.length }
  const none = { numRowsDroppedByWatermark: 0, numLateRows: 0 }
  const store = {
    memoryUsedBytes: outcome.stateBytes,
    customMetrics: {
      segments: outcome.segments,
      storeCalls: outcome.usage.calls,
      readUnits: outcome.usage.readUnits,
      writeUnits: outcome.usage.writeUnits,
    },
  }
  const aggregation = {
    operatorName: 'stateStoreSave',
    numRowsUpdated: outcome.groupsUpdated,
    numRowsRemoved: outcome.groupsClosed,
    numRowsTotal: outcome.groupsTotal,
    ...(chain === null ? lateRows : none),
    ...store,
  }
  const stages = outcome.operators.map(({ updated, removed, total, custom }, slot) => ({
    operatorName: chain?.names[slot] ?? '',
    numRowsUpdated: updated,
    numRowsRemoved: removed,
    numRowsTotal: total,
    ...(slot === 0 ? lateRows : none),
    ...store,
    customMetrics: {
      ...store.customMetrics,
      ...Object.fromEntries((chain?.metrics[slot] ?? []).map((metric) => [metric, 0])),
      ...Object.fromEntries(custom),
    },
  }))
  return {
    heldBackBy: outcome.heldBackBy,
    // Spark lists the last operator of a plan first.
    operators: [...(grouping === null ? [] : [aggregation]), ...stages.reverse()],
  }
}
