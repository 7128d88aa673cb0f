// How far a query has come: its one progress item, and the pure rules by which a batch moves it. Everything here is
// merged, never replaced: an older attempt that commits late may add to progress and never take anything back.
import * as z from 'zod'

import { pairsSchema, parseBody } from './group-image.ts'
import { layoutVersion, progressKey } from './layout.ts'
import type { PartitionBatch } from './stateful-query.ts'
import type { Item } from './store.ts'

export interface Progress {
  readonly rev: string
  /** Names one life of the state; a reset begins another. Part of every group's key. */
  readonly gen: string
  readonly fingerprint: ReadonlyMap<string, string>
  /** Number of the last committed batch; 0 before the first. */
  readonly n: number
  /** The watermark, epoch ms; null before any. Groups that end at or before it take no new rows. */
  readonly watermarkMs: number | null
  /** Groups that end at or before it have been emitted, apart from those that hold rows not yet acknowledged. */
  readonly closedMs: number | null
  /** The offset after the last committed one, per topic-partition. Counts, never filters. */
  readonly next: ReadonlyMap<string, number>
  readonly maxEventTimeMs: ReadonlyMap<string, number>
  /** Wall time of the last batch with an event time, per topic-partition. */
  readonly heardAtMs: ReadonlyMap<string, number>
  /** Wall time since which the query has not been silent for longer than the idle timeout. */
  readonly aliveAtMs: number
  readonly lastAtMs: number
  readonly lateRows: number
  readonly deadLetters: number
  /** Kafka timestamp of record `next - 1`: another one at that offset means another topic. */
  readonly tailTimestamp: ReadonlyMap<string, number>
}

const bodySchema = z.object({
  layout: z.literal(layoutVersion),
  gen: z.string(),
  fingerprint: z.array(z.tuple([z.string(), z.string()])),
  n: z.number(),
  watermarkMs: z.number().nullable(),
  closedMs: z.number().nullable(),
  next: pairsSchema,
  maxEventTimeMs: pairsSchema,
  heardAtMs: pairsSchema,
  aliveAtMs: z.number(),
  lastAtMs: z.number(),
  lateRows: z.number(),
  deadLetters: z.number(),
  tailTimestamp: pairsSchema,
})

export function newProgress(
  gen: string,
  rev: string,
  fingerprint: ReadonlyMap<string, string>,
  nowMs: number,
): Progress {
  return {
    rev,
    gen,
    fingerprint,
    n: 0,
    watermarkMs: null,
    closedMs: null,
    next: new Map(),
    maxEventTimeMs: new Map(),
    heardAtMs: new Map(),
    aliveAtMs: nowMs,
    lastAtMs: nowMs,
    lateRows: 0,
    deadLetters: 0,
    tailTimestamp: new Map(),
  }
}

export function progressItem(query: string, { rev, ...progress }: Progress): Item {
  const body = {
    layout: layoutVersion,
    ...progress,
    fingerprint: [...progress.fingerprint],
    next: [...progress.next],
    maxEventTimeMs: [...progress.maxEventTimeMs],
    heardAtMs: [...progress.heardAtMs],
    tailTimestamp: [...progress.tailTimestamp],
  }
  return { ...progressKey(query), rev, expiresAtSec: null, body: JSON.stringify(body) }
}

/** @throws MicrobatchError STATE_INCOMPATIBLE for an item of another layout. */
export function progressOf(item: Item): Progress {
  const { layout: _, ...body } = parseBody(item, bodySchema)
  return {
    ...body,
    rev: item.rev,
    fingerprint: new Map(body.fingerprint),
    next: new Map(body.next),
    maxEventTimeMs: new Map(body.maxEventTimeMs),
    heardAtMs: new Map(body.heardAtMs),
    tailTimestamp: new Map(body.tailTimestamp),
  }
}

/** `left` with every entry of `right` that is larger or new. */
export function mergeByMax(
  left: ReadonlyMap<string, number>,
  right: Iterable<readonly [string, number]>,
): ReadonlyMap<string, number> {
  const merged = new Map(left)
  for (const [tp, value] of right) merged.set(tp, Math.max(value, merged.get(tp) ?? value))
  return merged
}

export const laterOf = (left: number | null, right: number | null): number | null =>
  left === null || right === null ? (left ?? right) : Math.max(left, right)

/** Every partition of the batch that has an event time, heard of now. Garbage alone does not keep a partition active. */
export const heardNow = (
  partitions: ReadonlyMap<string, PartitionBatch>,
  nowMs: number,
): readonly (readonly [string, number])[] =>
  [...partitions].filter(([, part]) => part.maxEventTimeMs !== null).map(([tp]) => [tp, nowMs])

/**
 * The moment a batch came. After a silence longer than the idle timeout nobody's silence counts: the query itself was
 * down, and the partitions that have not come yet are not idle but waiting (STATE.md, H10).
 */
export function heard(
  progress: Progress,
  partitions: ReadonlyMap<string, PartitionBatch>,
  nowMs: number,
  idleMs: number,
) {
  // A flush brings nothing, so it says nothing about who is idle.
  if (partitions.size === 0) return progress
  return {
    ...progress,
    heardAtMs: mergeByMax(progress.heardAtMs, heardNow(partitions, nowMs)),
    aliveAtMs: nowMs - progress.lastAtMs > idleMs ? Math.max(progress.aliveAtMs, nowMs) : progress.aliveAtMs,
    lastAtMs: Math.max(progress.lastAtMs, nowMs),
  }
}
