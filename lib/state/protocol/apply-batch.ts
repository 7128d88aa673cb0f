// One invocation of a stateful query, start to end: the state protocol, a step per call. Promises that every record is
// folded exactly once or late exactly once, whatever crashes, repeats or wakes up late, as long as the caller throws when
// this throws, so that the whole batch comes again. Never skips a record because progress has passed it.
import type { EventTimeMs, WallTimeMs } from '../../aggregate/time.ts'
import type { Candidate } from '../../aggregate/watermark.ts'
import type { Progress } from '../items/progress.ts'
import { findDue, moveClosed, scanGroups, sealDue } from './close.ts'
import { commitBatch } from './commit.ts'
import { warningsFor } from './compatibility.ts'
import { emitLate, emitRows, emitTouched } from './emit.ts'
import { type Folded, foldGroups } from './fold.ts'
import type { Invocation } from './invocation.ts'
import { openProgress } from './open.ts'
import { decisive } from './rules.ts'
import type { StateSession } from './session.ts'
import type { Batch, Emission, LateRow, StatefulQuery } from './stateful-query.ts'

export interface BatchOutcome<V> {
  /** 1, 2, …: the number its commit got. */
  readonly batchId: number
  readonly gen: string
  /** The watermark late rows were measured by, and the one after this batch (groups were closed by it). */
  readonly ranWithWatermarkMs: EventTimeMs | null
  readonly watermarkMs: EventTimeMs | null
  readonly late: readonly LateRow<V>[]
  /** Groups that took rows in this attempt; groups closed (append: also emitted); groups in a complete table. */
  readonly groupsUpdated: number
  readonly groupsClosed: number
  readonly groupsTotal: number | null
  /** Over the life of the state, each record once. */
  readonly lateRowsTotal: number
  readonly deadLettersTotal: number
  /** With `min`: the partition the watermark waits for, and its event time (null: nothing seen of it yet). */
  readonly heldBackBy: Candidate<string> | null
  readonly warnings: readonly string[]
}

/**
 * Runs one batch.
 *
 * @throws MicrobatchError STATE_INCOMPATIBLE, STATE_CONFLICT, STATE_TOO_LARGE, STATE_FAILED; and what `fold` and
 *   `emission` throw. After any of them the whole batch must come again.
 * @example
 * ```ts
 * const outcome = await applyBatch(stateSession(dynamoState({ table })), query, batch, emission, wallTimeMs(Date.now()))
 * ```
 */
export async function applyBatch<V>(
  session: StateSession,
  query: StatefulQuery<V>,
  batch: Batch<V>,
  emission: Emission<V>,
  nowMs: WallTimeMs,
): Promise<BatchOutcome<V>> {
  const invocation = { session, query, batch, nowMs }

  const opened = await openProgress(invocation)
  const folded = await foldGroups(invocation, opened)
  const committed = await commitBatch(invocation, opened, folded.late)

  await emitLate(invocation, folded.late, emission)
  if (query.outputMode === 'complete') {
    const groups = await scanGroups(invocation, committed.gen)
    await emitRows(invocation, committed, groups, emission)
    return outcomeOf(invocation, opened, committed, folded, { groupsClosed: 0, groupsTotal: groups.length })
  }
  if (query.outputMode === 'update') await emitTouched(invocation, committed, folded.touched, emission)

  const due = await findDue(invocation, committed, folded.touched)
  const sealed = await sealDue(invocation, committed, due)
  if (query.outputMode === 'append') await emitRows(invocation, committed, sealed, emission)
  if (due.size > 0) await moveClosed(invocation, committed)
  return outcomeOf(invocation, opened, committed, folded, { groupsClosed: sealed.length, groupsTotal: null })
}

/** What a batch came to. */
export function outcomeOf<V>(
  { query, batch, nowMs }: Invocation<V>,
  opened: Progress,
  committed: Progress,
  { late, written }: Folded<V>,
  groups: Pick<BatchOutcome<V>, 'groupsClosed' | 'groupsTotal'>,
): BatchOutcome<V> {
  return {
    batchId: committed.n,
    gen: committed.gen,
    ranWithWatermarkMs: opened.watermarkMs,
    watermarkMs: committed.watermarkMs,
    late,
    groupsUpdated: written,
    ...groups,
    lateRowsTotal: committed.lateRows,
    deadLettersTotal: committed.deadLetters,
    heldBackBy: query.watermark?.policy === 'min' ? decisive(committed, query.watermark, nowMs) : null,
    warnings: warningsFor(opened, query, batch, nowMs),
  }
}
