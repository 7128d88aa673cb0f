// The account of a batch that is over: how much of the state it changed, and what it cost.

import type { EventTimeMs } from '../../aggregate/time.ts'
import type { Candidate } from '../../aggregate/watermark.ts'
import { noBound } from '../items/head.ts'
import { isGroupEnd } from '../items/lane.ts'
import type { Progress } from '../items/progress.ts'
import { countedMs } from '../shards/due-times.ts'
import type { Shard } from '../shards/shard.ts'
import type { Turn } from '../shards/turn.ts'
import type { StoreUsage } from '../usage.ts'
import type { Folded } from './fold/fold.ts'
import type { Invocation } from './invocation.ts'
import { warningsFor } from './operators/compatibility.ts'
import type { OperatorCount } from './operators/operator-chain.ts'
import { decisive, isHeldBack } from './watermark-rules.ts'

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
  /** One for each operator of the chain, in their order. */
  readonly operators: readonly OperatorCount[]
  readonly usage: StoreUsage
  readonly warnings: readonly string[]
}

/** Groups at hand that the watermark passed in this batch, and that complete mode does not keep for ever. */
export function endedIn({ query, shards }: Invocation, opened: Progress, committed: Progress): number {
  if (committed.watermarkMs === null || query.outputMode === 'complete') return 0
  let count = 0
  for (const { groups } of shards.values()) {
    for (const _ of groups.endedIn(opened.watermarkMs ?? noBound, committed.watermarkMs)) count += 1
  }
  return count
}

export function outcomeOf(
  { query, batch, nowMs, shards, turns }: Invocation,
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
    groupsUpdated: query.chain === null ? folded.reduce((total, { written }) => total + written, 0) : groupsOf(turns),
    groupsClosed,
    groupsTotal: sum(({ groups }) => groups.countAfter(openAfterMs)),
    stateBytes: sum(({ groups }) => groups.bytes),
    segments: sum(({ head }) => head.segments.length),
    lateRowsTotal: committed.lateRows,
    deadLettersTotal: committed.deadLetters,
    heldBackBy: isHeldBack(query.watermark) ? decisive(committed, query.watermark, nowMs) : null,
    operators: Array.from({ length: query.chain?.size ?? 0 }, (_, slot) =>
      countsOf(slot, turns, known, countedMs(committed.watermarkMs ?? noBound)),
    ),
    usage,
    warnings: [...warningsFor(opened, query, batch, nowMs), ...warnings],
  }
}

/** Groups that rows of a chain were folded into: those of the batch, and then those that event time has brought out. */
const groupsOf = (turns: readonly Turn[]): number =>
  turns.reduce((total, { changed }) => total + changed.filter(({ endMs }) => isGroupEnd(endMs)).length, 0)

/** What event time has made due is taken out by the next append, and counted as out before. */
function countsOf(slot: number, turns: readonly Turn[], shards: readonly Shard[], dueMs: number): OperatorCount {
  const custom = new Map<string, number>()
  for (const turn of turns) {
    for (const [name, count] of turn.customOf(slot)) custom.set(name, (custom.get(name) ?? 0) + count)
  }
  const due = shards.reduce((sum, { groups }) => sum + groups.dues.countDue(slot, dueMs), 0)
  return {
    updated: turns.reduce((sum, turn) => sum + turn.updatedOf(slot), 0),
    removed: turns.reduce((sum, turn) => sum + turn.removedOf(slot), 0) + due,
    total: shards.reduce((sum, { groups }) => sum + groups.entryCount(slot), 0) - due,
    custom,
  }
}
