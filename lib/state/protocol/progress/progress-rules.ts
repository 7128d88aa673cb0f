// How a batch moves the progress of a query. Pure: all by maximum, so that the commit of an old attempt moves nothing backwards.

import type { WallTimeMs } from '../../../aggregate/time.ts'
import { advance as advanceWatermark } from '../../../aggregate/watermark.ts'
import { rangesOf, withBatch } from '../../items/known-batch.ts'
import { heardFrom, mergeByMax, type Progress } from '../../items/progress.ts'
import type { Batch, LateRow, StatefulQuery, WindowGrid } from '../operators/stateful-query.ts'
import { decisive, idleTimeoutOf } from '../watermark-rules.ts'

/**
 * Progress after a batch. Late rows and dead letters count from `next` on: an earlier attempt that committed has counted the
 * ones before.
 */
export function advance<Row>(
  progress: Progress,
  query: Pick<StatefulQuery<Row>, 'watermark'>,
  { partitions }: Batch<Row>,
  late: readonly LateRow<Row>[],
  nowMs: WallTimeMs,
): Progress {
  const { watermark } = query
  const isNew = (tp: string, offset: number): boolean => offset >= (progress.next.get(tp) ?? 0)
  const ends = partitions.flatMap(({ tp, records }) => {
    const last = records.at(-1)
    return last === undefined ? [] : [{ tp, last }]
  })
  const tailTimestamp = new Map(progress.tailTimestamp)
  for (const { tp, last } of ends) if (isNew(tp, last.offset)) tailTimestamp.set(tp, last.timestamp)
  const moved = {
    ...heardFrom(progress, partitions, nowMs, idleTimeoutOf(query)),
    n: progress.n + 1,
    next: mergeByMax(
      progress.next,
      ends.map(({ tp, last }) => [tp, last.offset + 1]),
    ),
    maxEventTimeMs: mergeByMax(
      progress.maxEventTimeMs,
      partitions.flatMap(({ tp, maxEventTimeMs }) => (maxEventTimeMs === null ? [] : [[tp, maxEventTimeMs] as const])),
    ),
    lateRows: progress.lateRows + late.filter(({ tp, at }) => isNew(tp, at.offset)).length,
    deadLetters:
      progress.deadLetters +
      partitions.reduce(
        (sum, { tp, deadLetterOffsets }) => sum + deadLetterOffsets.filter((offset) => isNew(tp, offset)).length,
        0,
      ),
    tailTimestamp,
    batches: withBatch(progress.batches, { ranges: rangesOf(partitions), n: progress.n + 1, clockMs: null }),
  }
  if (watermark === null) return moved
  const { time, delayMs } = decisive(moved, watermark, nowMs)
  return { ...moved, watermarkMs: advanceWatermark(progress.watermarkMs, time, delayMs) }
}

/** Whether some window of the grid ends in (`afterMs`, `upToMs`]. */
export function hasWindowEnd({ everyMs, phaseMs }: WindowGrid, afterMs: number | null, upToMs: number): boolean {
  if (afterMs === null) return true
  return Math.floor((upToMs - phaseMs) / everyMs) > Math.floor((afterMs - phaseMs) / everyMs)
}
