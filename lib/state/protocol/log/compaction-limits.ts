// When a shard is compacted: where its head names many segments, or many times the bytes of the groups that are there. The limits
// share out costs (docs/decisions/compaction-limits.md); the protocol is right with any.

import { liveBytes, namedBytes, type Shard } from '../../shards/shard.ts'
import type { StateContainer } from '../container.ts'

/** Named bytes may be this many times the live ones. */
const maxOverhead = 5

/** @param more compressed pieces that are about to be named beside what is */
export function isOverLimits(
  { maxSegments, slackBytes }: Pick<StateContainer, 'maxSegments' | 'slackBytes'>,
  shard: Shard,
  more: readonly { readonly bytes: Uint8Array }[] = [],
): boolean {
  const count = shard.head.segments.length + more.length
  if (count > maxSegments) return true
  const bytes = more.reduce((sum, piece) => sum + piece.bytes.byteLength, namedBytes(shard.head))
  return count > 1 && bytes > maxOverhead * liveBytes(shard) + slackBytes
}
