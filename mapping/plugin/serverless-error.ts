// What a plugin refuses, in the Serverless Framework's own error: its message is then shown alone, without a stack and a plea to
// report a bug.

import { LocalError } from '../error.ts'

/** The part of the `serverless` object that is used. */
export interface ErrorClasses {
  readonly classes?: { readonly Error?: new (message: string, code: string) => Error }
}

/** @example await asServerlessError(serverless, async () => startMappings(options)) */
export async function asServerlessError<Value>(serverless: ErrorClasses, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    const ServerlessError = serverless.classes?.Error
    if (error instanceof LocalError && ServerlessError !== undefined)
      throw new ServerlessError(error.message, error.code)
    throw error
  }
}
