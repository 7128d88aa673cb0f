// The way out of state that cannot be kept: a new generation. Promises that no item of the old one is read again, that
// batches which began on it fail and come again on the new one, and that the old items are removed, whatever their layout.

import type { WallTimeMs } from '../aggregate/time.ts'
import { MicrobatchError } from '../error.ts'
import { lifeIn, removeShards } from './archive/removed-state.ts'
import { progressKey } from './items/names.ts'
import { newProgress, progressItem } from './items/progress.ts'
import type { StateContainer } from './protocol/container.ts'
import { fingerprintOf } from './protocol/operators/compatibility.ts'
import type { LastingQuery } from './protocol/operators/stateful-query.ts'

/**
 * Begins empty state for a query, whatever was there before. Rows delivered from now on are folded from nothing; move the
 * mapping's starting position as well if the topic is to be read again.
 *
 * @returns how many old items were removed
 * @throws MicrobatchError STATE_CONFLICT if a batch committed at the same moment: call it again
 * @example
 * ```ts
 * await resetState(stateContainer(dynamoState({ table })), query, wallTimeMs(Date.now()))
 * ```
 */
export async function resetState(
  { store, newToken }: StateContainer,
  query: LastingQuery,
  nowMs: WallTimeMs,
): Promise<number> {
  const old = await store.get(progressKey(query.name))
  const fresh = newProgress(newToken(), newToken(), fingerprintOf(query), nowMs)
  const outcome = await store.put(progressItem(query.name, fresh), old?.rev ?? null)
  if (outcome.kind === 'conflict') {
    throw new MicrobatchError(
      'STATE_CONFLICT',
      `A batch of query "${query.name}" committed while its state was reset: nothing was reset. Call resetState again.`,
    )
  }
  const life = old && lifeIn(old)
  // An invocation that still writes under the old generation leaves items that nobody reads.
  return life === undefined ? 0 : removeShards(store, query.name, life)
}
