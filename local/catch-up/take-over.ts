// The new version brought to where the old one stands, and, when nobody reads for the old one any more, its consumer group set to the
// offsets of the old one's: what the old one has not done, the new one does.
import type { Admin } from 'kafkajs'
import type { StateStore } from 'microbatch'
import { catchUp, readProgress } from 'microbatch/state'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { type Boundary, rangesOf } from '../kafka/offset-range.ts'
import type { TopicReader } from '../kafka/topic-reader.ts'
import { areSame, commit, commitsOf, isRead } from './consumer-group.ts'
import { rangesToFold } from './plan.ts'
import { closeUpTo, type Folded, type FoldOptions, foldRanges } from './run.ts'
import type { Versions } from './versions.ts'

export interface Beside extends Versions {
  readonly admin: Admin
  readonly reader: TopicReader
  /** Undefined where the new version keeps nothing. */
  readonly store: StateStore | undefined
  readonly from: Boundary | undefined
}

/** Where both stand. */
export interface Survey {
  readonly isOldRead: boolean
  readonly oldCommits: ReadonlyMap<number, number>
  readonly closeUpToMs: number | null
  readonly ranges: ReturnType<typeof rangesToFold>
  readonly numBehind: number
}

/**
 * Whether the old one is read for is asked first: then its commits are its last.
 * @throws LocalError as rangesToFold; COMMAND_INVALID where the new version is read for already
 */
export async function survey({ old, next, admin, reader, store, from }: Beside): Promise<Survey> {
  const { topic } = next.mapping
  if (await isRead(admin, next.mapping.consumerGroupId)) {
    const problem = `The mapping of ${next.functionKey} reads already (group ${next.mapping.consumerGroupId})`
    throw new LocalError(
      'COMMAND_INVALID',
      `${problem}: let it be deployed with enabled: false, until catch-up has set its offsets.`,
    )
  }
  const isOldRead = await isRead(admin, old.mapping.consumerGroupId)
  const oldCommits = await commitsOf(admin, old.mapping.consumerGroupId, topic)
  const oldProgress = store && old.keepsState ? await readProgress(store, old.query.name) : undefined
  const closeUpToMs = closeUpTo(oldProgress, old.query.outputMode)
  const folded = foldedOf(topic, store && (await readProgress(store, next.query.name))?.next)
  const ranges = rangesToFold({
    ...{ topic, newFunction: next.functionKey, oldFunction: old.functionKey },
    ends: await reader.ends(),
    // Without state there is nothing to fold, and nothing that could be missing.
    ...{ oldCommits, folded: store === undefined ? oldCommits : folded },
    from: from && new Map((await rangesOf(reader, from, { kind: 'latest' })).map((it) => [it.partition, it.from])),
  })
  const numBehind = ranges.reduce((sum, range) => sum + range.to - range.from, 0)
  return { isOldRead, oldCommits, closeUpToMs, ranges, numBehind }
}

/** By partition: those of the topic. */
function foldedOf(topic: string, next: ReadonlyMap<string, number> = new Map()): ReadonlyMap<number, number> {
  const own = [...next].filter(([tp]) => tp.startsWith(`${topic}-`) && /^\d+$/.test(tp.slice(topic.length + 1)))
  return new Map(own.map(([tp, offset]) => [Number(tp.slice(topic.length + 1)), offset]))
}

export type TakeOver = Folded & {
  /** `stopped`: it was asked to end. `caughtUp`: the old one is still read for. `tookOver`: the new one's offsets are set. */
  readonly kind: 'stopped' | 'caughtUp' | 'tookOver'
  /** Records that the old one has read since. */
  readonly numBehind: number
  readonly offsets: ReadonlyMap<number, number>
}

type Folding = Omit<FoldOptions, 'version' | 'ranges' | 'closeUpToMs' | 'state' | 'reader'>

/** @example const { kind } = await takeOver(beside, { brokers, partitions: 3, shards: 1, progress, signal }) */
export async function takeOver(beside: Beside, folding: Folding): Promise<TakeOver> {
  const { old, next, admin, reader, store } = beside
  const { topic } = next.mapping
  let total: Folded = { numBatches: 0, numRecords: 0, numBad: 0, isWhole: true }
  for (;;) {
    const { isOldRead, oldCommits, closeUpToMs, ranges } = await survey(beside)
    if (store !== undefined) {
      const folded = await foldRanges({ ...folding, version: next, ranges, closeUpToMs, state: store, reader })
      total = added(total, folded)
    }
    const end = { ...total, offsets: oldCommits, numBehind: 0 }
    if (!total.isWhole) return { ...end, kind: 'stopped' }
    if (isOldRead) return { ...end, kind: 'caughtUp', numBehind: (await survey(beside)).numBehind }
    const isStill = !(await isRead(admin, old.mapping.consumerGroupId))
    const last = await commitsOf(admin, old.mapping.consumerGroupId, topic)
    // Somebody has begun to read for it again, and may have ended since.
    if (!isStill || !areSame(last, oldCommits)) continue
    const { partitions, shards } = folding
    if (store !== undefined) {
      await catchUp(next.query, { state: store, partitions, shards, closeUpToMs }).handOver()
    }
    await commit(admin, next.mapping.consumerGroupId, topic, oldCommits)
    return { ...end, kind: 'tookOver' }
  }
}

const added = (one: Folded, other: Folded): Folded => ({
  numBatches: one.numBatches + other.numBatches,
  numRecords: one.numRecords + other.numRecords,
  numBad: one.numBad + other.numBad,
  isWhole: other.isWhole,
})
