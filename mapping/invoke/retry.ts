// What becomes of a batch that failed: the same again, its halves, some of its records, or nothing more. Pure: time and
// random numbers come in. Without limits (AWS's default) it is tried until it succeeds or Kafka lets the records expire.

import { backoff } from '../settings/limits.ts'

/** Records that are sent together: a batch, or what failures left of one. */
export interface Piece<R> {
  readonly rows: readonly R[]
  /** Failed tries that count against MaximumRetryAttempts. */
  readonly failures: number
  /** Failed tries in a row, of any kind: the backoff grows with them. */
  readonly setbacks: number
}

export type Setback<R> =
  /** The function threw, ran out of time or of memory. */
  | { readonly kind: 'functionError' }
  /** It returned a partial response that names nothing it was given: the entire batch is retried (local-mapping.md 4.3). */
  | { readonly kind: 'invalidResponse' }
  /** It named the records that failed; the others are handled. */
  | { readonly kind: 'itemFailures'; readonly failed: readonly R[] }
  /** It was not reached: throttled, or the endpoint is away. Waited out without limit, and not counted. */
  | { readonly kind: 'notInvoked' }

export interface RetryRules {
  /** Tries after the first; Infinity without a limit. */
  readonly maxRetries: number
  readonly bisects: boolean
}

export interface Verdict<R> {
  /** In order; none begins before those before it that share a partition are done. */
  readonly again: readonly Piece<R>[]
  /** Retries exhausted. */
  readonly discarded: readonly R[]
}

/**
 * Halving does not consume the retry quota (Kinesis error handling; for Kafka by analogy, local-mapping.md 4.2), and a half inherits
 * what its batch had used up.
 *
 * @example afterSetback({ rows: [a, b], failures: 0, setbacks: 0 }, { kind: 'functionError' }, { maxRetries: 3, bisects: true })
 */
export function afterSetback<R>(piece: Piece<R>, setback: Setback<R>, rules: RetryRules): Verdict<R> {
  const { rows, failures, setbacks } = piece
  switch (setback.kind) {
    case 'notInvoked':
      return { again: [{ rows, failures, setbacks: setbacks + 1 }], discarded: [] }
    case 'functionError': {
      if (!rules.bisects || rows.length < 2) return counted(rows, failures + 1, setbacks + 1, rules)
      const middle = Math.ceil(rows.length / 2)
      // Nothing to wait for: a half is another batch, and finding one bad record among 10,000 takes 14 of them.
      const halves = [rows.slice(0, middle), rows.slice(middle)]
      return { again: halves.map((half) => ({ rows: half, failures, setbacks: 0 })), discarded: [] }
    }
    case 'invalidResponse':
      return counted(rows, failures + 1, setbacks + 1, rules)
    case 'itemFailures':
      return counted(setback.failed, failures + 1, setback.failed.length < rows.length ? 1 : setbacks + 1, rules)
  }
}

function counted<R>(rows: readonly R[], failures: number, setbacks: number, rules: RetryRules): Verdict<R> {
  return failures > rules.maxRetries
    ? { again: [], discarded: rows }
    : { again: [{ rows, failures, setbacks }], discarded: [] }
}

/**
 * Milliseconds to wait after so many setbacks in a row: 1 s doubling to 5 s, less up to a fifth; nothing after none.
 *
 * @param random in [0, 1), so that mappings that failed together do not come back together
 * @example backoffMs(3, 0) // 4000
 */
export function backoffMs(setbacks: number, random: number): number {
  if (setbacks === 0) return 0
  const fullMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(setbacks - 1, 30))
  return Math.round(fullMs * (1 - backoff.jitter * random))
}
