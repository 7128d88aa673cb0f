// LOAD: a shard as the store has it now. The head is read, then those of its segments that the copy at hand does not hold yet,
// on top of what it holds; after a compaction that the copy has not seen, everything is read anew.

import { MicrobatchError } from '../../../error.ts'
import { type Head, headOf } from '../../items/head.ts'
import { headKey, shardKeys } from '../../items/names.ts'
import { unpack } from '../../items/segment.ts'
import { inParallel } from '../../parallel.ts'
import { dropGone, emptyShard, type Shard } from '../../shards/shard.ts'
import type { Item } from '../../store.ts'
import { layoutOf } from '../evolution/kept-layout.ts'
import type { Invocation } from '../invocation.ts'

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
export async function loadShard(invocation: Invocation, pk: string, copy?: Shard, found?: Item | null): Promise<Shard> {
  const { query, container, store } = invocation
  const { rules } = container
  let item = found === undefined ? await store.get(headKey(pk)) : (found ?? undefined)
  for (let before: Head | undefined; ; ) {
    if (item === undefined) return keep(invocation, emptyShard(pk, query))
    const head = headOf(item)
    if (rules.isTakenOver(head, layoutOf(query).evolution)) throw takenOver(query.name)
    const base = copy === undefined || rules.startsOver(head, copy.head) ? emptyShard(pk, query) : copy
    const unseen = head.segments.filter(({ sk }) => !base.merged.has(sk))
    const read = await inParallel(unseen, container.parallelism, ({ sk }) => store.get({ pk, sk }))
    const missing = unseen[read.indexOf(undefined)]
    if (missing === undefined) {
      for (const segment of read) if (segment !== undefined) base.groups.merge(unpack(segment.body))
      for (const changes of head.tail) base.groups.merge(unpack(changes))
      base.head = head
      base.merged = new Set(head.segments.map(({ sk }) => sk))
      base.leftovers = copy?.leftovers ?? []
      // Whoever had the shard before may have died beside it.
      base.mayHaveOrphans = copy?.mayHaveOrphans ?? true
      dropGone(base, query, rules)
      return keep(invocation, base)
    }
    // A compaction has removed it since the head was read: the new head no longer names it.
    if (!rules.readsAgain(head, before)) throw damaged(pk, missing.sk)
    before = head
    item = await store.get(headKey(pk))
  }
}

function keep({ shards }: Invocation, shard: Shard): Shard {
  shards.set(shard.pk, shard)
  return shard
}

const takenOver = (name: string): MicrobatchError =>
  new MicrobatchError(
    'STATE_CONFLICT',
    `The state of query "${name}" was taken over by another version of it while this batch ran. The batch comes again, ` +
      'and is for that version.',
  )

const damaged = (pk: string, sk: string): MicrobatchError =>
  new MicrobatchError(
    'STATE_INCOMPATIBLE',
    `The state of ${pk} names the segment ${sk}, which is not in the table: somebody has deleted it. Restore the table from ` +
      'a backup, or start with empty state: locally by "microbatch start --fresh", on AWS under another query name or with resetState.',
  )
