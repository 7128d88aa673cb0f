// The decisions of the protocol, pure: what an append does to a head, which rows are late, which groups are no longer there, how
// a batch moves progress. The steps do the I/O and ask here. They are passed in as a record, so that the schedule test can take
// one rule out and see the invariants break; nothing else has a reason to replace them.

import type { OutputMode } from '../../aggregate/output-mode.ts'
import type { WallTimeMs } from '../../aggregate/time.ts'
import { type Cut, type Head, noBound } from '../items/head.ts'
import { parseSegmentName } from '../items/names.ts'
import type { Progress } from '../items/progress.ts'
import type { GroupImage } from '../shards/group-image.ts'
import type { Batch, LateRow, PartitionRows, StatefulQuery } from './operators/stateful-query.ts'
import { advance } from './progress/progress-rules.ts'

/** The offsets of a batch in one partition: the first, and one past the last. */
export interface Span {
  readonly tp: string
  readonly first: number
  readonly end: number
}

export const spanOf = ({ tp, records }: PartitionRows<never>): Span => ({
  tp,
  first: records[0]?.offset ?? 0,
  end: (records.at(-1)?.offset ?? -1) + 1,
})

/** What progress gives to the appends of a batch. */
export interface Bounds {
  readonly watermarkMs: number
  readonly closedMs: number
}

export interface Rules {
  appliedIn(head: Head, tp: string): number
  shutOf(head: Head, bounds: Bounds, mode: OutputMode): number
  headAfter(head: Head, spans: readonly Span[], shutMs: number, bounds: Bounds, mode: OutputMode): Partial<Head>
  cutOf(head: Head, tp: string, offset: number, mode: OutputMode): number
  /** The bound up to which groups may be gone. */
  goneUpToMs(head: Head, mode: OutputMode): number
  /** Whether a group that ended by then is no longer there. */
  isGone(head: Head, image: Pick<GroupImage, 'last'>, mode: OutputMode): boolean
  /** Whether the batches that changed an image last will not come again. */
  isAcknowledged(head: Head, image: Pick<GroupImage, 'last'>): boolean
  /** Whether what came of records up to an offset may have something of a batch; rows are kept many together. */
  isOfBatch(lastOffset: number, span: Span, gives: StatefulQuery<never>['gives']): boolean
  /** Whether an unclear or refused append may take back the segments it has written. */
  mayTakeBack(outcome: 'conflict' | 'unclear'): boolean
  /** Whether a head cannot be read on top of a copy with another number of compactions. */
  startsOver(head: Head, copy: Head): boolean
  /** Whether a later version of the query has written a shard: one before it shall neither read its lines nor write any. */
  isTakenOver(head: Head, evolution: number): boolean
  /**
   * The time up to which everything has had its last row, when the mode changes to append: all shards have passed it, and nothing
   * that ended by then is left.
   */
  outUpToMs(boundsMs: readonly number[], endsMs: Iterable<number>): number
  /** Whether a version before may write a shard yet. */
  mustFence(head: Head, evolution: number): boolean
  readsAgain(head: Head, before: Head | undefined): boolean
  mayCompact(head: Head, began: Head): boolean
  /** The texts of a snapshot: lines of groups as they were, and of the changed ones. */
  snapshotOf(unchanged: readonly string[], changed: string): readonly string[]
  /** What a head says whose append wrote a snapshot. */
  compactedHead(head: Head, snapshot: Head['segments']): Pick<Head, 'segments' | 'tail' | 'epoch'>
  /** Whether what a snapshot is to replace may go. */
  isReplaced(outcome: 'ok' | 'conflict' | 'unclear'): boolean
  isOrphan(head: Head, sk: string): boolean
  mustBind(head: Head, watermarkMs: number): boolean
  /** Whether a commit followed the progress that its batch began with, with no other between. */
  isNext(opened: Progress, committed: Progress): boolean
  advance<Row>(
    progress: Progress,
    query: StatefulQuery<Row>,
    batch: Batch<Row>,
    late: readonly LateRow<Row>[],
    nowMs: WallTimeMs,
  ): Progress
}

/**
 * What an append of a batch writes into the head beside its groups. All by maximum, since an old batch may come after a newer
 * one; `cuts` says from which offset on rows were decided by which bound, until the rows are acknowledged.
 */
function headAfter(
  head: Head,
  spans: readonly Span[],
  shutMs: number,
  { closedMs }: Bounds,
  mode: OutputMode,
): Partial<Head> {
  const applied = new Map(head.applied)
  const from = new Map(head.from)
  const cuts = new Map(head.cuts)
  for (const { tp, first, end } of spans) {
    const known = head.applied.get(tp) ?? 0
    applied.set(tp, Math.max(known, end))
    const acknowledged = Math.max(head.from.get(tp) ?? 0, first)
    from.set(tp, acknowledged)
    cuts.set(tp, cutsAfter(head.cuts.get(tp) ?? [], Math.max(known, first), end, shutMs, acknowledged))
  }
  return {
    applied,
    from,
    cuts,
    boundMs: Math.max(head.boundMs, shutMs),
    closedMs: mode === 'append' ? Math.max(head.closedMs, closedMs) : head.closedMs,
  }
}

/** @param start the first new offset of the batch */
export function cutsAfter(
  cuts: readonly Cut[],
  start: number,
  end: number,
  shutMs: number,
  acknowledged: number,
): readonly Cut[] {
  const all = start < end && cuts.at(-1)?.[1] !== shutMs ? [...cuts, [start, shutMs] as const] : cuts
  // An entry is of use until all rows below the next one are acknowledged.
  return all.filter((_, i) => {
    const next = all[i + 1]
    return next === undefined || next[0] > acknowledged
  })
}

/** The bound that a row was decided with; below all cuts it was acknowledged long ago, and is not late. */
function cutOf({ cuts }: Head, tp: string, offset: number, mode: OutputMode): number {
  if (mode === 'complete') return noBound
  let shutMs = noBound
  for (const [first, cut] of cuts.get(tp) ?? []) {
    if (first > offset) break
    shutMs = cut
  }
  return shutMs
}

const goneUpToMs = ({ closedMs, boundMs }: Head, mode: OutputMode): number =>
  mode === 'append' ? closedMs : mode === 'update' ? boundMs : noBound

/**
 * Append: what was closed is gone. Update: what has ended, once the batches that folded into it are acknowledged, since until
 * then they may come again and owe its row.
 */
const isGone = (head: Head, image: Pick<GroupImage, 'last'>, mode: OutputMode): boolean =>
  mode !== 'update' || isAcknowledged(head, image)

function isAcknowledged({ from }: Head, { last }: Pick<GroupImage, 'last'>): boolean {
  for (let i = 0; i < last.length; i += 2) {
    if (Number(last[i + 1]) >= (from.get(String(last[i])) ?? 0)) return false
  }
  return true
}

export const protocolRules: Rules = {
  appliedIn: ({ applied }, tp) => applied.get(tp) ?? 0,
  // Complete mode keeps every group for ever: nothing is late in it (Spark's aggregation in complete mode).
  shutOf: ({ boundMs }, { watermarkMs }, mode) => (mode === 'complete' ? noBound : Math.max(boundMs, watermarkMs)),
  headAfter,
  cutOf,
  goneUpToMs,
  isGone,
  isAcknowledged,
  isOfBatch: (lastOffset, { first, end }, gives) => lastOffset >= first && (gives === 'rows' || lastOffset < end),
  mayTakeBack: (outcome) => outcome === 'conflict',
  startsOver: (head, copy) => head.epoch !== copy.epoch,
  isTakenOver: (head, evolution) => head.evolution > evolution,
  outUpToMs(boundsMs, endsMs) {
    let upToMs = Math.min(...boundsMs)
    for (const endMs of endsMs) if (endMs <= upToMs) upToMs = endMs - 1
    return upToMs
  },
  mustFence: (head, evolution) => head.evolution < evolution,
  readsAgain: (head, before) => head.rev !== before?.rev,
  mayCompact: (head, began) => head.epoch === began.epoch,
  snapshotOf: (unchanged, changed) => [...unchanged.slice(0, -1), (unchanged.at(-1) ?? '') + changed],
  // The copy that the snapshot is made of holds the tail's changes, too. A compaction beside tells by the epoch that it lost.
  compactedHead: ({ epoch }, segments) => ({ segments, tail: [], epoch: epoch + 1 }),
  isReplaced: (outcome) => outcome === 'ok',
  isOrphan(head, sk) {
    const name = parseSegmentName(sk)
    if (name === undefined || head.segments.some((segment) => segment.sk === sk)) return false
    return name.number <= (name.kind === 'seg' ? head.seq : head.epoch)
  },
  isNext: (opened, committed) => committed.n === opened.n + 1,
  mustBind: ({ boundMs }, watermarkMs) => boundMs < watermarkMs,
  advance,
}
