// How far a query has come: its one progress item, and the pure rules by which a batch moves it. Everything here is
// merged, never replaced: an older attempt that commits late may add to progress and never take anything back.

import * as z from 'zod/mini'
import { type EventTimeMs, eventTimeMs, type WallTimeMs, wallTimeMs } from '../../aggregate/time.ts'
import { aliveSince } from '../../aggregate/watermark.ts'
import type { Item } from '../store.ts'
import { jsonBody, parseJsonBody } from './item-body.ts'
import type { KnownBatch } from './known-batch.ts'
import { layoutName, progressKey } from './names.ts'

export interface Progress {
  readonly rev: string
  /** Names one life of the state; a reset begins another. Part of every group's key. */
  readonly gen: string
  readonly fingerprint: ReadonlyMap<string, string>
  /** How often another version of the query has taken the state over, in other parts or another mode. */
  readonly evolution: number
  /** Update mode: all groups are to come out once, since another mode has kept them. */
  readonly owesTable: boolean
  /** Number of the last committed batch; 0 before the first. */
  readonly n: number
  /** Null before any event time. Groups that end at or before it take no new rows. */
  readonly watermarkMs: EventTimeMs | null
  /** Append mode: groups that end at or before it have been emitted, and nothing will follow. */
  readonly closedMs: EventTimeMs | null
  /** The offset after the last committed one, per topic-partition. Counts, never filters. */
  readonly next: ReadonlyMap<string, number>
  readonly maxEventTimeMs: ReadonlyMap<string, EventTimeMs>
  /** When the last batch came with an event time, per topic-partition. */
  readonly heardAtMs: ReadonlyMap<string, WallTimeMs>
  /** Since when the query has not been silent for longer than the idle timeout. */
  readonly aliveAtMs: WallTimeMs
  readonly lastAtMs: WallTimeMs
  readonly lateRows: number
  readonly deadLetters: number
  /** Kafka timestamp of record `next - 1`: another one at that offset means another topic. */
  readonly tailTimestamp: ReadonlyMap<string, number>
  /** Batches that may come again. */
  readonly batches: readonly KnownBatch[]
}

const wallTimeSchema = z.pipe(z.number(), z.transform(wallTimeMs))
const eventTimeSchema = z.pipe(z.number(), z.transform(eventTimeMs))
/** Offsets and times by topic-partition, as pairs: names from records never become property names. */
const pairsSchema = z.array(z.tuple([z.string(), z.number()]))

const batchSchema = z.object({
  ranges: z.array(z.tuple([z.string(), z.number(), z.number()])),
  n: z.nullable(z.number()),
  clockMs: z.nullable(z.number()),
})

const bodySchema = z.object({
  layout: z.literal(layoutName),
  gen: z.string(),
  fingerprint: z.array(z.tuple([z.string(), z.string()])),
  // Progress of a version before these fields has none.
  evolution: z._default(z.number(), 0),
  owesTable: z._default(z.boolean(), false),
  n: z.number(),
  watermarkMs: z.nullable(eventTimeSchema),
  closedMs: z.nullable(eventTimeSchema),
  next: pairsSchema,
  maxEventTimeMs: z.array(z.tuple([z.string(), eventTimeSchema])),
  heardAtMs: z.array(z.tuple([z.string(), wallTimeSchema])),
  aliveAtMs: wallTimeSchema,
  lastAtMs: wallTimeSchema,
  lateRows: z.number(),
  deadLetters: z.number(),
  tailTimestamp: pairsSchema,
  // Progress of a version before this field has none.
  batches: z._default(z.array(batchSchema), []),
})

export function newProgress(
  gen: string,
  rev: string,
  fingerprint: ReadonlyMap<string, string>,
  nowMs: WallTimeMs,
): Progress {
  return {
    rev,
    gen,
    fingerprint,
    evolution: 0,
    owesTable: false,
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
    batches: [],
  }
}

export function progressItem(query: string, { rev, ...progress }: Progress): Item {
  const body = {
    layout: layoutName,
    ...progress,
    fingerprint: [...progress.fingerprint],
    next: [...progress.next],
    maxEventTimeMs: [...progress.maxEventTimeMs],
    heardAtMs: [...progress.heardAtMs],
    tailTimestamp: [...progress.tailTimestamp],
  }
  return { ...progressKey(query), rev, body: jsonBody(body) }
}

/** @throws MicrobatchError STATE_INCOMPATIBLE for an item of another layout. */
export function progressFromItem(item: Item): Progress {
  const { layout: _, ...body } = parseJsonBody(item, bodySchema)
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
export function mergeByMax<T extends number>(
  left: ReadonlyMap<string, T>,
  right: Iterable<readonly [string, T]>,
): ReadonlyMap<string, T> {
  const merged = new Map(left)
  for (const [tp, value] of right) {
    const known = merged.get(tp)
    if (known === undefined || value > known) merged.set(tp, value)
  }
  return merged
}

export const laterOf = <T extends number>(left: T | null, right: T | null): T | null =>
  left === null || (right !== null && right > left) ? right : left

/** One partition of a batch, as far as it says that the partition is alive. */
export interface Heard {
  readonly tp: string
  readonly maxEventTimeMs: EventTimeMs | null
}

/** The partitions of a batch that show an event time. Garbage alone does not keep a partition active. */
export const heardOf = (partitions: readonly Heard[]): readonly string[] =>
  partitions.filter(({ maxEventTimeMs }) => maxEventTimeMs !== null).map(({ tp }) => tp)

/**
 * Progress with the moment a batch came. After a silence longer than the idle timeout nobody's silence counts: the query
 * itself was down, and the partitions that have not come yet are not idle but waiting (docs/state-protocol.md).
 *
 * @param idleMs the idle timeout; infinite where there is none
 */
export function heardFrom(
  progress: Progress,
  partitions: readonly Heard[],
  nowMs: WallTimeMs,
  idleMs: number,
): Progress {
  // A flush brings nothing, so it says nothing about who is idle.
  if (partitions.length === 0) return progress
  const { aliveAtMs, lastAtMs, heardAtMs } = progress
  return {
    ...progress,
    heardAtMs: mergeByMax(
      heardAtMs,
      heardOf(partitions).map((tp) => [tp, nowMs]),
    ),
    aliveAtMs: aliveSince(aliveAtMs, { last: lastAtMs, now: nowMs, idleMs }),
    lastAtMs: nowMs > lastAtMs ? nowMs : lastAtMs,
  }
}
