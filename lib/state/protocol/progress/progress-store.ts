// Reading and changing the one progress item of a query. Promises that a change is thought over again on whatever somebody
// else wrote in between, and that a batch never goes on under a generation it did not begin with.

import { MicrobatchError } from '../../../error.ts'
import { progressKey } from '../../items/names.ts'
import { heardFrom, heardOf, newProgress, type Progress, progressFromItem, progressItem } from '../../items/progress.ts'
import type { Item, StateStore } from '../../store.ts'
import type { Invocation } from '../invocation.ts'
import { causeOf, untilSettled, write } from '../log/conditional-write.ts'
import { checkFingerprint, checkSettings, checkTopic, fingerprintOf } from '../operators/compatibility.ts'
import type { LastingQuery } from '../operators/stateful-query.ts'
import { idleTimeoutOf } from '../watermark-rules.ts'

/** Undefined before the first batch. @throws MicrobatchError STATE_INCOMPATIBLE for another layout, STATE_FAILED */
export async function readProgress(store: StateStore, query: string): Promise<Progress | undefined> {
  const item = await store.get(progressKey(query))
  return item === undefined ? undefined : progressFromItem(item)
}

/**
 * Step 1 of a batch: progress as it is, made sure to be this query's and this topic's. Creates it where there is none. The
 * watermark that is read here is the one the batch runs with.
 *
 * @throws MicrobatchError STATE_INCOMPATIBLE, STATE_CONFLICT, STATE_FAILED
 */
export async function openProgress(invocation: Invocation): Promise<Progress> {
  const { container, query, batch, nowMs } = invocation
  checkSettings(query)
  const progress = await readOrCreateProgress(invocation)
  checkFingerprint(progress, query)
  checkTopic(progress, query, batch)
  container.warm.keepOnly(`${query.name}#${progress.gen}#`)
  const idleMs = idleTimeoutOf(query)
  if (idleMs === Number.POSITIVE_INFINITY) return progress
  // A partition that crashes before every commit would look idle: it is heard of before its rows are folded.
  const isStale = (current: Progress): boolean =>
    heardOf(batch.partitions).some((tp) => (current.heardAtMs.get(tp) ?? 0) < nowMs - idleMs / 2)
  return changeProgress(invocation, progress, (current) =>
    isStale(current) ? heardFrom(current, batch.partitions, nowMs, idleMs) : null,
  )
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

/** Progress as it is; a new generation where there is none. */
async function readOrCreateProgress({ container, store, query, nowMs }: Invocation): Promise<Progress> {
  const found = await readProgress(store, query.name)
  if (found !== undefined) return found
  const made = newProgress(container.newToken(), container.newToken(), fingerprintOf(query), nowMs)
  return untilSettled(container, `The progress of query "${query.name}"`, async () => {
    const written = await write(store, progressItem(query.name, made), null)
    if (written.kind === 'ok') return { result: made }
    const theirs = await readProgress(store, query.name)
    return theirs === undefined ? { again: causeOf(written) } : { result: theirs }
  })
}
