// The head of a shard: one small item that names its segments and holds its newest changes itself. One conditional write of it
// is what makes a batch's rows count, all of them or none. An absent head is an empty shard; heads are never deleted.

import * as z from 'zod/mini'
import type { Item } from '../store.ts'
import { binaryBody, parseBinaryBody } from './item-body.ts'
import { headKey } from './names.ts'

/** Before any bound: less than every event time. */
export const noBound = Number.NEGATIVE_INFINITY

/** Rows of a partition from `offset` on were decided with `shutMs`: those of a window that ended by it are late. */
export type Cut = readonly [offset: number, shutMs: number]

export interface SegmentRef {
  readonly sk: string
  /** Bytes as stored, and before compression. */
  readonly bytes: number
  readonly rawBytes: number
}

export interface Head {
  /** Null for a head that was never written. */
  readonly rev: string | null
  /** Writes of this head so far. */
  readonly seq: number
  /** Compactions so far. */
  readonly epoch: number
  /** That of the version of the query that wrote it last (Progress.evolution): no version before it may write any more. */
  readonly evolution: number
  /** By topic-partition: rows below this offset are in the state, or late. */
  readonly applied: ReadonlyMap<string, number>
  /** By topic-partition: the first offset of the newest batch seen; rows below it are acknowledged. */
  readonly from: ReadonlyMap<string, number>
  /** No row enters a group with `end <= boundMs` any more. */
  readonly boundMs: number
  /** Append mode: groups with `end <= closedMs` are no longer there. */
  readonly closedMs: number
  readonly cuts: ReadonlyMap<string, readonly Cut[]>
  readonly segments: readonly SegmentRef[]
  /** Compressed changes, oldest first, newer than all segments. */
  readonly tail: readonly Uint8Array[]
}

export const emptyHead: Head = {
  rev: null,
  seq: 0,
  epoch: 0,
  evolution: 0,
  applied: new Map(),
  from: new Map(),
  boundMs: noBound,
  closedMs: noBound,
  cuts: new Map(),
  segments: [],
  tail: [],
}

/** JSON has no infinity. */
const bound = z.pipe(
  z.nullable(z.number()),
  z.transform((value) => value ?? noBound),
)
const offsets = z.pipe(
  z.array(z.tuple([z.string(), z.number()])),
  z.transform((pairs) => new Map(pairs)),
)

const headSchema = z.object({
  seq: z.number(),
  epoch: z.number(),
  evolution: z._default(z.number(), 0),
  applied: offsets,
  from: offsets,
  boundMs: bound,
  closedMs: bound,
  cuts: z.pipe(
    z.array(z.tuple([z.string(), z.array(z.tuple([z.number(), bound]))])),
    z.transform((pairs) => new Map(pairs)),
  ),
  segments: z.array(z.tuple([z.string(), z.number(), z.number()])),
  tail: z.array(z.number()),
})

const finite = (value: number): number | null => (value === noBound ? null : value)

/** @param rev the revision that the head is written with */
export function headItem(pk: string, head: Head, rev: string): Item {
  const fields = {
    seq: head.seq,
    epoch: head.epoch,
    ...(head.evolution === 0 ? {} : { evolution: head.evolution }),
    applied: [...head.applied],
    from: [...head.from],
    boundMs: finite(head.boundMs),
    closedMs: finite(head.closedMs),
    cuts: Array.from(head.cuts, ([tp, cuts]) => [tp, cuts.map(([offset, shutMs]) => [offset, finite(shutMs)])]),
    segments: head.segments.map(({ sk, bytes, rawBytes }) => [sk, bytes, rawBytes]),
    tail: head.tail.map(({ byteLength }) => byteLength),
  }
  return { ...headKey(pk), rev, body: binaryBody(JSON.stringify(fields), head.tail) }
}

/** @throws MicrobatchError STATE_INCOMPATIBLE for an item that is no head of this layout */
export function headOf(item: Item): Head {
  const { fields, rest } = parseBinaryBody(item, headSchema)
  let at = 0
  const tail = fields.tail.map((length) => {
    at += length
    return rest.subarray(at - length, at)
  })
  return {
    ...fields,
    rev: item.rev,
    segments: fields.segments.map(([sk, bytes, rawBytes]) => ({ sk, bytes, rawBytes })),
    tail,
  }
}
