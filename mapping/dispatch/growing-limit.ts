// How many invocations a mapping has at once: few at first, more while they succeed, fewer when they fail. AWS's pollers grow by the
// lag, each minute (developer guide, "Scaling modes"); here a start is over in seconds. Pure.

export interface GrowingLimit {
  readonly now: () => number
  /** An invocation succeeded. @param wasFull whether as many were in flight as may be */
  readonly succeeded: (wasFull: boolean) => void
  /** It failed; `isOverload` where the function could not take it: throttled, or out of reach. */
  readonly failed: (isOverload: boolean) => void
}

/** @example const limit = growingLimit(2, 10); limit.succeeded(true); limit.now() // 3 */
export function growingLimit(first: number, max: number): GrowingLimit {
  let limit = Math.min(first, max)
  return {
    now: () => limit,
    succeeded: (wasFull) => {
      if (wasFull) limit = Math.min(max, limit + 1)
    },
    failed: (isOverload) => {
      limit = Math.max(isOverload ? 1 : Math.min(first, max), Math.floor(limit / 2))
    },
  }
}
