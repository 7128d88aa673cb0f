// The clock of a batch, kept before anything looks at it: a retry, in any container, finds it in progress. It costs a read and
// a write a batch, so it is for queries that ask for the time.

import type { WallTimeMs } from '../aggregate/time.ts'
import { findBatch, type KnownBatch, rangesOf, withBatch } from './items/known-batch.ts'
import type { StateContainer } from './protocol/container.ts'
import type { Invocation } from './protocol/invocation.ts'
import type { Batch, LastingQuery } from './protocol/operators/stateful-query.ts'
import { openProgress } from './protocol/progress/open-progress.ts'
import { changeProgress } from './protocol/progress/progress-store.ts'

/**
 * @param nowMs the clock, if the batch has none yet
 * @returns the batches that may come again, this one among them, the oldest first
 * @throws MicrobatchError STATE_INCOMPATIBLE, STATE_CONFLICT, STATE_FAILED
 */
export async function keepClock(
  container: StateContainer,
  query: LastingQuery,
  batch: Batch<never>,
  nowMs: WallTimeMs,
): Promise<readonly KnownBatch[]> {
  const invocation: Invocation = {
    container,
    store: container.store,
    query,
    batch,
    nowMs,
    shards: new Map(),
    turns: [],
  }
  const ranges = rangesOf(batch.partitions)
  const { progress: opened } = await openProgress(invocation)
  const kept = await changeProgress(invocation, opened, (current) => {
    if ((findBatch(current.batches, ranges)?.clockMs ?? null) !== null) return null
    return { ...current, batches: withBatch(current.batches, { ranges, n: null, clockMs: nowMs }) }
  })
  return kept.batches
}
