// The one way an item is changed: from the copy at hand, on condition that the store still holds that copy; after a
// conflict or an unclear outcome the item is read again and the change thought over again. A write that happened although
// its answer was lost is found by that read, so a change must see when it is already done.
import { MicrobatchError } from '../../error.ts'
import type { Item, PutOutcome, StateStore } from '../store.ts'
import type { StateSession } from './session.ts'

/** What to do about a copy: `write` null when there is nothing to write. `result` holds once that is settled. */
export interface Change<I, R> {
  readonly write: I | null
  readonly result: R
}

export interface Settled<I, R> {
  /** The item as it now is: what was written, or the copy that needed no write. */
  readonly image: I
  readonly result: R
  readonly wrote: boolean
  /** Whether the image is known from a write or read of this call, not from the copy it began with. */
  readonly confirmed: boolean
}

export interface Settling<I, R> {
  /** For the error message: "group p…#…". */
  readonly what: string
  readonly start: I
  change(image: I): Change<I, R>
  toItem(image: I): Item
  revOf(image: I): string | null
  /** Reads the item after a conflict; also the place to forget cached copies. */
  reread(): Promise<I>
}

/** @throws MicrobatchError STATE_CONFLICT after `maxTries`; STATE_TOO_LARGE at once; what `reread` throws. */
export async function settle<I, R>(session: StateSession, settling: Settling<I, R>): Promise<Settled<I, R>> {
  const { what, change, toItem, revOf, reread } = settling
  let image = settling.start
  let cause: unknown
  for (let attempt = 1; ; attempt++) {
    const { write, result } = change(image)
    if (write === null) return { image, result, wrote: false, confirmed: attempt > 1 }
    const outcome = await clearPut(session.store, toItem(write), revOf(image))
    if (outcome.kind === 'ok') return { image: write, result, wrote: true, confirmed: true }
    if (outcome.kind === 'unclear') cause = outcome.cause
    if (attempt >= session.maxTries) {
      throw new MicrobatchError(
        'STATE_CONFLICT',
        `${what} changed, or did not answer, ${attempt} times while this batch wrote it. Nothing is lost: the batch ` +
          'comes again. If it persists, lower the concurrency of the mapping or raise the table’s write capacity.',
        { cause },
      )
    }
    await session.sleep(backoffMs(attempt, session.random()))
    image = await reread()
  }
}

type ClearOutcome = { readonly kind: PutOutcome } | { readonly kind: 'unclear'; readonly cause: unknown }

async function clearPut(store: StateStore, item: Item, expectedRev: string | null): Promise<ClearOutcome> {
  try {
    return { kind: await store.put(item, expectedRev) }
  } catch (cause) {
    if (cause instanceof MicrobatchError && cause.code === 'STATE_TOO_LARGE') throw cause
    return { kind: 'unclear', cause }
  }
}

/** "Full jitter": anywhere up to the doubled bound, at most a second (AWS Builders' Library, timeouts and retries). */
const backoffMs = (attempt: number, random: number): number => random * Math.min(1000, 20 * 2 ** attempt)
