// Looking at kept state without changing it: for the test driver and for people. Reads are consistent, but groups are read
// page by page: beside running batches the whole is of no single moment.

import { type GroupImage, groupImage } from './items/group-image.ts'
import { firstSortKey, groupId, lastSortKey, progressKey, shardKeys } from './items/layout.ts'
import { progressFromItem } from './items/progress.ts'
import type { StateStore } from './store.ts'

/** Every group of a query, open and closed (until it expires), in the order of windows and keys. */
export async function readGroups(
  store: StateStore,
  query: { readonly name: string; readonly shards: number },
): Promise<readonly GroupImage[]> {
  const item = await store.get(progressKey(query.name))
  if (item === undefined) return []
  const groups: GroupImage[] = []
  for (const pk of shardKeys(query.name, progressFromItem(item).gen, query.shards)) {
    for await (const page of store.range(pk, firstSortKey, lastSortKey)) {
      for (const item of page) groups.push(groupImage(item))
    }
  }
  return groups.sort((left, right) => (groupId(left) < groupId(right) ? -1 : 1))
}
