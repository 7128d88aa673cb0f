// Step 5 of a batch, append mode: when the watermark has passed a window's end, every shard is bound (no row enters a group
// that has ended any more), the groups are emitted from the images after that, and only when every row was acknowledged does
// the bound of closed groups move. Bound content is frozen, so however many attempts emit a group, they emit the same.

import { noBound } from '../items/head.ts'
import { shardKeys } from '../items/names.ts'
import { laterOf, type Progress } from '../items/progress.ts'
import { inParallel } from '../parallel.ts'
import { type Shard, ShardImage } from '../shards/shard.ts'
import { Turn } from '../shards/turn.ts'
import { advanceChain } from './fold/chain-fold.ts'
import type { Invocation } from './invocation.ts'
import { append } from './log/append.ts'
import { untilSettled } from './log/conditional-write.ts'
import { loadShard, shardAtHand } from './log/load.ts'
import { hasWindowEnd } from './progress/progress-rules.ts'
import { changeProgress, readAgain } from './progress/progress-store.ts'

export interface Closing {
  readonly images: readonly ShardImage[]
  /** Progress as it was read after all shards were bound. */
  readonly progress: Progress
}

/**
 * @param isAlone whether this batch has written the only shard and nobody committed since it began: then its copy has all there is
 * @returns the groups to emit; null where nothing has ended since the last closing
 */
export async function closeWindows(
  invocation: Invocation,
  committed: Progress,
  isAlone: boolean,
): Promise<Closing | null> {
  const { query, store, container } = invocation
  const { watermarkMs, gen } = committed
  if (watermarkMs === null || query.windows === null) return null
  if (!hasWindowEnd(query.windows, committed.closedMs, watermarkMs)) return null
  if (isAlone && [...invocation.shards.values()].every((shard) => isNothingDue(shard, committed))) return null
  const shards = await inParallel(shardKeys(query, gen), container.parallelism, (pk) =>
    bind(invocation, pk, watermarkMs, committed.closedMs ?? noBound),
  )
  // What others have closed meanwhile needs no second row.
  const progress = await readAgain(store, query, gen)
  return { images: dueGroups(shards, progress.closedMs ?? noBound, watermarkMs), progress }
}

/** Whether neither a group nor an entry of an operator has ended by the watermark, that was not closed before. */
const isNothingDue = ({ groups }: Shard, { closedMs, watermarkMs }: Progress): boolean => {
  if (watermarkMs === null) return true
  for (const _ of groups.endedIn(closedMs ?? noBound, watermarkMs)) return false
  return !groups.dues.hasDue(watermarkMs)
}

export const dueGroups = (shards: readonly Shard[], afterMs: number, upToMs: number): readonly ShardImage[] =>
  shards.flatMap((shard) => Array.from(shard.groups.endedIn(afterMs, upToMs), (image) => new ShardImage(image, shard)))

/** Also a shard that nobody has written yet, since another invocation may be about to. */
export async function bind(invocation: Invocation, pk: string, watermarkMs: number, closedMs: number): Promise<Shard> {
  const { container } = invocation
  let shard = await shardAtHand(invocation, pk)
  return untilSettled(container, `The state of ${pk}`, async () => {
    if (!container.rules.mustBind(shard.head, watermarkMs)) return { result: shard }
    const change = { boundMs: watermarkMs, closedMs: Math.max(shard.head.closedMs, closedMs) }
    const turn = new Turn(shard.groups)
    advanceChain(invocation, shard, turn, watermarkMs)
    const appended = await append(invocation, shard, change, turn.changed)
    if (appended.kind === 'ok') {
      invocation.turns.push(turn)
      return { result: shard }
    }
    shard = await loadShard(invocation, pk, shard, appended.found)
    return { again: appended.cause }
  })
}

/** Records that everything up to this batch's watermark was emitted. After the last acknowledgement, never before. */
export async function moveClosed(
  invocation: Invocation,
  start: Progress,
  watermarkMs: Progress['watermarkMs'],
): Promise<void> {
  await changeProgress(invocation, start, (current) => {
    const closedMs = laterOf(current.closedMs, watermarkMs)
    return closedMs === current.closedMs ? null : { ...current, closedMs }
  })
}
