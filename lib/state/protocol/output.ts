// What goes out of a batch, by its output mode: groups, or the rows that a chain of operators gave.

import { batchIdOf } from '../items/known-batch.ts'
import { owedLane } from '../items/lane.ts'
import { groupId, shardKeys } from '../items/names.ts'
import type { Progress } from '../items/progress.ts'
import { inParallel } from '../parallel.ts'
import type { GroupImage } from '../shards/group-image.ts'
import type { Shard, ShardImage } from '../shards/shard.ts'
import { Turn } from '../shards/turn.ts'
import type { Closing } from './close.ts'
import { fencedShard } from './evolution/fence.ts'
import { layoutOf } from './evolution/kept-layout.ts'
import type { Folded } from './fold/fold.ts'
import { windowEndOf } from './fold/fold.ts'
import type { Invocation } from './invocation.ts'
import { loadShard, warmShard } from './log/load.ts'
import { splitGroup } from './operators/compatibility.ts'
import type { LastingQuery, Output, OutputRow } from './operators/stateful-query.ts'
/** Steps 4 and 5: which groups go out. */
export async function emittedImages(
  invocation: Invocation,
  { gen }: Progress,
  folded: readonly Folded[],
  closing: Closing | null,
): Promise<readonly ShardImage[]> {
  const { outputMode, gives } = invocation.query
  if (outputMode === 'complete' || layoutOf(invocation.query).owesTable) return wholeTable(invocation, gen)
  const touched = folded.flatMap(({ shard, touched }) => touched.map((image) => ({ image, shard })))
  if (gives === 'rows') return [...touched, ...(closing?.images ?? [])]
  return outputMode === 'append' ? (closing?.images ?? []) : touched
}

/** Every group of every shard, read now: after the commit, whose number orders the tables. */
export async function wholeTable(invocation: Invocation, gen: string): Promise<readonly ShardImage[]> {
  const { query, container } = invocation
  const load = layoutOf(query).owesTable ? fencedShard : loadShard
  const shards = await inParallel(shardKeys(query, gen), container.parallelism, (pk) =>
    load(invocation, pk, invocation.shards.get(pk) ?? warmShard(invocation, pk)),
  )
  return shards.flatMap((shard) => {
    const images = query.gives === 'rows' ? rowsOfTable(query, shard) : shard.groups.groups()
    return Array.from(images, (image) => ({ image, shard }))
  })
}

/** What the last operator of a chain has, as images that are in no table. */
function rowsOfTable({ chain }: LastingQuery, { groups, head }: Shard): readonly GroupImage[] {
  const images: GroupImage[] = []
  chain?.table(new Turn(groups), (row, id) => {
    images.push({
      endMs: owedLane,
      lookup: id,
      key: null,
      text: null,
      from: 0,
      to: 0,
      acc: row,
      version: head.seq,
      last: [],
      changedBy: null,
    })
  })
  return images
}

/** @throws MicrobatchError CONFIG_INVALID where a group is in two shards, which only a false `keyedBy` can bring about */
export function outputOf({ query, batch }: Invocation, committed: Progress, images: readonly ShardImage[]): Output {
  if (query.gives === 'rows') {
    const rows = images.map(({ image, shard }): OutputRow => {
      return {
        id: String(image.lookup),
        lookup: image.lookup,
        windowEndMs: null,
        acc: shard.groups.accOf(image),
        version: image.version,
      }
    })
    return { mode: query.outputMode, gen: committed.gen, batchId: batchIdOf(committed, batch.partitions), rows }
  }
  const rows = images.toSorted(byWindowAndKey).map(({ image, shard }): OutputRow => {
    const { lookup, endMs, version } = image
    const windowEndMs = windowEndOf(endMs)
    const key = shard.groups.keyOf(image)
    return { id: groupId({ key, windowEndMs }), lookup, windowEndMs, acc: shard.groups.accOf(image), version }
  })
  // Within a shard each group is there once.
  const split = query.shards === 1 ? undefined : rows.find(({ id }, i) => id === rows[i + 1]?.id)
  if (split !== undefined) throw splitGroup(query, split.id)
  return { mode: query.outputMode, gen: committed.gen, batchId: batchIdOf(committed, batch.partitions), rows }
}

/** The order of their ids, without laying out the text of each. */
function byWindowAndKey(one: ShardImage, other: ShardImage): number {
  if (one.image.endMs !== other.image.endMs) return one.image.endMs < other.image.endMs ? -1 : 1
  const left = one.shard.groups.keyOf(one.image)
  const right = other.shard.groups.keyOf(other.image)
  return left < right ? -1 : left > right ? 1 : 0
}
