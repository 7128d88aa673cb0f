// Reading and changing the one progress item of a query. Promises that a change is thought over again on whatever somebody
// else wrote in between, and that a batch never goes on under a generation it did not begin with.

import { MicrobatchError } from '../../../error.ts'
import { progressKey } from '../../items/names.ts'
import { type Progress, progressFromItem, progressItem } from '../../items/progress.ts'
import type { Item, StateStore } from '../../store.ts'
import type { Invocation } from '../invocation.ts'
import { causeOf, untilSettled, write } from '../log/conditional-write.ts'
import type { LastingQuery } from '../operators/stateful-query.ts'

/** Undefined before the first batch. @throws MicrobatchError STATE_INCOMPATIBLE for another layout, STATE_FAILED */
export async function readProgress(store: StateStore, query: string): Promise<Progress | undefined> {
  const item = await store.get(progressKey(query))
  return item === undefined ? undefined : progressFromItem(item)
}

/** Writes `change(progress)` (null: nothing to write) over progress, as often as somebody else was first. */
export function changeProgress(
  { container, store, query }: Invocation,
  start: Progress,
  change: (current: Progress) => Progress | null,
): Promise<Progress> {
  let current = start
  return untilSettled(container, `The progress of query "${query.name}"`, async () => {
    const next = change(current)
    if (next === null) return { result: current }
    const moved = { ...next, rev: container.newToken() }
    const written = await write(store, progressItem(query.name, moved), current.rev)
    if (written.kind === 'ok') return { result: moved }
    current = await readAgain(store, query, start.gen, written.found)
    return { again: causeOf(written) }
  })
}

/** Progress as it is now. @throws MicrobatchError STATE_CONFLICT where its state was reset meanwhile */
export async function readAgain(
  store: StateStore,
  { name }: LastingQuery,
  gen: string,
  found?: Item | null,
): Promise<Progress> {
  const current = found === undefined || found === null ? await readProgress(store, name) : progressFromItem(found)
  if (current?.gen === gen) return current
  throw new MicrobatchError(
    'STATE_CONFLICT',
    `The state of query "${name}" was reset while this batch ran. The batch comes again, on the new state.`,
  )
}
