// Step 1 of a batch: progress is read or made, taken over from another version of the query, and told which partitions are alive.
// Promises that progress says what this version has made of what is kept before the version writes anything in its way.

import type { OutputMode } from '../../../aggregate/output-mode.ts'
import { eventTimeMs } from '../../../aggregate/time.ts'
import { noBound } from '../../items/head.ts'
import { shardKeys } from '../../items/names.ts'
import { heardFrom, heardOf, laterOf, newProgress, type Progress, progressItem } from '../../items/progress.ts'
import { inParallel } from '../../parallel.ts'
import { type KeptLayout, ownLayout } from '../evolution/kept-layout.ts'
import { outUpToMs } from '../evolution/mode-change.ts'
import { takeoverOf } from '../evolution/takeover.ts'
import type { Invocation } from '../invocation.ts'
import { causeOf, untilSettled, write } from '../log/conditional-write.ts'
import { loadShard } from '../log/load.ts'
import { checkSettings, checkTopic, fingerprintOf } from '../operators/compatibility.ts'
import { idleTimeoutOf } from '../watermark-rules.ts'
import { changeProgress, readProgress } from './progress-store.ts'

/** A batch that has begun. */
export interface Opened {
  /** With the query as what is kept lies for it. */
  readonly invocation: Invocation
  readonly progress: Progress
}

/**
 * Progress as it is, made sure to be this query's and this topic's. Creates it where there is none, and takes over what another
 * version of the query has left. The watermark that is read here is the one the batch runs with.
 *
 * @throws MicrobatchError STATE_INCOMPATIBLE, STATE_CONFLICT, STATE_FAILED
 */
export async function openProgress(invocation: Invocation): Promise<Opened> {
  checkSettings(invocation.query)
  const found = await readOrCreateProgress(invocation)
  const { progress, layout } = await takeOver(invocation, found)
  const laid = { ...invocation, query: { ...invocation.query, layout } }
  return { invocation: laid, progress: await heard(laid, progress) }
}

interface Taken {
  readonly progress: Progress
  readonly layout: KeptLayout
}

/** Progress that says what this version of the query has made of it, before anything is written in its way. */
async function takeOver(invocation: Invocation, found: Progress): Promise<Taken> {
  const { query, container } = invocation
  const { isNews, changes, mode, modeBefore, layout } = takeoverOf(found, query)
  if (!isNews) return { progress: found, layout }
  const outMs = mode.kind === 'closes' ? await outUpTo(invocation, found, modeBefore) : noBound
  const progress = await changeProgress(invocation, found, (current) => {
    const { isNews: isStillNews, fingerprint, layout: taken } = takeoverOf(current, query)
    if (!isStillNews) return null
    const closedMs = outMs === noBound ? current.closedMs : laterOf(current.closedMs, eventTimeMs(outMs))
    return { ...current, fingerprint, evolution: taken.evolution, owesTable: taken.owesTable, closedMs }
  })
  container.takenOver.push(...changes)
  return { progress, layout: takeoverOf(progress, query).layout }
}

/** The time up to which all is out, read off every shard by the rules of the mode before. */
async function outUpTo(invocation: Invocation, found: Progress, outputMode: OutputMode): Promise<number> {
  const { evolution, owesTable } = found
  const query = { ...invocation.query, outputMode, layout: { ...ownLayout, evolution, owesTable } }
  const before: Invocation = { ...invocation, query, shards: new Map() }
  const { parallelism, rules } = invocation.container
  const shards = await inParallel(shardKeys(query, found.gen), parallelism, (pk) => loadShard(before, pk))
  return outUpToMs(shards, rules)
}

async function heard(invocation: Invocation, progress: Progress): Promise<Progress> {
  const { container, query, batch, nowMs } = invocation
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
