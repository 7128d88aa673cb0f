// The way out of state that cannot be kept: a new generation. Promises that no item of the old one is read again, that
// batches which began on it fail and come again on the new one, and that the old items are removed, whatever their layout.

import * as z from 'zod/mini'
import type { WallTimeMs } from '../aggregate/time.ts'
import { MicrobatchError } from '../error.ts'
import { jsonOf } from './items/item-body.ts'
import { progressKey, shardKey } from './items/names.ts'
import { newProgress, progressItem } from './items/progress.ts'
import type { StateContainer } from './protocol/container.ts'
import { fingerprintOf } from './protocol/operators/compatibility.ts'
import type { LastingQuery } from './protocol/operators/stateful-query.ts'
import type { Item, ItemKey, StateStore } from './store.ts'

/** Only what a reset must know of the old state, so that it works on layouts that this code cannot read. */
const oldStateSchema = z.object({ gen: z.string(), fingerprint: z.array(z.tuple([z.string(), z.string()])) })

/** Between these lies every item of a shard, of this layout and of the one before. */
const firstKey = '!'
const afterKeys = '~~'

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
  return old === undefined ? 0 : removeShards(store, query.name, old)
}

/** An invocation that still writes under the old generation leaves items that nobody reads. */
async function removeShards(store: StateStore, name: string, { body }: Item): Promise<number> {
  const known = oldStateSchema.safeParse(jsonOf(Buffer.from(body).toString('utf8')))
  if (!known.success) return 0
  const shards = Number(new Map(known.data.fingerprint).get('shards') ?? 1)
  let removed = 0
  for (let shard = 0; shard < shards; shard += 1) {
    const keys: ItemKey[] = []
    for await (const page of store.range(shardKey(name, known.data.gen, shard), firstKey, afterKeys)) keys.push(...page)
    await store.exchange(
      [],
      keys.map(({ pk, sk }) => ({ pk, sk })),
    )
    removed += keys.length
  }
  return removed
}
