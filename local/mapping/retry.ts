// How long a failed batch waits before it is sent again. Pure: the random number comes in. How often it is tried is not
// decided here; on AWS's defaults it is tried until it succeeds or the records expire (ESM.md 4.1).

import { backoff } from './limits.ts'

/**
 * Milliseconds to wait after the `attempt`-th failed try, counted from 1: 1 s doubling to 30 s, less up to a fifth.
 *
 * @param random in [0, 1), so that mappings that failed together do not come back together
 * @example backoffMs(3, 0) // 4000
 */
export function backoffMs(attempt: number, random: number): number {
  const fullMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(attempt - 1, 30))
  return Math.round(fullMs * (1 - backoff.jitter * random))
}
