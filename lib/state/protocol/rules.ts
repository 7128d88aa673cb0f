// The decisions of the protocol, pure: what a group does with rows, how a batch moves progress, which groups are due.
// The steps (open, fold, commit, close) do the I/O and ask here. They are passed in as a record, so that the schedule
// test can take one rule out and see the invariants break; nothing else has a reason to replace them.
import type { EventTimeMs, WallTimeMs } from '../../aggregate/time.ts'
import { advance as advanceWatermark, type Candidate, candidate, isLate } from '../../aggregate/watermark.ts'
import type { GroupImage } from '../items/group-image.ts'
import { heard, mergeByMax, type Progress } from '../items/progress.ts'
import type { Batch, GroupInput, Input, LateRow, StatefulQuery, WatermarkSpec, WindowGrid } from './stateful-query.ts'

/** What a group does with rows of a batch. `late` only reads; `seal` and `fold` are writes that make it so. */
export type Decision<V> =
  | { readonly kind: 'present' }
  | { readonly kind: 'late'; readonly inputs: readonly Input<V>[] }
  | { readonly kind: 'seal'; readonly inputs: readonly Input<V>[] }
  | { readonly kind: 'fold'; readonly inputs: readonly Input<V>[] }

export interface Rules {
  decide<V>(image: GroupImage | undefined, group: GroupInput<V>, watermarkMs: EventTimeMs | null): Decision<V>
  advance<V>(
    progress: Progress,
    query: StatefulQuery<V>,
    batch: Batch<V>,
    late: readonly LateRow<V>[],
    nowMs: WallTimeMs,
  ): Progress
  isDue(image: GroupImage, watermarkMs: EventTimeMs | null): boolean
}

export const protocolRules: Rules = { decide, advance, isDue }

/**
 * Present, then sealed, then late: in this order (H3). A row that was folded is never late, whatever the watermark says
 * now; and a late row is late because its group is sealed, which is written before it is counted (H2).
 * `watermarkMs` is null where nothing is ever late (complete mode, no window, no watermark).
 */
export function decide<V>(
  image: GroupImage | undefined,
  group: GroupInput<V>,
  watermarkMs: EventTimeMs | null,
): Decision<V> {
  const inputs = group.inputs.filter(({ tp, offset }) => offset > (image?.applied.get(tp) ?? -1))
  if (inputs.length === 0) return { kind: 'present' }
  if (image?.sealed) return { kind: 'late', inputs }
  return { kind: ended(group.windowEndMs, watermarkMs) ? 'seal' : 'fold', inputs }
}

/**
 * Progress after a batch: all by maximum, so that the commit of an old attempt moves nothing backwards (H8). Late rows
 * and dead letters count from `next` on: an earlier attempt that committed has counted the ones before (H9).
 */
export function advance<V>(
  progress: Progress,
  query: StatefulQuery<V>,
  batch: Batch<V>,
  late: readonly LateRow<V>[],
  nowMs: WallTimeMs,
): Progress {
  const { watermark } = query
  const parts = [...batch.partitions]
  const isNew = (tp: string, offset: number): boolean => offset >= (progress.next.get(tp) ?? 0)
  const ends = parts.flatMap(([tp, { records }]) => {
    const last = records.at(-1)
    return last === undefined ? [] : [{ tp, last }]
  })
  const tailTimestamp = new Map(progress.tailTimestamp)
  for (const { tp, last } of ends) if (isNew(tp, last.offset)) tailTimestamp.set(tp, last.timestamp)
  const moved = {
    ...heard(progress, batch.partitions, nowMs, idleTimeoutOf(query)),
    n: progress.n + 1,
    next: mergeByMax(
      progress.next,
      ends.map(({ tp, last }) => [tp, last.offset + 1]),
    ),
    maxEventTimeMs: mergeByMax(
      progress.maxEventTimeMs,
      parts.flatMap(([tp, part]) => (part.maxEventTimeMs === null ? [] : [[tp, part.maxEventTimeMs] as const])),
    ),
    lateRows: progress.lateRows + late.filter(({ tp, offset }) => isNew(tp, offset)).length,
    deadLetters:
      progress.deadLetters +
      parts.reduce((sum, [tp, part]) => sum + part.deadLetterOffsets.filter((offset) => isNew(tp, offset)).length, 0),
    tailTimestamp,
  }
  const own = watermark === null ? null : decisive(moved, watermark, nowMs).time
  const watermarkMs =
    watermark === null ? progress.watermarkMs : advanceWatermark(progress.watermarkMs, own, watermark.delayMs)
  return { ...moved, watermarkMs }
}

/** The event time a watermark may follow, and the partition it comes from: with `min` the one that holds it back. */
export function decisive(progress: Progress, watermark: WatermarkSpec, nowMs: WallTimeMs): Candidate<string> {
  const maxEventTimes = progress.maxEventTimeMs
  if (watermark.policy === 'max') return candidate({ policy: 'max', maxEventTimes })
  const { partitions: known, idleTimeoutMs } = watermark
  const partitions = new Set([...known, ...maxEventTimes.keys()])
  if (idleTimeoutMs === undefined) return candidate({ policy: 'min', maxEventTimes, partitions })
  const activity = { heard: progress.heardAtMs, alive: progress.aliveAtMs, now: nowMs, idleMs: idleTimeoutMs }
  return candidate({ policy: 'min', maxEventTimes, partitions, activity })
}

/** Infinite where no partition is ever idle. */
export function idleTimeoutOf<V>({ watermark }: StatefulQuery<V>): number {
  return watermark?.policy === 'min' ? (watermark.idleTimeoutMs ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY
}

/**
 * A group this batch touched is closed by this batch once its window has ended, whatever the bound of closed groups says:
 * it may have been folded after the scan that moved the bound (H4).
 */
export function isDue(image: GroupImage, watermarkMs: EventTimeMs | null): boolean {
  return ended(image.windowEndMs, watermarkMs)
}

export const ended = (windowEndMs: EventTimeMs | null, watermarkMs: EventTimeMs | null): boolean =>
  windowEndMs !== null && isLate(windowEndMs, watermarkMs)

/** Whether some window of the grid ends in (`afterMs`, `upToMs`]. */
export function hasWindowEnd({ everyMs, phaseMs }: WindowGrid, afterMs: number | null, upToMs: number): boolean {
  if (afterMs === null) return true
  return Math.floor((upToMs - phaseMs) / everyMs) > Math.floor((afterMs - phaseMs) / everyMs)
}
