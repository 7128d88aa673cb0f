// Reading and changing the one progress item of a query. Promises that a change is thought over again on whatever somebody
// else wrote in between, and that a batch never goes on under a generation it did not begin with.
import { MicrobatchError } from '../../error.ts'
import { progressKey } from '../items/layout.ts'
import { newProgress, type Progress, progressFromItem, progressItem } from '../items/progress.ts'
import { fingerprintOf } from './compatibility.ts'
import { settle } from './conditional-write.ts'
import type { Invocation } from './invocation.ts'
import type { StateSession } from './session.ts'
import type { StatefulQuery } from './stateful-query.ts'

/** Undefined before the first batch. @throws MicrobatchError STATE_INCOMPATIBLE for another layout, STATE_FAILED */
export async function readProgress<V>(session: StateSession, query: StatefulQuery<V>): Promise<Progress | undefined> {
  const item = await session.store.get(progressKey(query.name))
  return item === undefined ? undefined : progressFromItem(item)
}

/** Writes `change(progress)` (null: nothing to write) over progress, as often as somebody else was first. */
export async function changeProgress<V>(
  { session, query }: Invocation<V>,
  start: Progress,
  change: (current: Progress) => Progress | null,
): Promise<Progress> {
  const { image } = await settle<Progress, null>(session, {
    what: `The progress of query "${query.name}"`,
    start,
    change: (current) => {
      const next = change(current)
      return { write: next === null ? null : { ...next, rev: session.newToken() }, result: null }
    },
    toItem: (progress) => progressItem(query.name, progress),
    revOf: ({ rev }) => rev,
    reread: async () => {
      const current = await readProgress(session, query)
      if (current?.gen === start.gen) return current
      throw new MicrobatchError(
        'STATE_CONFLICT',
        `The state of query "${query.name}" was reset while this batch ran. The batch comes again, on the new state.`,
      )
    },
  })
  return image
}

/** Progress as it is; a new generation where there is none. */
export async function readOrCreateProgress<V>({ session, query, nowMs }: Invocation<V>): Promise<Progress> {
  const found = await readProgress(session, query)
  if (found !== undefined) return found
  const { image } = await settle<Progress, null>(session, {
    what: `The progress of query "${query.name}"`,
    start: newProgress(session.newToken(), '', fingerprintOf(query), nowMs),
    // An empty revision marks the copy that nobody has written yet.
    change: (current) => ({ write: current.rev === '' ? { ...current, rev: session.newToken() } : null, result: null }),
    toItem: (progress) => progressItem(query.name, progress),
    revOf: ({ rev }) => (rev === '' ? null : rev),
    reread: async () =>
      (await readProgress(session, query)) ?? newProgress(session.newToken(), '', fingerprintOf(query), nowMs),
  })
  return image
}
