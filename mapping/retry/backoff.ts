// How long a failed batch waits. Pure: the random number comes in.

import { backoff } from '../settings/limits.ts'

/**
 * Milliseconds to wait after so many failures in a row: 1 s doubling to 5 s, less up to a fifth; nothing after none.
 *
 * @param random in [0, 1), so that mappings that failed together do not come back together
 * @example backoffMs(3, 0) // 4000
 */
export function backoffMs(failuresInARow: number, random: number): number {
  if (failuresInARow === 0) return 0
  const fullMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(failuresInARow - 1, 30))
  return Math.round(fullMs * (1 - backoff.jitter * random))
}
