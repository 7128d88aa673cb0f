// One invocation of a stateful query, start to end: the state protocol, a step per call. Promises that every record is
// folded exactly once or late exactly once, whatever crashes, repeats or wakes up late, as long as the caller throws when
// this throws, so that the whole batch comes again. Never skips a record because progress has passed it.
import type { EventTimeMs, WallTimeMs } from '../../aggregate/time.ts'
import type { Candidate } from '../../aggregate/watermark.ts'
import type { GroupImage } from '../items/group-image.ts'
import type { Progress } from '../items/progress.ts'
import { findDue, moveClosed, scanGroups, sealDue } from './close.ts'
import { commitBatch } from './commit.ts'
import { warningsFor } from './compatibility.ts'
import { type Folded, foldGroups } from './fold.ts'
import type { Invocation } from './invocation.ts'
import { openProgress } from './open.ts'
import { outputOf, touchedGroups } from './output.ts'
import { decisive } from './rules.ts'
import type { StateSession } from './session.ts'
import type { Batch, LateRow, Output, StatefulQuery } from './stateful-query.ts'

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

/** A batch whose rows are in the state, and what is left to be done: its rows go to the sinks, and then it is acknowledged. */
export interface AppliedBatch<V> {
  /** Rows for a late sink; at least once per attempt with late rows, with equal ids (tp, offset) each time. */
  readonly late: readonly LateRow<V>[]
  /** Rows for the sinks; written also where there are none. */
  readonly output: Output
  /**
   * Records that everything was written. Only after every sink, and the dead letters, resolved; where one of them failed it is
   * not called, and the whole batch comes again.
   */
  acknowledge(): Promise<BatchOutcome<V>>
}

/**
 * Applies one batch to the state.
 *
 * @throws MicrobatchError STATE_INCOMPATIBLE, STATE_CONFLICT, STATE_TOO_LARGE, STATE_FAILED; and what `fold` throws; so does
 *   `acknowledge`. After any of them the whole batch must come again.
 * @example
 * ```ts
 * const applied = await applyBatch(stateSession(dynamoState({ table })), query, batch, wallTimeMs(Date.now()))
 * await sink.write(applied.output)
 * await applied.acknowledge()
 * ```
 */
export async function applyBatch<V>(
  session: StateSession,
  query: StatefulQuery<V>,
  batch: Batch<V>,
  nowMs: WallTimeMs,
): Promise<AppliedBatch<V>> {
  const invocation = { session, query, batch, nowMs }

  const opened = await openProgress(invocation)
  const folded = await foldGroups(invocation, opened)
  const committed = await commitBatch(invocation, opened, folded.late)

  const applied = (groups: readonly GroupImage[], acknowledge: AppliedBatch<V>['acknowledge']): AppliedBatch<V> => ({
    late: folded.late,
    output: outputOf(invocation, committed, groups),
    acknowledge,
  })
  const outcome = (groupsClosed: number, groupsTotal: number | null): BatchOutcome<V> =>
    outcomeOf(invocation, opened, committed, folded, { groupsClosed, groupsTotal })

  switch (query.outputMode) {
    case 'complete': {
      const groups = await scanGroups(invocation, committed.gen)
      return applied(groups, async () => outcome(0, groups.length))
    }
    case 'update':
      return applied(await touchedGroups(invocation, committed, folded.touched), async () => {
        const due = await findDue(invocation, committed, folded.touched)
        const sealed = await sealDue(invocation, committed, due)
        if (due.size > 0) await moveClosed(invocation, committed)
        return outcome(sealed.length, null)
      })
    case 'append': {
      const due = await findDue(invocation, committed, folded.touched)
      const sealed = await sealDue(invocation, committed, due)
      return applied(sealed, async () => {
        if (due.size > 0) await moveClosed(invocation, committed)
        return outcome(sealed.length, null)
      })
    }
  }
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
