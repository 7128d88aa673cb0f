// Runs what a query's author wrote. An error in it is a bug of the query, not a bad record: the batch fails and comes
// again, and the message says on which record.

import { MicrobatchError, messageOf } from '../../error.ts'
import { type Coordinates, place } from '../../event/located-row.ts'

/** @throws MicrobatchError FUNCTION_FAILED with the thrown error as its cause; an error of our own is thrown as it is */
export function runFunctions<Result>(query: { readonly name: string }, at: Coordinates, run: () => Result): Result {
  try {
    return run()
  } catch (cause) {
    if (cause instanceof MicrobatchError) throw cause
    const problem = `${query.name}: a function threw on ${place(at)}: ${messageOf(cause)}`
    throw new MicrobatchError('FUNCTION_FAILED', problem, { cause, at })
  }
}
