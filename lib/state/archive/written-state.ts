// How state is written under a name: its shards under a life of their own first, its progress last, on condition that nobody has written
// the name meanwhile. Killed before that, it leaves nothing that a batch would read; a note beside the progress says what to remove.

import * as z from 'zod/mini'
import { MicrobatchError } from '../../error.ts'
import { headItem } from '../items/head.ts'
import { jsonBody, jsonOf, textOf } from '../items/item-body.ts'
import { progressKey, segmentName, shardKeys } from '../items/names.ts'
import { progressItem } from '../items/progress.ts'
import { packLines } from '../items/segment.ts'
import type { Item, StateStore } from '../store.ts'
import type { MovedShard, MovedState } from './archive.ts'
import { shardsIn } from './kept-state.ts'
import { lifeIn, removeShards, type StateLife } from './removed-state.ts'

export interface WriteOptions {
  /** The revision of the progress that is replaced; null where the name must be free. */
  readonly rev: string | null
  /** Epoch milliseconds. */
  readonly nowMs: number
  /** Tokens never given before. */
  readonly newToken: () => string
}

export type WrittenState =
  | { readonly kind: 'written'; readonly items: number; readonly bytes: number }
  /** Somebody else has written the name meanwhile: what was written here is removed again. */
  | { readonly kind: 'changed' }

/** Text of groups that goes into one segment. */
const pieceLength = 1_000_000

/**
 * Writes state under a name, in place of what stands there with that revision.
 *
 * @throws MicrobatchError STATE_FAILED; STATE_TOO_LARGE; CONFIG_INVALID for a name that cannot keep state
 * @example await writeState(store, 'bars2', movedState(kept, Date.now()), { rev: null, nowMs, newToken: randomUUID })
 */
export async function writeState(
  store: StateStore,
  name: string,
  { progress, shards }: MovedState,
  { rev, nowMs, newToken }: WriteOptions,
): Promise<WrittenState> {
  const key = progressKey(name)
  const replaced = await store.get(key)
  if ((replaced?.rev ?? null) !== rev) return { kind: 'changed' }
  await removeUnfinished(store, name)
  const gen = newToken()
  const life = { gen, shards: shardsIn(progress.fingerprint) }
  const noteRev = newToken()
  const note = noteItem(name, { written: life, replaced: replaced && lifeIn(replaced) }, nowMs, noteRev)
  const noted = await store.put(note, null)
  if (noted.kind === 'conflict') return { kind: 'changed' }
  let [items, bytes] = [1, 0]
  for (const [i, pk] of shardKeys({ name, shards: life.shards }, gen).entries()) {
    const shard = shards[i]
    if (shard === undefined || isNothing(shard)) continue
    const { segments, head } = shardItems(pk, shard, newToken)
    await store.exchange(segments, [])
    await mustBeFirst(store, head)
    items += segments.length + 1
    bytes += segments.reduce((sum, { body }) => sum + body.byteLength, head.body.byteLength)
  }
  // Whoever takes the note away has taken what it names for left behind.
  const isNoted = (await store.get(note))?.rev === noteRev
  const item = progressItem(name, { ...progress, gen, rev: newToken() })
  const outcome = isNoted ? await store.put(item, rev) : ({ kind: 'conflict' } as const)
  await removeUnfinished(store, name)
  return outcome.kind === 'ok' ? { kind: 'written', items, bytes: bytes + item.body.byteLength } : { kind: 'changed' }
}

const isNothing = ({ head, numLines }: MovedShard): boolean => head.rev === null && numLines === 0

/** All lines in a snapshot, and a head that names nothing else. */
function shardItems(pk: string, { head, texts }: MovedShard, newToken: () => string) {
  const rev = newToken()
  const pieces = texts.flatMap((text) => packLines(text, pieceLength))
  const segments = pieces.map(({ bytes }, part): Item => {
    return { pk, sk: segmentName('snap', head.epoch, rev, part), rev, body: bytes }
  })
  const refs = pieces.map(({ bytes, rawBytes }, part) => {
    return { sk: segmentName('snap', head.epoch, rev, part), bytes: bytes.byteLength, rawBytes }
  })
  return { segments, head: headItem(pk, { ...head, segments: refs, tail: [] }, rev) }
}

/** How much of a table it would take: as `writeState` counts it, but for the progress. */
export function sizeOf({ shards }: MovedState): { readonly items: number; readonly bytes: number } {
  let [items, bytes] = [1, 0]
  for (const shard of shards) {
    if (isNothing(shard)) continue
    const { segments, head } = shardItems('', shard, () => '')
    items += segments.length + 1
    bytes += segments.reduce((sum, { body }) => sum + body.byteLength, head.body.byteLength)
  }
  return { items, bytes }
}

async function mustBeFirst(store: StateStore, item: Item): Promise<void> {
  const outcome = await store.put(item, null)
  if (outcome.kind === 'ok' || outcome.found?.rev === item.rev) return
  throw new MicrobatchError('STATE_CONFLICT', `${item.pk} was written by somebody else, under a life of its own.`)
}

const noteName = 'moving'
const lifeSchema = z.object({ gen: z.string(), shards: z.number() })
const noteSchema = z.object({ written: lifeSchema, replaced: z.optional(lifeSchema), atMs: z.number() })

interface Lives {
  readonly written: StateLife
  readonly replaced: StateLife | undefined
}

const noteKey = (name: string) => ({ ...progressKey(name), sk: noteName })

const noteItem = (name: string, lives: Lives, atMs: number, rev: string): Item => ({
  ...noteKey(name),
  rev,
  body: jsonBody({ ...lives, atMs }),
})

/** When a writing began that has not come to its end, epoch milliseconds; undefined where there is none. */
export async function unfinishedSince(store: Pick<StateStore, 'get'>, name: string): Promise<number | undefined> {
  const note = await store.get(noteKey(name))
  return note && parseNote(note)?.atMs
}

const parseNote = ({ body }: Item) => noteSchema.safeParse(jsonOf(textOf(body))).data

/** Removes what a writing has left behind that was killed, and what one that came to its end has replaced. */
export async function removeUnfinished(store: StateStore, name: string): Promise<void> {
  const note = await store.get(noteKey(name))
  if (note === undefined) return
  const live = await store.get(progressKey(name))
  const gen = live && lifeIn(live)?.gen
  const { written, replaced } = parseNote(note) ?? {}
  for (const life of [written, replaced]) {
    if (life !== undefined && life.gen !== gen) await removeShards(store, name, life)
  }
  await store.exchange([], [noteKey(name)])
}
