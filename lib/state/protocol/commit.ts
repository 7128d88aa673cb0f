// Step 3 of a batch: the commit. Comes after every row of the batch is folded or late, and before any group is scanned
// for closing: commits are totally ordered, so a scan after a commit sees every group whose folders committed earlier
// under a smaller watermark (docs/state-protocol.md, H5).

import type { Progress } from '../items/progress.ts'
import type { Invocation } from './invocation.ts'
import { changeProgress } from './progress-store.ts'
import type { LateRow } from './stateful-query.ts'

/** Progress with this batch in it; its watermark is the one groups are closed by. */
export function commitBatch<V>(
  invocation: Invocation<V>,
  progress: Progress,
  late: readonly LateRow<V>[],
): Promise<Progress> {
  const { session, query, batch, nowMs } = invocation
  return changeProgress(invocation, progress, (current) => session.rules.advance(current, query, batch, late, nowMs))
}
