// The worker thread in which a function's handlers run: one invocation after the other. What nobody caught, also what comes later
// than the handler's answer, ends this thread and fails the invocation that it has; it ends nothing else.

import process from 'node:process'
import { parentPort, workerData } from 'node:worker_threads'
import { callHandler, errorOutcome, type HandlerOutcome } from './node-handler.ts'
import type { Answered } from './node-runners.ts'
import { type LoadedFunction, lambdaContext, loadHandler } from './offline-function.ts'
import { parseEvent } from './raw-event.ts'

const port = parentPort
if (port === null) throw new Error('handler-worker.ts runs as a worker thread only')
const given: LoadedFunction = workerData

/** The number of the invocation that runs; undefined between two of them. */
let current: number | undefined

function answer(outcome: HandlerOutcome, isLast = false): void {
  const answered: Answered = { invocation: current, outcome, isLast }
  port?.postMessage(answered)
  current = undefined
}

let idle: (() => void) | undefined

// The port alone keeps the thread alive while an invocation waits for everything else to end.
function whenIdle(call: () => void): void {
  idle = call
  port?.unref()
}

process.on('beforeExit', () => {
  const call = idle
  idle = undefined
  port.ref()
  call?.()
})

const died = (name: string) => (thrown: unknown) => {
  const outcome = errorOutcome(thrown)
  answer(
    outcome.kind === 'error' ? { ...outcome, name, message: `${outcome.name}: ${outcome.message}` } : outcome,
    true,
  )
  // At the next turn: by then the answer has left.
  setImmediate(() => process.exit(1))
}
process.on('uncaughtException', died('Runtime.UncaughtException'))
process.on('unhandledRejection', died('Runtime.UnhandledPromiseRejection'))

port.on('message', async ({ invocation, event: parsed, bytes, context }) => {
  current = invocation
  let outcome: HandlerOutcome
  try {
    const event = bytes === undefined ? parsed : parseEvent(bytes)
    const handler = await loadHandler(given, process.env)
    const { runtime } = given
    outcome = await callHandler({ handler, event, context: lambdaContext(context, given.timeout), runtime, whenIdle })
  } catch (thrown) {
    outcome = errorOutcome(thrown)
  }
  idle = undefined
  port.ref()
  if (current === invocation) answer(outcome)
})
