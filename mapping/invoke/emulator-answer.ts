// What AWS's runtime interface emulator means by an answer. It says 200 for everything and never sends X-Amz-Function-Error
// (aws-lambda-runtime-interface-emulator, issues 20, 21 and 86): without a look at the body, failed batches would be committed.

import { errorFields } from './function-error.ts'
import type { InvokeOutcome } from './invoker.ts'

/** The only name that it knows a function by. */
export const emulatedFunctionName = 'function'

/**
 * @param payload the body of an answer that has no function error
 * @example readEmulatorAnswer('Task timed out after 3.00 seconds').kind // 'functionError'
 */
export function readEmulatorAnswer(payload: string): InvokeOutcome {
  if (payload === '')
    return { kind: 'functionError', errorType: 'Runtime.ExitError', message: "the function's process ended" }
  const fields = errorFields(payload)
  if (fields === undefined) return { kind: 'functionError', errorType: 'Error', message: payload }
  const { errorType, errorMessage: message } = fields
  return errorType === undefined || message === undefined
    ? { kind: 'success', payload }
    : { kind: 'functionError', errorType, message }
}
