// A shard as the store has it now, for whoever only reads: the head is read, then those of its segments that the copy at hand does
// not hold yet, on top of what it holds; after a compaction that the copy has not seen, everything is read anew. It writes nothing,
// and a compaction that runs beside it costs it another look at the head, and never a half of the groups.

import { MicrobatchError } from '../../../error.ts'
import { type Head, headOf } from '../../items/head.ts'
import { headKey } from '../../items/names.ts'
import { unpack } from '../../items/segment.ts'
import { inParallel } from '../../parallel.ts'
import { dropGone, emptyShard, type Shard } from '../../shards/shard.ts'
import type { Item, StateStore } from '../../store.ts'
import { layoutOf } from '../evolution/kept-layout.ts'
import type { LastingQuery } from '../operators/stateful-query.ts'
import { protocolRules, type Rules } from '../rules.ts'

export interface ShardSource {
  readonly store: Pick<StateStore, 'get'>
  /** With its layout (takeover.ts), where another version of it may have kept the state. */
  readonly query: LastingQuery
  /** Calls to the store under way at the same time. @default 16 */
  readonly parallelism?: number
  /** @default those of the protocol */
  readonly rules?: Rules
}

const defaultParallelism = 16

/**
 * The groups of a shard, the entries of its operators and the rows that it owes, as one append after another has left them: never a part
 * of an append. `head.rev` is null for a shard that nobody has written yet.
 *
 * @param pk `shardKey(query.name, gen, shard)`
 * @param copy what an earlier call gave; it is taken over, with nothing in it that the store has not confirmed
 * @param found the head, where a conflict has just told it; null where it told that there is none
 * @throws MicrobatchError STATE_FAILED; STATE_CONFLICT where a later version of the query has written the shard; STATE_INCOMPATIBLE
 *   where the log is damaged
 * @example
 * const shard = await readShard({ store, query }, shardKey(query.name, gen, 0))
 * for (const image of shard.groups.groups()) console.log(shard.groups.keyOf(image), shard.groups.accOf(image))
 */
export async function readShard(
  { store, query, parallelism = defaultParallelism, rules = protocolRules }: ShardSource,
  pk: string,
  copy?: Shard,
  found?: Item | null,
): Promise<Shard> {
  let item = found === undefined ? await store.get(headKey(pk)) : (found ?? undefined)
  for (let before: Head | undefined; ; ) {
    if (item === undefined) return emptyShard(pk, query)
    const head = headOf(item)
    if (rules.isTakenOver(head, layoutOf(query).evolution)) throw takenOver(query.name)
    const base = copy === undefined || rules.startsOver(head, copy.head) ? emptyShard(pk, query) : copy
    const unseen = head.segments.filter(({ sk }) => !base.merged.has(sk))
    const read = await inParallel(unseen, parallelism, ({ sk }) => store.get({ pk, sk }))
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
      return base
    }
    // A compaction has removed it since the head was read: the new head no longer names it.
    if (!rules.readsAgain(head, before)) throw damaged(pk, missing.sk)
    before = head
    item = await store.get(headKey(pk))
  }
}

const takenOver = (name: string): MicrobatchError =>
  new MicrobatchError(
    'STATE_CONFLICT',
    `The state of query "${name}" was taken over by another version of it meanwhile. A batch comes again, and is for that version; ` +
      'a question is asked again.',
  )

const damaged = (pk: string, sk: string): MicrobatchError =>
  new MicrobatchError(
    'STATE_INCOMPATIBLE',
    `The state of ${pk} names the segment ${sk}, which is not in the table: somebody has deleted it. Restore the table from ` +
      'a backup, or start with empty state: locally by "microbatch start --fresh", on AWS under another query name or with resetState.',
  )
