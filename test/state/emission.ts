// What a caller of the protocol does with an applied batch, in the order in which the query does it: late rows, dead letters,
// rows, and then the acknowledgement.

import type { AppliedBatch, applyBatch, BatchOutcome } from '../../lib/state/protocol/apply-batch.ts'
import type { Batch, LateRow, Output } from '../../lib/state/protocol/stateful-query.ts'

/** Where a batch's results go. Resolving means written; a rejection makes the whole batch come again. */
export interface Emission<V> {
  late(rows: readonly LateRow<V>[]): Promise<void>
  deadLetters(): Promise<void>
  rows(output: Output): Promise<void>
}

export async function emit<V>(
  { late, output, acknowledge }: AppliedBatch<V>,
  batch: Batch<V>,
  emission: Emission<V>,
): Promise<BatchOutcome<V>> {
  if (late.length > 0) await emission.late(late)
  const hasDeadLetters = [...batch.partitions.values()].some(({ deadLetterOffsets }) => deadLetterOffsets.length > 0)
  if (hasDeadLetters) await emission.deadLetters()
  await emission.rows(output)
  return acknowledge()
}

/** One batch, from the state to the acknowledgement. */
export const runBatch = async <V>(
  apply: typeof applyBatch,
  [session, query, batch, nowMs]: Parameters<typeof applyBatch<V>>,
  emission: Emission<V>,
): Promise<BatchOutcome<V>> => emit(await apply(session, query, batch, nowMs), batch, emission)
