// One invocation of a stateful query: the state protocol, a step per call (docs/state-protocol.md). Promises that every row is
// folded into each of its groups exactly once or late exactly once, whatever crashes, repeats or wakes up late, as long as the
// caller throws when this throws, so that the whole batch comes again. What is to be emitted is given back, and the batch is
// over when the caller has written it and acknowledges.

import type { WallTimeMs } from '../../aggregate/time.ts'
import { batchIdOf } from '../items/known-batch.ts'
import type { Progress } from '../items/progress.ts'
import { inParallel } from '../parallel.ts'
import { shardRows } from '../shards/shard-rows.ts'
import { meteredStore } from '../usage.ts'
import type { BatchOutcome } from './batch-outcome.ts'
import { endedIn, outcomeOf } from './batch-outcome.ts'
import { type Closing, closeWindows, moveClosed } from './close.ts'
import type { StateContainer } from './container.ts'
import { layoutOf } from './evolution/kept-layout.ts'
import { type Folded, foldShard } from './fold/fold.ts'
import { lateRowsOf } from './fold/late-rows.ts'
import type { Invocation } from './invocation.ts'
import { compactShards } from './log/compact.ts'
import { countOnlyShard } from './log/load.ts'
import { type Batch, isClosing, type LateRow, type Output, type StatefulQuery } from './operators/stateful-query.ts'
import { emittedImages, outputOf } from './output.ts'
import { openProgress } from './progress/open-progress.ts'
import { changeProgress } from './progress/progress-store.ts'

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
  const begun: Invocation = { container, store, ...erased, nowMs, shards: new Map(), turns: [] }
  const { invocation, progress: opened } = await openProgress(begun)
  const folded = await foldBatch(invocation, opened)
  const late = lateRowsOf(folded)
  const committed = await commitBatch(invocation, opened, late)
  let closing: Closing | null = null
  let emitted = 0
  return {
    late: late as readonly LateRow<Row>[],
    batchId: batchIdOf(committed, batch.partitions),
    async output() {
      closing = isClosing(invocation.query)
        ? await closeWindows(invocation, committed, isAlone(invocation, opened, committed, folded))
        : null
      const images = await emittedImages(invocation, committed, folded, closing)
      const output = outputOf(invocation, committed, images)
      emitted = output.rows.length
      return output as Output<Acc>
    },
    async acknowledge() {
      if (closing !== null) await moveClosed(invocation, closing.progress, committed.watermarkMs)
      if (layoutOf(invocation.query).owesTable) await paidTable(invocation, committed)
      await countOnlyShard(invocation, committed.gen)
      const failures = await compactShards(invocation, folded)
      // A copy that a compaction was at when it failed may be half of one state, half of another.
      for (const shard of invocation.shards.values()) if (!failures.has(shard.pk)) container.warm.give(shard)
      const closed = isClosing(invocation.query) ? emitted : endedIn(invocation, opened, committed)
      const warnings = [...container.takenOver.splice(0).map(taken), ...failures.values()]
      return outcomeOf(invocation, opened, committed, folded, closed, usage, warnings)
    },
  }
}

/** All groups have come out since the mode was changed. */
const paidTable = (invocation: Invocation, start: Progress): Promise<Progress> =>
  changeProgress(invocation, start, (current) => (current.owesTable ? { ...current, owesTable: false } : null))

const taken = (change: string): string => `kept state was taken over from another version of the query: ${change}`

/**
 * Whether the copy at hand of the only shard has all that was appended before the commit: this batch has appended to it, and nobody
 * has committed between. Whoever appends later finds what is due itself, in its own commit or in that of its redelivery.
 */
function isAlone(
  { query, container }: Invocation,
  opened: Progress,
  committed: Progress,
  folded: readonly Folded[],
): boolean {
  const [only] = folded
  return (
    query.chain !== null && query.shards === 1 && only?.isAppended === true && container.rules.isNext(opened, committed)
  )
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
