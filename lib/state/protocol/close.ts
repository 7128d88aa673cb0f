// Step 5 of a batch: groups whose window has ended are sealed first (no row can enter any more), emitted then, and only
// when every row was acknowledged does the bound of closed groups move. Sealed content is frozen, so however many
// attempts emit a group, they emit the same.

import { type GroupImage, groupImage } from '../items/group-image.ts'
import { firstSortKey, groupId, lastSortKey, shardKeys, windowEndKey } from '../items/layout.ts'
import { laterOf, type Progress } from '../items/progress.ts'
import { inParallel } from '../parallel.ts'
import type { Folded } from './fold.ts'
import { changeGroup, sealedImage } from './group-store.ts'
import type { Invocation } from './invocation.ts'
import { changeProgress } from './progress-store.ts'
import { hasWindowEnd } from './rules.ts'

/** The groups to close, by group id: those that ended in (closed bound, watermark], and those of this batch that ended. */
export async function findDue<V>(
  invocation: Invocation<V>,
  committed: Progress,
  touched: Folded<V>['touched'],
): Promise<ReadonlyMap<string, GroupImage>> {
  const { session, query } = invocation
  const { gen, closedMs, watermarkMs } = committed
  const due = new Map<string, GroupImage>()
  if (watermarkMs === null) return due
  const own = [...touched].filter(([, { image }]) => session.rules.isDue(image, watermarkMs))
  for (const [id, { image }] of own) due.set(id, image)
  if (query.windows === null || !hasWindowEnd(query.windows, closedMs, watermarkMs)) return due
  const fromSk = closedMs === null ? firstSortKey : windowEndKey(closedMs + 1)
  // The scan is the newer of two images: it was read after the batch's own writes.
  for (const image of await scanGroups(invocation, gen, fromSk, windowEndKey(watermarkMs + 1))) {
    due.set(groupId(image), image)
  }
  return due
}

/** Seals what is not sealed yet. A group that is gone has expired, long after somebody else closed it. */
export async function sealDue<V>(
  invocation: Invocation<V>,
  { gen }: Progress,
  due: ReadonlyMap<string, GroupImage>,
): Promise<readonly GroupImage[]> {
  const sealed = await inParallel([...due.values()], invocation.session.parallelism, async (image) => {
    const settled = await changeGroup<V, null>(invocation, gen, image, image, (current) => ({
      write: current === undefined || current.sealed ? null : sealedImage(invocation, image, current),
      result: null,
    }))
    return settled.image
  })
  return sealed.filter((image) => image !== undefined)
}

/** Records that everything up to this batch's watermark was emitted. After the last acknowledgement, never before. */
export async function moveClosed<V>(invocation: Invocation<V>, committed: Progress): Promise<void> {
  await changeProgress(invocation, committed, (current) => {
    const closedMs = laterOf(current.closedMs, committed.watermarkMs)
    return closedMs === current.closedMs ? null : { ...current, closedMs }
  })
}

/** Every group of the query between two sort keys, over all shards, by consistent reads. */
export async function scanGroups<V>(
  { session, query }: Pick<Invocation<V>, 'session' | 'query'>,
  gen: string,
  fromSk: string = firstSortKey,
  toSk: string = lastSortKey,
): Promise<readonly GroupImage[]> {
  const shards = shardKeys(query.name, gen, query.shards)
  const scans = await inParallel(shards, session.parallelism, async (pk) => {
    const images: GroupImage[] = []
    for await (const page of session.store.range(pk, fromSk, toSk)) {
      for (const item of page) images.push(groupImage(item))
    }
    return images
  })
  return scans.flat()
}
