// A server that was started as a child, waited for until it answers.
import type { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { type Child, type ChildExit, describeExit } from './child.ts'

export interface Readiness {
  readonly child: Child
  /** Its name for people: `Kafka`. */
  readonly what: string
  readonly isReady: () => Promise<boolean>
  readonly startTimeoutMs: number
  readonly stopTimeoutMs: number
  /** Gives up the wait, and ends the child. */
  readonly signal: AbortSignal | undefined
  /** Makes the error of a start that failed. */
  readonly failure: (problem: string) => LocalError
}

/** @throws what `failure` makes where it ends, or does not answer in time; the signal's reason */
export async function untilReady(readiness: Readiness): Promise<void> {
  const { child, what, isReady, startTimeoutMs, stopTimeoutMs, signal, failure } = readiness
  const deadline = AbortSignal.timeout(startTimeoutMs)
  let exit: ChildExit | undefined
  child.exited.then((ended) => {
    exit = ended
  })
  for (;;) {
    const answers = await isReady()
    if (exit !== undefined) throw failure(`${what} ended while it was starting (${describeExit(exit)})`)
    if (answers) return
    if (signal?.aborted) {
      await child.stop('SIGTERM', stopTimeoutMs)
      signal.throwIfAborted()
    }
    if (deadline.aborted) {
      const killed = await child.kill()
      throw failure(`${what} did not answer within ${startTimeoutMs / 1000} s (${describeExit(killed)})`)
    }
    await new Promise((wake) => setTimeout(wake, 100))
  }
}
