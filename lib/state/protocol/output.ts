// What goes out of a batch, by its output mode: groups, or the rows that a chain of operators gave.

import { batchIdOf } from '../items/known-batch.ts'
import { owedLane } from '../items/lane.ts'
import { groupId, shardKeys } from '../items/names.ts'
import type { Progress } from '../items/progress.ts'
import { inParallel } from '../parallel.ts'
import { GroupImage } from '../shards/group-image.ts'
import { type Shard, ShardImage } from '../shards/shard.ts'
import { Turn } from '../shards/turn.ts'
import type { Closing } from './close.ts'
import { fencedShard } from './evolution/fence.ts'
import { layoutOf } from './evolution/kept-layout.ts'
import type { Folded } from './fold/fold.ts'
import { windowEndOf } from './fold/fold.ts'
import type { Invocation } from './invocation.ts'
import { loadShard, warmShard } from './log/load.ts'
import { splitGroup } from './operators/compatibility.ts'
import type { Lookup } from './operators/group-operator.ts'
import { idOfRow, type RowBlock, type RowName } from './operators/row-block.ts'
import type { Batch, LastingQuery, Output, OutputRow } from './operators/stateful-query.ts'
import { spanOf } from './rules.ts'

/** Steps 4 and 5: which groups go out. */
export async function emittedImages(
  invocation: Invocation,
  { gen }: Progress,
  folded: readonly Folded[],
  closing: Closing | null,
): Promise<readonly ShardImage[]> {
  const { outputMode, gives } = invocation.query
  if (outputMode === 'complete' || layoutOf(invocation.query).owesTable) return wholeTable(invocation, gen)
  const touched = folded.flatMap(({ shard, touched }) => touched.map((image) => new ShardImage(image, shard)))
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
    return Array.from(images, (image) => new ShardImage(image, shard))
  })
}

/** What the last operator of a chain has, as a block that is in no table. */
function rowsOfTable({ chain }: LastingQuery, { groups, head }: Shard): readonly GroupImage[] {
  const rows: never[] = []
  const ids: RowName[] = []
  chain?.table(new Turn(groups), (row, id) => {
    rows.push(row)
    ids.push(id)
  })
  const block: RowBlock = { rows, ids, offsets: null, text: null }
  const image = new GroupImage(Number.POSITIVE_INFINITY, '')
  image.acc = block
  image.version = head.seq
  return [image]
}

const all = { first: 0, end: Number.POSITIVE_INFINITY }

/** The rows of blocks, but for those that other batches gave. */
function rowsOf({ partitions }: Batch<never>, images: readonly ShardImage[]): readonly OutputRow[] {
  const spans = new Map(partitions.map((part) => [part.tp, spanOf(part)] as const))
  const out: OutputRow[] = []
  for (const { image, shard } of images) {
    const { rows, ids, offsets } = shard.groups.accOf(image) as RowBlock
    const { endMs, lookup, last, version } = image
    const [tp, ownOffset] = [String(last[0] ?? ''), last[1]]
    const { first, end } = (endMs === owedLane ? spans.get(tp) : undefined) ?? all
    for (let i = 0; i < rows.length; i += 1) {
      const offset = offsets === null ? Number(ownOffset ?? 0) : (offsets[i] ?? 0)
      if (offset < first || offset >= end) continue
      const id = ids === null ? String(lookup) : idOfRow(ids[i] ?? null, tp, offset)
      out.push(new EmittedRow(id, id, null, rows[i], version))
    }
    // Whoever wants them once more reads the line.
    if (image.text !== null) image.acc = undefined
  }
  return out
}

/** @throws MicrobatchError CONFIG_INVALID where a group is in two shards, which only a false `keyedBy` can bring about */
export function outputOf({ query, batch }: Invocation, committed: Progress, images: readonly ShardImage[]): Output {
  const of = { mode: query.outputMode, gen: committed.gen, batchId: batchIdOf(committed, batch.partitions) }
  if (query.gives === 'rows') return { ...of, rows: rowsOf(batch, images) }
  const rows = images.toSorted(byWindowAndKey).map(({ image, shard }): OutputRow => {
    const windowEndMs = windowEndOf(image.endMs)
    const id = groupId({ key: shard.groups.keyOf(image), windowEndMs })
    return new EmittedRow(id, image.lookup, windowEndMs, shard.groups.accOf(image), image.version)
  })
  // Within a shard each group is there once.
  const split = query.shards === 1 ? undefined : rows.find(({ id }, i) => id === rows[i + 1]?.id)
  if (split !== undefined) throw splitGroup(query, split.id)
  return { ...of, rows }
}

/** What a class makes V8 keeps young (lib/event/located-row.ts). */
class EmittedRow implements OutputRow {
  declare readonly id: string
  declare readonly lookup: Lookup
  declare readonly windowEndMs: OutputRow['windowEndMs']
  declare readonly acc: unknown
  declare readonly version: number

  constructor(id: string, lookup: Lookup, windowEndMs: OutputRow['windowEndMs'], acc: unknown, version: number) {
    this.id = id
    this.lookup = lookup
    this.windowEndMs = windowEndMs
    this.acc = acc
    this.version = version
  }
}

/** The order of their ids, without laying out the text of each. */
function byWindowAndKey(one: ShardImage, other: ShardImage): number {
  if (one.image.endMs !== other.image.endMs) return one.image.endMs < other.image.endMs ? -1 : 1
  const left = one.shard.groups.keyOf(one.image)
  const right = other.shard.groups.keyOf(other.image)
  return left < right ? -1 : left > right ? 1 : 0
}
