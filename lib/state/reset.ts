// The way out of state that cannot be kept: a new generation. Promises that no item of the old one is read again, that
// batches which began on it fail and come again on the new one, and that the old groups expire.
import * as z from 'zod'

import type { WallTimeMs } from '../aggregate/time.ts'
import { MicrobatchError } from '../error.ts'
import { jsonOf } from './items/item-body.ts'
import { firstSortKey, lastSortKey, progressKey, shardKeys } from './items/layout.ts'
import { newProgress, progressItem } from './items/progress.ts'
import { fingerprintOf } from './protocol/compatibility.ts'
import type { StateSession } from './protocol/session.ts'
import type { StatefulQuery } from './protocol/stateful-query.ts'
import type { Item } from './store.ts'

/** Only what a reset must know of the old state, so that it works on layouts this code cannot read. */
const oldStateSchema = z.object({ gen: z.string(), fingerprint: z.array(z.tuple([z.string(), z.string()])) })

/**
 * Begins empty state for a query, whatever was there before. Rows delivered from now on are folded from nothing; move the
 * mapping's starting position as well if the topic is to be read again.
 *
 * @returns how many old groups were left to expire
 * @throws MicrobatchError STATE_CONFLICT if a batch committed at the same moment: call it again
 * @example
 * ```ts
 * await resetState(stateSession(dynamoState({ table })), query, wallTimeMs(Date.now()))
 * ```
 */
export async function resetState<V>(
  session: StateSession,
  query: StatefulQuery<V>,
  nowMs: WallTimeMs,
): Promise<number> {
  const { store } = session
  const old = await store.get(progressKey(query.name))
  const fresh = newProgress(session.newToken(), session.newToken(), fingerprintOf(query), nowMs)
  const outcome = await store.put(progressItem(query.name, fresh), old?.rev ?? null)
  if (outcome === 'conflict') {
    throw new MicrobatchError(
      'STATE_CONFLICT',
      `A batch of query "${query.name}" committed while its state was reset: nothing was reset. Call resetState again.`,
    )
  }
  return old === undefined ? 0 : expireGroups(session, query.name, old, Math.floor(nowMs / 1000))
}

// Open groups never expire by themselves. A group that somebody still writes is skipped: nobody reads it again.
async function expireGroups({ store, newToken }: StateSession, name: string, old: Item, nowSec: number) {
  const known = oldStateSchema.safeParse(jsonOf(old.body))
  if (!known.success) return 0
  const shards = Number(new Map(known.data.fingerprint).get('shards') ?? 1)
  let expired = 0
  for (const pk of shardKeys(name, known.data.gen, shards)) {
    for await (const page of store.range(pk, firstSortKey, lastSortKey)) {
      for (const item of page) {
        const outcome = await store.put({ ...item, rev: newToken(), expiresAtSec: nowSec }, item.rev)
        if (outcome === 'ok') expired += 1
      }
    }
  }
  return expired
}
