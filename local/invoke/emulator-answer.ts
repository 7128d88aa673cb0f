// What AWS's runtime interface emulator means by an answer. It says 200 for everything and never sends X-Amz-Function-Error
// (aws-lambda-runtime-interface-emulator, issues 20, 21 and 86): without a look at the body, failed batches would be committed.

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
  const answer = parsed(payload)
  if (answer === undefined) return { kind: 'functionError', errorType: 'Error', message: payload }
  return failure(answer.value) ?? { kind: 'success', payload }
}

function failure(value: unknown): InvokeOutcome | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const [errorType, message]: unknown[] = [Reflect.get(value, 'errorType'), Reflect.get(value, 'errorMessage')]
  return typeof errorType === 'string' && typeof message === 'string'
    ? { kind: 'functionError', errorType, message }
    : undefined
}

function parsed(json: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(json) }
  } catch {
    return undefined
  }
}
