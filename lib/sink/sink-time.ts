// How long a sink may try: so long as its own limit says, and never until the end of the invocation, so that a batch that cannot be
// written fails in words of the sink and not by a time-out of Lambda.

import { setTimeout as sleep } from 'node:timers/promises'
import { MicrobatchError, nameOf } from '../error.ts'
import type { SinkCall } from './sink.ts'

/** This much of an invocation is kept for what comes after the sinks: the acknowledgement of the batch, and the answer. */
const reserveMs = 1000

/** How long a service that answers "slow down" is asked again, at the most. */
export const patienceMs = 20_000
/** The longest pause between two tries. */
export const maxWaitMs = 2000

/** Milliseconds before a try after the first, where the client itself has tried five times by then. */
export const throttleWaitMs = (attempt: number): number => 200 * 2 ** attempt

/** Milliseconds until the limit, or until the end of the invocation is near; 0 where that is over. */
export const timeLeft = (call: SinkCall | undefined, limitMs: number): number =>
  Math.max(0, Math.min(limitMs, (call?.remainingMs() ?? Number.POSITIVE_INFINITY) - reserveMs))

/** The options of a request by AWS's clients, which end it in time. */
export const inTime = (call: SinkCall | undefined): { readonly abortSignal: AbortSignal } => ({
  abortSignal: AbortSignal.timeout(Math.ceil(timeLeft(call, patienceMs))),
})

/**
 * What AWS's services say where they are asked too fast: the names that its SDK knows (@smithy/service-error-classification), and
 * the codes of single messages.
 */
const slowDown =
  /^(\w+\.)*(ThrottlingException|ThrottledException|Throttling|RequestThrottled(Exception)?|TooManyRequestsException|ProvisionedThroughputExceededException|RequestLimitExceeded|LimitExceededException|BandwidthLimitExceeded|SlowDown|PriorRequestNotComplete|TransactionInProgressException|KmsThrottled)$/

/** @param name of an error, or the code of a refused message */
export const isThrottle = (name: string): boolean => slowDown.test(name)

/**
 * Calls a service until it no longer asks for patience, or the time is over. Any other failure is thrown at once: the SDK's client has
 * tried it again already.
 *
 * @param waitMs before a try after the first, by the number of tries before it
 * @throws what the service said last
 */
export async function patiently<T>(
  call: SinkCall | undefined,
  waitMs: (attempt: number) => number,
  ask: () => Promise<T>,
): Promise<T> {
  const startedMs = performance.now()
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask()
    } catch (error) {
      const pauseMs = Math.min(maxWaitMs, waitMs(attempt))
      const leftMs = timeLeft(call, patienceMs - (performance.now() - startedMs))
      // A sink has put it into words of its own.
      const said = error instanceof MicrobatchError ? error.cause : error
      if (!isThrottle(nameOf(said)) || leftMs <= pauseMs) throw error
      await sleep(pauseMs)
    }
  }
}
