// APPEND: changed groups of a shard, and what its head says beside them, by one conditional write of the head. Changes that fit
// go into the head itself; else they and the head's own go into new segments first, which count only once a head names them.

import { TextWriter } from '../../text-writer.ts'
import type { Head } from '../items/head.ts'
import { headItem } from '../items/head.ts'
import { entryLane, isGroupEnd } from '../items/lane.ts'
import { segmentName } from '../items/names.ts'
import { fitsItem, type Packed, pack, packLines, unpack, writeImageStart } from '../items/segment.ts'
import { inParallel } from '../parallel.ts'
import { slotOf } from '../shards/due-times.ts'
import { type GroupImage, gone } from '../shards/group-image.ts'
import type { GroupTable } from '../shards/group-table.ts'
import { dropGone, type Shard } from '../shards/shard.ts'
import type { Item, RemovedItem } from '../store.ts'
import { causeOf, write } from './conditional-write.ts'
import type { Invocation } from './invocation.ts'

export type Appended =
  | { readonly kind: 'ok' }
  /** Not written, or not surely: LOAD, and think again. What was folded is taken back in the copy at hand. */
  | { readonly kind: 'again'; readonly found: Item | null | undefined; readonly cause: unknown }

/** @throws MicrobatchError STATE_TOO_LARGE */
export async function append(
  invocation: Invocation,
  shard: Shard,
  change: Partial<Head>,
  changed: readonly GroupImage[],
): Promise<Appended> {
  const { container, store, query } = invocation
  const { pk, groups } = shard
  const seq = shard.head.seq + 1
  let written: Awaited<ReturnType<typeof write>>
  let own: readonly RemovedItem[] = []
  const next = { ...shard.head, ...change, seq }
  const rev = container.newToken()
  try {
    query.chain?.settle()
    const { text, ends } = linesOf(invocation, groups, changed, seq)
    const log = await placed(invocation, shard, text, seq)
    own = log.own
    written = log.failed ?? (await write(store, headItem(pk, { ...next, ...log.fields }, rev), shard.head.rev))
    if (written.kind === 'ok') {
      shard.head = { ...next, ...log.fields, rev }
      shard.merged = new Set(shard.head.segments.map(({ sk }) => sk))
      groups.confirm(changed, text, ends, seq)
      dropGone(shard, query, container.rules)
      return { kind: 'ok' }
    }
  } catch (error) {
    for (const image of changed) groups.restore(image)
    throw error
  }
  for (const image of changed) groups.restore(image)
  if (own.length > 0 && container.rules.mayTakeBack(written.kind)) await store.remove(own)
  return { kind: 'again', found: written.found, cause: causeOf(written) }
}

/** One for all appends: none waits for anything while it writes. */
const out = new TextWriter()

/** The images as lines; `ends[i]` is where that of `changed[i]` ends. */
function linesOf({ query }: Invocation, groups: GroupTable, changed: readonly GroupImage[], version: number) {
  const { operator, chain } = query
  const ends: number[] = []
  out.clear()
  for (const image of changed) {
    const { endMs, lookup, last } = image
    const isGroup = isGroupEnd(endMs)
    writeImageStart({ endMs, version, last, key: isGroup ? operator.keyText(lookup) : String(lookup) }, out)
    if (image.acc !== gone) {
      const acc = groups.accOf(image)
      if (endMs === entryLane) chain?.write(slotOf(String(lookup)), acc, out)
      else operator.write(acc, out)
    }
    out.text('\n')
    ends.push(out.length)
  }
  return { text: out.finish(), ends }
}

interface Placed {
  readonly fields: Partial<Pick<Head, 'segments' | 'tail'>>
  readonly own: readonly RemovedItem[]
  /** A segment was not, or not surely, written. */
  readonly failed?: { readonly kind: 'unclear'; readonly found: undefined; readonly cause: unknown }
}

/** Where the changed lines go: nowhere, into the head's tail, or with the tail into new segments. */
async function placed(invocation: Invocation, { pk, head }: Shard, lines: string, seq: number): Promise<Placed> {
  if (lines === '') return { fields: {}, own: [] }
  const { maxTailBytes, pieceLength } = invocation.container
  const taken = head.tail.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const fits = ({ bytes }: Packed): boolean => taken + bytes.byteLength <= maxTailBytes
  const packed = lines.length > hopelessRatio * maxTailBytes ? null : pack(lines)
  if (packed !== null && fits(packed)) return { fields: { tail: [...head.tail, packed.bytes] }, own: [] }
  const pieces =
    head.tail.length === 0 && packed !== null && fitsItem(packed)
      ? [packed]
      : packLines(tailLines(head) + lines, pieceLength)
  const { segments, own, failed } = await putSegments(invocation, pk, 'seg', seq, pieces)
  return {
    fields: { segments: [...head.segments, ...segments], tail: [] },
    own,
    ...(failed === undefined ? {} : { failed }),
  }
}

/** Groups compress to a fifth or so: of text that is so many times the room it is not tried. */
const hopelessRatio = 40

const tailLines = ({ tail }: Head): string => tail.map(unpack).join('')

/**
 * Writes packed lines into new segments under names that were never given before.
 * @returns what a head names them by; `failed` where one of them was not surely written: then none may be named
 */
export async function putSegments(
  { container, store }: Invocation,
  pk: string,
  kind: 'seg' | 'snap',
  number: number,
  packed: readonly Packed[],
) {
  const token = container.newSegmentToken()
  const pieces = packed.map(({ bytes, rawBytes }, part) => {
    const sk = segmentName(kind, number, token, part)
    return { item: { pk, sk, rev: token, body: bytes }, ref: { sk, bytes: bytes.byteLength, rawBytes } }
  })
  const written = await inParallel(pieces, container.parallelism, ({ item }) => write(store, item, null))
  const bad = written.find(({ kind: outcome }) => outcome !== 'ok')
  const failed =
    bad === undefined || bad.kind === 'ok'
      ? undefined
      : ({ kind: 'unclear', found: undefined, cause: causeOf(bad) } as const)
  return {
    segments: pieces.map(({ ref }) => ref),
    own: pieces.map(({ ref: { sk, bytes } }): RemovedItem => ({ pk, sk, bytes })),
    failed,
  }
}
