// A Node handler called as Lambda's Node runtime calls it (aws/aws-lambda-nodejs-runtime-interface-client): which ways of
// answering it has, when it is done, what an answer and an error become as JSON. What it throws need not be an Error.

import { inspect } from 'node:util'

/** A handler as the module exports it: whatever was written there. */
export type NodeHandler = (...parameters: readonly unknown[]) => unknown

export type HandlerOutcome =
  /** The answer as JSON; undefined where there is none. */
  | { readonly kind: 'answer'; readonly json: string | undefined }
  | { readonly kind: 'error'; readonly name: string; readonly message: string; readonly stack: string }

export interface HandlerCall {
  readonly handler: NodeHandler
  readonly event: unknown
  readonly context: object
  /** `nodejs24.x` */
  readonly runtime: string
  /** Calls back once when nothing is left to be done; undefined where that cannot be seen. */
  readonly whenIdle: ((idle: () => void) => void) | undefined
}

/** Lambda's Node 24 has async handlers only; before it a callback and the context's methods answer too. */
const firstWithoutCallbacks = 24

/** @example runtimeMajor('nodejs22.x') // 22 */
export const runtimeMajor = (runtime: string): number => Number(/^nodejs(\d+)\./.exec(runtime)?.[1] ?? Number.NaN)

/**
 * Resolves with the outcome, whatever the handler does; without end where it never answers.
 * @example await callHandler({ handler, event, context, runtime: 'nodejs24.x', whenIdle: undefined })
 */
export async function callHandler(call: HandlerCall): Promise<HandlerOutcome> {
  try {
    const isAsyncOnly = runtimeMajor(call.runtime) >= firstWithoutCallbacks
    return answerOf(await (isAsyncOnly ? withoutCallback(call) : withCallback(call)))
  } catch (thrown) {
    return errorOutcome(thrown)
  }
}

const streaming = Symbol.for('aws.lambda.runtime.handler.streaming')

function withoutCallback({ handler, event, context, runtime }: HandlerCall): unknown {
  if (handler.length >= 3 && Reflect.get(handler, streaming) === undefined)
    throw named(
      'Runtime.CallbackHandlerDeprecated',
      `the handler has a callback parameter, and ${runtime} calls no callbacks: return a promise (async), or take an older runtime`,
    )
  return handler(event, context)
}

function withCallback(call: HandlerCall): Promise<unknown> {
  const { handler, event, whenIdle } = call
  return new Promise((resolve, reject) => {
    const done = (error: unknown, answer?: unknown): void => {
      if (error === undefined || error === null) resolve(answer)
      else reject(error)
    }
    const context: Record<string, unknown> = {
      ...call.context,
      done,
      succeed: (answer: unknown) => done(undefined, answer),
      fail: (error: unknown) => done(error ?? 'handled'),
    }
    const callback = (error: unknown, answer?: unknown): void => {
      const waits = context.callbackWaitsForEmptyEventLoop !== false && whenIdle !== undefined
      if (error === undefined || error === null) waits ? whenIdle(() => resolve(answer)) : resolve(answer)
      else reject(error)
    }
    const returned = handler(event, context, callback)
    if (isThenable(returned)) returned.then((answer) => resolve(answer), reject)
    // A returned value that is no promise is not an answer: null is, once there is nothing left to do.
    else if (whenIdle !== undefined) whenIdle(() => resolve(null))
    else if (handler.length <= 1) resolve(null)
  })
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  value !== null && value !== undefined && typeof Reflect.get(Object(value), 'then') === 'function'

function answerOf(answer: unknown): HandlerOutcome {
  try {
    return { kind: 'answer', json: JSON.stringify(answer) }
  } catch (cause) {
    throw new Error(`Unable to stringify response body: ${textOf(cause)}`, { cause })
  }
}

/** What was thrown, as fields that can be sent anywhere. @example errorOutcome('boom') // { kind: 'error', name: 'Error', message: 'boom', … } */
export function errorOutcome(thrown: unknown): HandlerOutcome {
  if (!(thrown instanceof Error) && !isErrorLike(thrown)) {
    const message = textOf(thrown)
    return { kind: 'error', name: 'Error', message, stack: `Error: ${message}` }
  }
  const [name, message] = [String(thrown.name), String(thrown.message)]
  return { kind: 'error', name, message, stack: String(thrown.stack ?? `${name}: ${message}`) }
}

/** An error of another realm, such as one of node:vm or of a test's environment. */
const isErrorLike = (thrown: unknown): thrown is Error =>
  typeof thrown === 'object' && thrown !== null && 'name' in thrown && 'message' in thrown && 'stack' in thrown

const textOf = (thrown: unknown): string =>
  thrown instanceof Error
    ? thrown.message
    : typeof thrown === 'string'
      ? thrown
      : inspect(thrown, { breakLength: Infinity })

function named(name: string, message: string): Error {
  const error = new Error(message)
  error.name = name
  return error
}
