// One invocation of a stateful query: the state protocol, a step per call (docs/state-protocol.md). Promises that every row is
// folded into each of its groups exactly once or late exactly once, whatever crashes, repeats or wakes up late, as long as the
// caller throws when this throws, so that the whole batch comes again. What is to be emitted is given back, and the batch is
// over when the caller has written it and acknowledges.

import type { EventTimeMs, WallTimeMs } from '../../aggregate/time.ts'
import type { Candidate } from '../../aggregate/watermark.ts'
import { noBound } from '../items/head.ts'
import { batchIdOf } from '../items/known-batch.ts'
import { groupId, shardKeys } from '../items/names.ts'
import type { Progress } from '../items/progress.ts'
import { inParallel } from '../parallel.ts'
import type { Shard, ShardImage } from '../shards/shard.ts'
import { shardRows } from '../shards/shard-rows.ts'
import { meteredStore, type StoreUsage } from '../usage.ts'
import { type Closing, closeWindows, moveClosed } from './close.ts'
import { compactShards } from './compact.ts'
import { splitGroup, warningsFor } from './compatibility.ts'
import type { StateContainer } from './container.ts'
import { type Folded, foldShard, windowEndOf } from './fold.ts'
import type { Invocation } from './invocation.ts'
import { lateRowsOf } from './late-rows.ts'
import { loadShard } from './load.ts'
import { decisive } from './progress-rules.ts'
import { changeProgress, openProgress } from './progress-store.ts'
import type { Batch, LateRow, Output, OutputRow, StatefulQuery } from './stateful-query.ts'

export interface BatchOutcome {
  /** 1, 2, …: the number of its commit. */
  readonly batchId: number
  /** The watermark late rows were measured by, and the one after this batch (groups were closed by it). */
  readonly ranWithWatermarkMs: EventTimeMs | null
  readonly watermarkMs: EventTimeMs | null
  /** Groups that took rows in this attempt; groups that the watermark passed in this batch; open groups, as far as seen. */
  readonly groupsUpdated: number
  readonly groupsClosed: number
  readonly groupsTotal: number
  /** Memory of the groups at hand, an estimate; segments that their heads name. */
  readonly stateBytes: number
  readonly segments: number
  /** Over the life of the state, each row once. */
  readonly lateRowsTotal: number
  readonly deadLettersTotal: number
  /** With `min`: the partition the watermark waits for, and its event time (null: nothing seen of it yet). */
  readonly heldBackBy: Candidate<string> | null
  readonly usage: StoreUsage
  readonly warnings: readonly string[]
}

/** A batch whose rows count. Its results are to be written, in this order: `late`, `output()`; then `acknowledge()`. */
export interface AppliedBatch<Row, Acc> {
  readonly late: readonly LateRow<Row>[]
  readonly batchId: number
  /** The one emission of the batch, perhaps of no rows, in the order of windows and keys. */
  output(): Promise<Output<Acc>>
  /** After every sink has taken the output. */
  acknowledge(): Promise<BatchOutcome>
}

/**
 * Applies one batch.
 *
 * @throws MicrobatchError STATE_INCOMPATIBLE, STATE_CONFLICT, STATE_TOO_LARGE, STATE_FAILED; CONFIG_INVALID from `output` for a
 *   group in two shards; and what the operator throws. After any of them the whole batch must come again.
 * @example
 * ```ts
 * const applied = await applyBatch(stateContainer(dynamoState({ table })), query, batch, wallTimeMs(Date.now()))
 * await write(await applied.output())
 * await applied.acknowledge()
 * ```
 */
export async function applyBatch<Row, Acc>(
  container: StateContainer,
  query: StatefulQuery<Row, Acc>,
  batch: Batch<Row>,
  nowMs: WallTimeMs,
): Promise<AppliedBatch<Row, Acc>> {
  const { store, usage } = meteredStore(container.store)
  // The steps never look into rows and accumulators: the operator that they are handed to is the query's own.
  const erased = { query: query as unknown as Invocation['query'], batch: batch as unknown as Invocation['batch'] }
  const invocation: Invocation = { container, store, ...erased, nowMs, shards: new Map() }
  const opened = await openProgress(invocation)
  const folded = await foldBatch(invocation, opened)
  const late = lateRowsOf(folded)
  const committed = await commitBatch(invocation, opened, late)
  let closing: Closing | null = null
  let closed = 0
  return {
    late: late as readonly LateRow<Row>[],
    batchId: batchIdOf(committed, batch.partitions),
    async output() {
      closing = query.outputMode === 'append' ? await closeWindows(invocation, committed) : null
      const images = await emittedImages(invocation, committed, folded, closing)
      closed = query.outputMode === 'append' ? images.length : endedIn(folded, opened, committed)
      return outputOf(invocation, committed, images) as Output<Acc>
    },
    async acknowledge() {
      if (closing !== null) await moveClosed(invocation, closing.progress, committed.watermarkMs)
      const failures = await compactShards(invocation, folded)
      // A copy that a compaction was at when it failed may be half of one state, half of another.
      for (const shard of invocation.shards.values()) if (!failures.has(shard.pk)) container.warm.give(shard)
      return outcomeOf(invocation, opened, committed, folded, closed, usage, [...failures.values()])
    },
  }
}

/** Step 2: the rows of each shard, all shards in parallel. */
export const foldBatch = (invocation: Invocation, opened: Progress): Promise<readonly Folded[]> =>
  inParallel(shardRows(invocation.query, opened.gen, invocation.batch), invocation.container.parallelism, (part) =>
    foldShard(invocation, part, opened),
  )

/** Step 3: the commit. Commits are totally ordered; its watermark is the one that windows are closed by. */
export function commitBatch(
  invocation: Invocation,
  opened: Progress,
  late: readonly LateRow<never>[],
): Promise<Progress> {
  const { container, query, batch, nowMs } = invocation
  return changeProgress(invocation, opened, (current) => container.rules.advance(current, query, batch, late, nowMs))
}

/** Steps 4 and 5: which groups go out. */
async function emittedImages(
  invocation: Invocation,
  { gen }: Progress,
  folded: readonly Folded[],
  closing: Closing | null,
): Promise<readonly ShardImage[]> {
  switch (invocation.query.outputMode) {
    case 'append':
      return closing?.images ?? []
    case 'update':
      return folded.flatMap(({ shard, touched }) => touched.map((image) => ({ image, shard })))
    case 'complete':
      return wholeTable(invocation, gen)
  }
}

/** Every group of every shard, read now: after the commit, whose number orders the tables. */
export async function wholeTable(invocation: Invocation, gen: string): Promise<readonly ShardImage[]> {
  const { query, container } = invocation
  const shards = await inParallel(shardKeys(query, gen), container.parallelism, (pk) =>
    loadShard(invocation, pk, invocation.shards.get(pk) ?? container.warm.take(pk)),
  )
  return shards.flatMap((shard) => Array.from(shard.groups.all(), (image) => ({ image, shard })))
}

/** @throws MicrobatchError CONFIG_INVALID where a group is in two shards, which only a false `keyedBy` can bring about */
export function outputOf({ query, batch }: Invocation, committed: Progress, images: readonly ShardImage[]): Output {
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

/** Groups at hand that the watermark passed in this batch. */
function endedIn(folded: readonly Folded[], opened: Progress, committed: Progress): number {
  if (committed.watermarkMs === null) return 0
  let count = 0
  for (const { shard } of folded) {
    for (const _ of shard.groups.endedIn(opened.watermarkMs ?? noBound, committed.watermarkMs)) count += 1
  }
  return count
}

function outcomeOf(
  { query, batch, nowMs, shards }: Invocation,
  opened: Progress,
  committed: Progress,
  folded: readonly Folded[],
  groupsClosed: number,
  usage: StoreUsage,
  warnings: readonly string[],
): BatchOutcome {
  const known = [...shards.values()]
  const sum = (of: (shard: Shard) => number): number => known.reduce((total, shard) => total + of(shard), 0)
  const openAfterMs = query.outputMode === 'complete' ? noBound : (committed.watermarkMs ?? noBound)
  return {
    batchId: committed.n,
    ranWithWatermarkMs: opened.watermarkMs,
    watermarkMs: committed.watermarkMs,
    groupsUpdated: folded.reduce((total, { written }) => total + written, 0),
    groupsClosed,
    groupsTotal: sum(({ groups }) => groups.countAfter(openAfterMs)),
    stateBytes: sum(({ groups }) => groups.bytes),
    segments: sum(({ head }) => head.segments.length),
    lateRowsTotal: committed.lateRows,
    deadLettersTotal: committed.deadLetters,
    heldBackBy: query.watermark?.policy === 'min' ? decisive(committed, query.watermark, nowMs) : null,
    usage,
    warnings: [...warningsFor(opened, query, batch, nowMs), ...warnings],
  }
}
