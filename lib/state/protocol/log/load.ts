// LOAD: a shard as the store has it now (read-shard.ts), taken to hand by an invocation that may append to it.

import { shardKeys } from '../../items/names.ts'
import type { Shard } from '../../shards/shard.ts'
import type { Item } from '../../store.ts'
import { layoutOf } from '../evolution/kept-layout.ts'
import type { Invocation } from '../invocation.ts'
import { readShard } from './read-shard.ts'

/** The shard that this invocation has at hand, else the container's warm one, else the store's. */
export async function shardAtHand(invocation: Invocation, pk: string): Promise<Shard> {
  const known = invocation.shards.get(pk) ?? warmShard(invocation, pk)
  if (known === undefined) return loadShard(invocation, pk)
  invocation.shards.set(pk, known)
  return known
}

/** Undefined where the container has none, or one whose lines lie otherwise for the query. */
export function warmShard({ container, query }: Invocation, pk: string): Shard | undefined {
  const shard = container.warm.take(pk)
  return shard?.layoutKey === layoutOf(query).key ? shard : undefined
}

/**
 * Takes the one shard of a query to hand where no row of a batch went there, so that progress has what is kept in it. A store that
 * does not answer is no reason to fail a batch that is over.
 */
export async function countOnlyShard(invocation: Invocation, gen: string): Promise<void> {
  const [pk, ...others] = shardKeys(invocation.query, gen)
  if (pk === undefined || others.length > 0 || invocation.shards.has(pk)) return
  await shardAtHand(invocation, pk).catch(() => undefined)
}

/**
 * @param copy what is at hand; it is taken over, with nothing in it that the store has not confirmed
 * @param found the head, where a conflict has just told it; null where it told that there is none
 * @throws MicrobatchError STATE_FAILED; STATE_CONFLICT where a later version of the query has written the shard; STATE_INCOMPATIBLE
 *   where the log is damaged
 */
export async function loadShard(
  { query, container, store, shards }: Invocation,
  pk: string,
  copy?: Shard,
  found?: Item | null,
): Promise<Shard> {
  const { rules, parallelism } = container
  const shard = await readShard({ store, query, rules, parallelism }, pk, copy, found)
  shards.set(pk, shard)
  return shard
}
