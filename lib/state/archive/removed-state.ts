// How kept state goes: first its progress says so, on condition that no batch has committed meanwhile, then its items go, and its
// progress last. What a killed removal has left is removed by the next one.

import * as z from 'zod/mini'
import { jsonBody, jsonOf, textOf } from '../items/item-body.ts'
import { progressKey, shardKey } from '../items/names.ts'
import type { Item, ItemKey, StateStore } from '../store.ts'
import { shardsIn } from './kept-state.ts'

/** One life of the state of a query: what its items are found by. */
export interface StateLife {
  readonly gen: string
  readonly shards: number
}

/** Only what must be known to remove it, whatever else it is. */
const lifeSchema = z.object({
  gen: z.string(),
  fingerprint: z.array(z.tuple([z.string(), z.string()])),
  lastAtMs: z.optional(z.number()),
})

const parse = ({ body }: Item) => lifeSchema.safeParse(jsonOf(textOf(body))).data

/** @returns undefined for what is no progress that somebody of ours has written */
export function lifeIn(item: Item): StateLife | undefined {
  const parsed = parse(item)
  return parsed && { gen: parsed.gen, shards: shardsIn(new Map(parsed.fingerprint)) }
}

/** What stands under a name, also where this version cannot read it. */
export interface StandingState {
  /** The revision of its progress: a writing or a removal names it. */
  readonly rev: string
  /** Epoch milliseconds; undefined where it does not say. */
  readonly lastBatchAtMs: number | undefined
}

/**
 * @returns undefined for a free name
 * @throws MicrobatchError STATE_FAILED; CONFIG_INVALID for a name that cannot keep state
 * @example (await standingState(store, 'bars'))?.rev ?? null
 */
export async function standingState(store: Pick<StateStore, 'get'>, name: string): Promise<StandingState | undefined> {
  const item = await store.get(progressKey(name))
  return item && { rev: item.rev, lastBatchAtMs: parse(item)?.lastAtMs }
}

/** Between these lies every item of a shard. */
const firstKey = '!'
const afterKeys = '~~'

/** @returns how many items it removed */
export async function removeShards(store: StateStore, name: string, { gen, shards }: StateLife): Promise<number> {
  let removed = 0
  for (let shard = 0; shard < shards; shard += 1) {
    const keys: ItemKey[] = []
    for await (const page of store.range(shardKey(name, gen, shard), firstKey, afterKeys)) keys.push(...page)
    await store.exchange(
      [],
      keys.map(({ pk, sk }) => ({ pk, sk })),
    )
    removed += keys.length
  }
  return removed
}

export type Removed =
  | { readonly kind: 'removed'; readonly items: number }
  /** A batch has committed since, or a removal has begun: nothing was removed. */
  | { readonly kind: 'changed' }

/**
 * Removes all that is kept under a name. A batch that is under way fails, and comes again; it begins with empty state then.
 *
 * @param rev of the progress that was read; null where there was none
 * @param newToken a token never given before
 * @throws MicrobatchError STATE_FAILED
 * @example await removeState(store, 'bars', kept.progress.rev, randomUUID)
 */
export async function removeState(
  store: StateStore,
  name: string,
  rev: string | null,
  newToken: () => string,
): Promise<Removed> {
  const key = progressKey(name)
  const item = await store.get(key)
  if ((item?.rev ?? null) !== rev) return { kind: 'changed' }
  if (item === undefined) return { kind: 'removed', items: 0 }
  const life = lifeIn(item)
  const outcome = await store.put(tombstone(name, life, newToken()), rev)
  if (outcome.kind === 'conflict') return { kind: 'changed' }
  const items = life === undefined ? 0 : await removeShards(store, name, life)
  await store.exchange([], [key])
  return { kind: 'removed', items: items + 1 }
}

/** No batch goes on from it, and whoever removes the rest finds it by this. */
const tombstone = (name: string, life: StateLife | undefined, rev: string): Item => ({
  ...progressKey(name),
  rev,
  body: jsonBody({
    layout: 'removed',
    gen: life?.gen ?? '',
    fingerprint: [['shards', String(life?.shards ?? 0)]],
  }),
})
