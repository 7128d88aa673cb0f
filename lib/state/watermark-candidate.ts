// What a query's watermark may become, from its progress: `max` event time of any partition (Spark), or the `min` over
// the partitions that are not idle. Pure. Never lowers a watermark; that is the commit's rule (commit.ts).
import type { Progress } from './progress.ts'
import type { WatermarkSpec } from './stateful-query.ts'

/** Who keeps a `min` watermark where it is: the slowest active partition, or partitions nobody has heard of yet. */
export type Holdback =
  | { readonly kind: 'partition'; readonly tp: string; readonly maxEventTimeMs: number }
  | { readonly kind: 'unseen'; readonly partitions: number }

/** Epoch ms, or null while there is none: before any event time, or while an active partition has shown none. */
export function watermarkCandidate(progress: Progress, spec: WatermarkSpec, nowMs: number): number | null {
  if (spec.policy === 'max') {
    const times = [...progress.maxEventTimeMs.values()]
    return times.length === 0 ? null : Math.max(...times) - spec.delayMs
  }
  const holdback = heldBackBy(progress, spec, nowMs)
  return holdback?.kind === 'partition' ? holdback.maxEventTimeMs - spec.delayMs : null
}

/** Null with policy `max`, and where every partition is idle. */
export function heldBackBy(progress: Progress, spec: WatermarkSpec, nowMs: number): Holdback | null {
  if (spec.policy === 'max') return null
  const { idleTimeoutMs } = spec
  const active = (tp: string | null): boolean => {
    if (idleTimeoutMs === undefined) return true
    const heardAtMs = tp === null ? undefined : progress.heardAtMs.get(tp)
    return nowMs - Math.max(heardAtMs ?? progress.aliveAtMs, progress.aliveAtMs) <= idleTimeoutMs
  }
  const unseen = Math.max(0, spec.partitions - progress.maxEventTimeMs.size)
  if (unseen > 0 && active(null)) return { kind: 'unseen', partitions: unseen }
  const slowest = [...progress.maxEventTimeMs]
    .filter(([tp]) => active(tp))
    .reduce<readonly [string, number] | null>((low, entry) => (low === null || entry[1] < low[1] ? entry : low), null)
  return slowest === null ? null : { kind: 'partition', tp: slowest[0], maxEventTimeMs: slowest[1] }
}
