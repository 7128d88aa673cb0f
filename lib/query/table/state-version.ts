// The state that an answer is of, from the progress that was read before the shards, and from their heads.

import type { StateLook } from '../../state/reader/state-reader.ts'
import type { Shard } from '../../state/shards/shard.ts'
import type { AsOf, StateVersion } from './state-table.ts'

export function versionOf({ progress }: StateLook, { head }: Shard): StateVersion {
  // What was committed before the shard was read is in it; what it has beyond that was applied by batches that are under way.
  const offsets = new Map(progress.next)
  for (const [tp, offset] of head.applied) offsets.set(tp, Math.max(offset, offsets.get(tp) ?? 0))
  return {
    batchId: progress.n - 1,
    watermarkMs: progress.watermarkMs,
    offsets,
    writes: head.seq,
    generation: progress.gen,
  }
}

/** That of several shards of one look: what all of them have. */
export function wholeVersion(versions: readonly StateVersion[]): AsOf {
  const [first, ...others] = versions
  if (first === undefined) return null
  const offsets = new Map(first.offsets)
  let { writes } = first
  for (const other of others) {
    writes += other.writes
    for (const tp of [...offsets.keys()]) {
      const offset = other.offsets.get(tp)
      if (offset === undefined) offsets.delete(tp)
      else offsets.set(tp, Math.min(offset, offsets.get(tp) ?? offset))
    }
  }
  return { ...first, offsets, writes }
}
