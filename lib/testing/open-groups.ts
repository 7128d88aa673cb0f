// Looks into kept state: how many groups of a query still take rows.

import { shards } from '../query/run/stateful-step.ts'
import { groupImage } from '../state/items/group-image.ts'
import { firstSortKey, lastSortKey, progressKey, shardKeys } from '../state/items/layout.ts'
import { progressFromItem } from '../state/items/progress.ts'
import type { StateStore } from '../state/store.ts'

export async function countOpenGroups(store: StateStore, query: string): Promise<number> {
  const item = await store.get(progressKey(query))
  if (item === undefined) return 0
  let open = 0
  for (const pk of shardKeys(query, progressFromItem(item).gen, shards)) {
    for await (const page of store.range(pk, firstSortKey, lastSortKey)) {
      open += page.filter((group) => !groupImage(group).sealed).length
    }
  }
  return open
}
