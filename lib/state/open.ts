// Step 1 of a batch: read progress, make sure it is this query's, and say who has been heard of. Creates progress when
// there is none. The watermark that is read here is the one the batch runs with.
import { MicrobatchError } from '../error.ts'
import { checkFingerprint, checkTopic, fingerprintOf } from './compatibility.ts'
import { settle } from './conditional-write.ts'
import { progressKey } from './layout.ts'
import { heard, heardNow, newProgress, type Progress, progressItem, progressOf } from './progress.ts'
import type { StateSession } from './session.ts'
import type { Batch, StatefulQuery } from './stateful-query.ts'

/** One invocation: what runs, in which session, when. */
export interface Invocation<V> {
  readonly session: StateSession
  readonly query: StatefulQuery<V>
  readonly batch: Batch<V>
  /** Wall clock at its start, epoch ms. */
  readonly nowMs: number
}

/** @throws MicrobatchError STATE_INCOMPATIBLE, STATE_CONFLICT, STATE_FAILED */
export async function openProgress<V>(invocation: Invocation<V>): Promise<Progress> {
  const { session, query, batch, nowMs } = invocation
  const progress = await readOrCreate(invocation)
  checkFingerprint(progress, query)
  checkTopic(progress, query, batch)
  session.warm.prune(progress.gen, nowMs)

  const idleMs = query.watermark?.policy === 'min' ? query.watermark.idleTimeoutMs : undefined
  if (idleMs === undefined) return progress
  // A partition that crashes before every commit would look idle: it is heard of before its rows are folded (H11).
  const stale = (current: Progress): boolean =>
    heardNow(batch.partitions, nowMs).some(([tp]) => (current.heardAtMs.get(tp) ?? 0) < nowMs - idleMs / 2)
  return changeProgress(invocation, progress, (current) =>
    stale(current) ? heard(current, batch.partitions, nowMs, idleMs) : null,
  )
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
      const item = await session.store.get(progressKey(query.name))
      const current = item === undefined ? undefined : progressOf(item)
      if (current?.gen === start.gen) return current
      throw new MicrobatchError(
        'STATE_CONFLICT',
        `The state of query "${query.name}" was reset while this batch ran. The batch comes again, on the new state.`,
      )
    },
  })
  return image
}

async function readOrCreate<V>({ session, query, nowMs }: Invocation<V>): Promise<Progress> {
  const read = async (): Promise<Progress | undefined> => {
    const item = await session.store.get(progressKey(query.name))
    return item === undefined ? undefined : progressOf(item)
  }
  const found = await read()
  if (found !== undefined) return found
  const { image } = await settle<Progress, null>(session, {
    what: `The progress of query "${query.name}"`,
    start: newProgress(session.newToken(), '', fingerprintOf(query), nowMs),
    // An empty revision marks the copy that nobody has written yet.
    change: (current) => ({ write: current.rev === '' ? { ...current, rev: session.newToken() } : null, result: null }),
    toItem: (progress) => progressItem(query.name, progress),
    revOf: ({ rev }) => (rev === '' ? null : rev),
    reread: async () => (await read()) ?? newProgress(session.newToken(), '', fingerprintOf(query), nowMs),
  })
  return image
}
