// How a row is refused inside the operators of a chain: they call each other, so the refusal is thrown through them, and the chain
// sets aside the delivered row that it came of.

import { MicrobatchError } from '../../error.ts'
import { failedFunction, type Refusal } from '../held/refusal.ts'

/** Carries a refusal out of the operators that called each other. */
export class RowFault extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.detail, { cause: refusal.cause })
    this.refusal = refusal
  }
}

/** Runs a function of the query. @throws RowFault where it throws */
export function inQuery<Result>(what: string, run: () => Result): Result {
  try {
    return run()
  } catch (cause) {
    throw new RowFault(failedFunction(what, cause))
  }
}

/** Runs aggregates on a row. @throws RowFault where one of the query's own, or a function of it, throws */
export function inAggregate<Result>(run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    if (error instanceof MicrobatchError && error.code !== 'FUNCTION_FAILED') throw error
    throw new RowFault(failedFunction('an aggregate', error instanceof MicrobatchError ? error.cause : error))
  }
}
