// Step 1 of a batch: read progress, make sure it is this query's, and say who has been heard of. Creates progress when
// there is none. The watermark that is read here is the one the batch runs with.

import { heard, heardOf, type Progress } from '../items/progress.ts'
import { checkFingerprint, checkSettings, checkTopic } from './compatibility.ts'
import type { Invocation } from './invocation.ts'
import { changeProgress, readOrCreateProgress } from './progress-store.ts'
import { idleTimeoutOf } from './rules.ts'

/** @throws MicrobatchError STATE_INCOMPATIBLE, STATE_CONFLICT, STATE_FAILED */
export async function openProgress<V>(invocation: Invocation<V>): Promise<Progress> {
  const { session, query, batch, nowMs } = invocation
  checkSettings(query)
  const progress = await readOrCreateProgress(invocation)
  checkFingerprint(progress, query)
  checkTopic(progress, query, batch)
  session.warm.prune(progress.gen, nowMs)

  const idleMs = idleTimeoutOf(query)
  if (idleMs === Number.POSITIVE_INFINITY) return progress
  // A partition that crashes before every commit would look idle: it is heard of before its rows are folded (H11).
  const stale = (current: Progress): boolean =>
    heardOf(batch.partitions).some((tp) => (current.heardAtMs.get(tp) ?? 0) < nowMs - idleMs / 2)
  return changeProgress(invocation, progress, (current) =>
    stale(current) ? heard(current, batch.partitions, nowMs, idleMs) : null,
  )
}
