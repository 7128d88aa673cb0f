// APPEND: changed groups of a shard, and what its head says beside them, by one conditional write of the head. Changes that fit
// go into the head itself; else they and the head's own go into new segments first, which count only once a head names them.

import type { Head } from '../items/head.ts'
import { headItem } from '../items/head.ts'
import { segmentName } from '../items/names.ts'
import { imageLine, pack, packLines, unpack } from '../items/segment.ts'
import { inParallel } from '../parallel.ts'
import type { GroupImage } from '../shards/group-table.ts'
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
  const lines = changed.map((image) => {
    const { endMs, lookup, last } = image
    const key = query.operator.keyText(lookup)
    return imageLine({ endMs, version: seq, last, key, acc: query.operator.encode(groups.accOf(image)) })
  })
  let written: Awaited<ReturnType<typeof write>>
  let own: readonly RemovedItem[] = []
  const next = { ...shard.head, ...change, seq }
  const rev = container.newToken()
  try {
    const log = await placed(invocation, shard, lines, seq)
    own = log.own
    written = log.failed ?? (await write(store, headItem(pk, { ...next, ...log.fields }, rev), shard.head.rev))
    if (written.kind === 'ok') {
      shard.head = { ...next, ...log.fields, rev }
      shard.merged = new Set(shard.head.segments.map(({ sk }) => sk))
      for (const [i, image] of changed.entries()) groups.confirm(image, lines[i] ?? '', seq)
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

interface Placed {
  readonly fields: Partial<Pick<Head, 'segments' | 'tail'>>
  readonly own: readonly RemovedItem[]
  /** A segment was not, or not surely, written. */
  readonly failed?: { readonly kind: 'unclear'; readonly found: undefined; readonly cause: unknown }
}

/** Where the changed lines go: nowhere, into the head's tail, or with the tail into new segments. */
async function placed(invocation: Invocation, shard: Shard, lines: readonly string[], seq: number): Promise<Placed> {
  if (lines.length === 0) return { fields: {}, own: [] }
  const { head } = shard
  const added = tailWith(head, lines, invocation.container.maxTailBytes)
  if (added !== null) return { fields: { tail: added }, own: [] }
  const tail = head.tail.map(unpack).join('')
  const all = tail === '' ? lines : [...tail.split(/(?<=\n)/), ...lines]
  const { segments, own, failed } = await putSegments(invocation, shard.pk, 'seg', seq, all)
  return {
    fields: { segments: [...head.segments, ...segments], tail: [] },
    own,
    ...(failed === undefined ? {} : { failed }),
  }
}

/** Groups compress to a fifth or so: of text that is so many times the room it is not tried. */
const hopelessRatio = 40

/** The tail with some lines more; null where they do not fit. */
function tailWith(head: Head, lines: readonly string[], maxTailBytes: number): Head['tail'] | null {
  const length = lines.reduce((sum, line) => sum + line.length, 0)
  if (length > hopelessRatio * maxTailBytes) return null
  const taken = head.tail.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const { bytes } = pack(lines.join(''))
  return taken + bytes.byteLength <= maxTailBytes ? [...head.tail, bytes] : null
}

/**
 * Writes lines into new segments under names that were never given before.
 * @returns what a head names them by; `failed` where one of them was not surely written: then none may be named
 */
export async function putSegments(
  { container, store }: Invocation,
  pk: string,
  kind: 'seg' | 'snap',
  number: number,
  lines: readonly string[],
) {
  const token = container.newSegmentToken()
  const pieces = packLines(lines, container.pieceLength).map(({ bytes, rawBytes }, part) => {
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
