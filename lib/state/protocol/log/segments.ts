// Segments of a shard: how lines become new ones under names never given before, and how the ones that a head has replaced go.

import type { SegmentRef } from '../../items/head.ts'
import { segmentName } from '../../items/names.ts'
import type { Packed } from '../../items/segment.ts'
import type { Shard } from '../../shards/shard.ts'
import { exchangeSize, type Item, type RemovedItem } from '../../store.ts'
import type { Invocation } from '../invocation.ts'
import { isFinal } from './conditional-write.ts'

export interface NewSegments {
  /** What a head names them by. */
  readonly segments: readonly SegmentRef[]
  readonly own: readonly RemovedItem[]
  /** One of them was not, or not surely, written: then none may be named. */
  readonly failed?: { readonly kind: 'unclear'; readonly found: undefined; readonly cause: unknown }
}

/**
 * Writes packed lines into new segments. What the shard has left over goes by the same call, as far as there is room in it.
 * @throws MicrobatchError STATE_TOO_LARGE
 */
export async function putSegments(
  { container, store }: Invocation,
  shard: Shard,
  kind: 'seg' | 'snap',
  number: number,
  packed: readonly Packed[],
): Promise<NewSegments> {
  const { pk } = shard
  const token = container.newSegmentToken()
  const pieces = packed.map(({ bytes, rawBytes }, part) => {
    const sk = segmentName(kind, number, token, part)
    return { item: { pk, sk, rev: token, body: bytes } satisfies Item, ref: { sk, bytes: bytes.byteLength, rawBytes } }
  })
  const segments = pieces.map(({ ref }) => ref)
  const own = removedItems(pk, segments)
  const room = -pieces.length % exchangeSize
  const leftovers = shard.leftovers.slice(0, room < 0 ? room + exchangeSize : 0)
  try {
    await store.exchange(
      pieces.map(({ item }) => item),
      leftovers,
    )
  } catch (cause) {
    if (isFinal(cause)) throw cause
    return { segments, own, failed: { kind: 'unclear', found: undefined, cause } }
  }
  shard.leftovers = shard.leftovers.slice(leftovers.length)
  return { segments, own }
}

const removedItems = (pk: string, segments: readonly SegmentRef[]): readonly RemovedItem[] =>
  segments.map(({ sk, bytes }) => ({ pk, sk, bytes }))

/** Notes segments that no head names any more, nor will. */
export function leave(shard: Shard, segments: readonly SegmentRef[]): void {
  shard.leftovers = [...shard.leftovers, ...removedItems(shard.pk, segments)]
}

/** One call's worth of what is left over. */
export async function removeLeftovers({ store }: Invocation, shard: Shard): Promise<void> {
  await store.exchange([], shard.leftovers.slice(0, exchangeSize))
  shard.leftovers = shard.leftovers.slice(exchangeSize)
}
