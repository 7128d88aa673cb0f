// A conditional write that is tried until it is clear what became of it. A refused one is thought over on what stands there
// now; an unclear one (an error, a lost answer) is found out by reading. A write of ours whose answer was lost is known by its
// revision, which no other write has.

import { MicrobatchError } from '../../../error.ts'
import type { Item, StateStore } from '../../store.ts'
import type { StateContainer } from '../container.ts'

export type Written =
  | { readonly kind: 'ok' }
  /** Surely not written. `found`: what stands there, where the store said it. */
  | { readonly kind: 'conflict'; readonly found: Item | null | undefined }
  /** It may have been written, or may be yet. */
  | { readonly kind: 'unclear'; readonly found: undefined; readonly cause: unknown }

/** @throws MicrobatchError STATE_TOO_LARGE, which no second try would cure */
export async function write(store: StateStore, item: Item, expectedRev: string | null): Promise<Written> {
  try {
    const outcome = await store.put(item, expectedRev)
    // The client of a store tries again by itself: its second try finds what its first one wrote.
    return outcome.kind === 'conflict' && outcome.found?.rev === item.rev ? { kind: 'ok' } : outcome
  } catch (cause) {
    if (isFinal(cause)) throw cause
    return { kind: 'unclear', found: undefined, cause }
  }
}

/** Whether no second try would cure it. */
export const isFinal = (error: unknown): boolean => error instanceof MicrobatchError && error.code === 'STATE_TOO_LARGE'

/** What one try came to: its result, or why there must be another. */
export type Tried<Result> = { readonly result: Result } | { readonly again: unknown }

/**
 * Tries until there is a result, with growing pauses; after a refusal (`again` is undefined) with short ones.
 * @param what for the message: `The progress of query "bars"`
 * @throws MicrobatchError STATE_CONFLICT after the last try; what a try throws, at once
 */
export async function untilSettled<Result>(
  container: StateContainer,
  what: string,
  attempt: () => Promise<Tried<Result>>,
): Promise<Result> {
  let cause: unknown
  for (let tries = 1; tries <= container.maxTries; tries += 1) {
    const tried = await attempt()
    if ('result' in tried) return tried.result
    cause = tried.again ?? cause
    // A refusal says what stands there now: whoever waits would think over what is old by then, and lose again.
    const pauseMs = tried.again === undefined ? conflictPauseMs(tries) : backoffMs(tries)
    if (tries < container.maxTries) await container.sleep(container.random() * pauseMs)
  }
  throw new MicrobatchError(
    'STATE_CONFLICT',
    `${what} changed, or did not answer, ${container.maxTries} times while this batch wrote it. Nothing is lost: the batch ` +
      'comes again. If it persists, lower the concurrency of the mapping or raise the table’s write capacity.',
    { cause },
  )
}

/** Why a write must be tried again, for the cause of the last error. */
export const causeOf = (written: Exclude<Written, { kind: 'ok' }>): unknown =>
  written.kind === 'unclear' ? written.cause : undefined

/** "Full jitter": anywhere up to the doubled bound, at most a second (AWS Builders' Library, timeouts and retries). */
const backoffMs = (tries: number): number => Math.min(1000, 10 * 2 ** tries)

/** Hardly a pause at first; after many refusals, where many invocations meet, enough to spread them. */
const conflictPauseMs = (tries: number): number => Math.min(200, 2 ** (tries / 2))
