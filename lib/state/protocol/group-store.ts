// Reading and changing one group, through the warm copies. Promises that a copy is kept only after a confirmed read or
// write, and forgotten before anything is thought over again.

import { type GroupImage, groupImage, groupItem } from '../items/group-image.ts'
import { type GroupName, groupId, groupKey } from '../items/layout.ts'
import { type Settled, settle } from './conditional-write.ts'
import type { Invocation } from './invocation.ts'

/** The group as the store has it now. */
export async function readGroup<V>(
  { session, query, nowMs }: Invocation<V>,
  gen: string,
  name: GroupName,
): Promise<GroupImage | undefined> {
  const at = groupKey(query.name, gen, query.shards, name)
  session.warm.forget(at)
  const item = await session.store.get(at)
  if (item === undefined) return undefined
  const image = groupImage(item)
  session.warm.keep(at, gen, image, nowMs)
  return image
}

export interface GroupChange<R> {
  readonly write: Omit<GroupImage, 'rev'> | null
  readonly result: R
}

/**
 * Changes a group until the store agrees.
 * @param start what is known of it; undefined: it does not exist
 */
export async function changeGroup<V, R>(
  invocation: Invocation<V>,
  gen: string,
  name: GroupName,
  start: GroupImage | undefined,
  change: (image: GroupImage | undefined) => GroupChange<R>,
): Promise<Settled<GroupImage | undefined, R>> {
  const { session, query, nowMs } = invocation
  const at = groupKey(query.name, gen, query.shards, name)
  const settled = await settle<GroupImage | undefined, R>(session, {
    what: `Group ${groupId(name)} of query "${query.name}"`,
    start,
    change: (image) => {
      const { write, result } = change(image)
      return { write: write === null ? null : { ...write, rev: session.newToken() }, result }
    },
    toItem: (image) => {
      if (image === undefined) throw new TypeError('a group is never written as absent')
      return groupItem(at, image)
    },
    revOf: (image) => image?.rev ?? null,
    reread: () => readGroup(invocation, gen, name),
  })
  if (settled.confirmed && settled.image !== undefined) session.warm.keep(at, gen, settled.image, nowMs)
  return settled
}

/** The image with the seal on: a write of its own, after which its content never changes. */
export function sealedImage<V>({ query, nowMs }: Invocation<V>, name: GroupName, image: GroupImage | undefined) {
  const { retentionMs = defaultRetentionMs } = query
  return {
    key: name.key,
    windowEndMs: name.windowEndMs,
    acc: image?.acc ?? null,
    applied: image?.applied ?? new Map<string, number>(),
    version: (image?.version ?? 0) + 1,
    sealed: true,
    expiresAtSec: Math.ceil((nowMs + retentionMs) / 1000),
  }
}

/** Kafka keeps records 7 days unless told otherwise (log.retention.hours = 168); a day on top for old invocations. */
const defaultRetentionMs = 8 * 24 * 3_600_000
