// What becomes of a batch that failed: the same again, its halves, some of its records, or nothing more. Pure. Without limits
// (AWS's default) it is tried until it succeeds or Kafka lets the records expire.

/** Records that go to the function together: a batch, or what failures left of one. */
export interface BatchPart<R> {
  readonly rows: readonly R[]
  /** Failed attempts that count against MaximumRetryAttempts. */
  readonly countedFailures: number
  /** Failed attempts of any kind since the last success or halving: the backoff grows with them. */
  readonly failuresInARow: number
}

export type Failure<R> =
  /** The function threw, ran out of time or of memory. */
  | { readonly kind: 'functionError' }
  /** It returned a partial batch response that names nothing it was given: the entire batch is retried (local-mapping.md 4.3). */
  | { readonly kind: 'invalidResponse' }
  /** It named the records that failed; the others are handled. */
  | { readonly kind: 'itemFailures'; readonly failed: readonly R[] }
  /** It was not reached: throttled, or the endpoint is down. Waited out without limit, and not counted. */
  | { readonly kind: 'notInvoked' }

export interface RetryRules {
  /** Attempts after the first; Infinity without a limit. */
  readonly maxRetries: number
  readonly bisects: boolean
}

export interface AfterFailure<R> {
  /** In order; none begins before those before it that share a partition are done. */
  readonly retries: readonly BatchPart<R>[]
  /** Retries exhausted. */
  readonly discarded: readonly R[]
}

/**
 * Halving does not consume the retry quota (Kinesis error handling; for Kafka by analogy, local-mapping.md 4.2), and a half inherits
 * what its batch had used up.
 *
 * @example afterFailure({ rows: [a, b], countedFailures: 0, failuresInARow: 0 }, { kind: 'functionError' }, { maxRetries: 3, bisects: true })
 */
export function afterFailure<R>(part: BatchPart<R>, failure: Failure<R>, rules: RetryRules): AfterFailure<R> {
  const { rows, countedFailures, failuresInARow } = part
  switch (failure.kind) {
    case 'notInvoked':
      return { retries: [{ rows, countedFailures, failuresInARow: failuresInARow + 1 }], discarded: [] }
    case 'functionError':
      if (rules.bisects && rows.length >= 2) return { retries: halves(part), discarded: [] }
      return counted(rows, countedFailures + 1, failuresInARow + 1, rules)
    case 'invalidResponse':
      return counted(rows, countedFailures + 1, failuresInARow + 1, rules)
    case 'itemFailures': {
      const { failed } = failure
      return counted(failed, countedFailures + 1, failed.length < rows.length ? 1 : failuresInARow + 1, rules)
    }
  }
}

/** A half is another batch, for which nothing is waited: finding one bad record among 10,000 takes 14 of them. */
function halves<R>({ rows, countedFailures }: BatchPart<R>): readonly BatchPart<R>[] {
  const middle = Math.ceil(rows.length / 2)
  return [rows.slice(0, middle), rows.slice(middle)].map((half) => ({ rows: half, countedFailures, failuresInARow: 0 }))
}

function counted<R>(
  rows: readonly R[],
  countedFailures: number,
  failuresInARow: number,
  rules: RetryRules,
): AfterFailure<R> {
  return countedFailures > rules.maxRetries
    ? { retries: [], discarded: rows }
    : { retries: [{ rows, countedFailures, failuresInARow }], discarded: [] }
}
