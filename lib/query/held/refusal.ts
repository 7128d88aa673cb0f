// A row that the query cannot go on with, and why: what becomes of it is a dead letter. It travels in the place of the row.

import { messageOf } from '../../error.ts'
import type { DeadLetterReason } from '../../sink/dead-letter.ts'

/** A class, so that it is told from a row of any columns. */
export class Refusal {
  readonly kind = 'refused'
  readonly reason: DeadLetterReason
  readonly detail: string
  /** What a function threw. */
  readonly cause: unknown

  constructor(reason: DeadLetterReason, detail: string, cause?: unknown) {
    this.reason = reason
    this.detail = detail
    this.cause = cause
  }
}

/** Lines of a stack that say where in the query's own code it was. */
const maxStackLength = 2_000

/** @param what the function, as its author knows it: `where`, or `withColumn of \`price\`` */
export function failedFunction(what: string, cause: unknown): Refusal {
  const stack = cause instanceof Error && typeof cause.stack === 'string' ? cause.stack : messageOf(cause)
  return new Refusal('FUNCTION_FAILED', `the function of ${what} threw ${stack.slice(0, maxStackLength)}`, cause)
}

/** Makes a function of the query safe: what it throws on a row is a refusal of this row. */
export const guarded =
  <Given>(what: string, run: (given: Given) => unknown) =>
  (given: Given): unknown => {
    try {
      return run(given)
    } catch (cause) {
      return failedFunction(what, cause)
    }
  }
