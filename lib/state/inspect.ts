// Looking at kept state without changing it: for the test driver, batch mode's end, and people. Reads are consistent, but
// groups are read page by page: beside running batches the whole is of no single moment.

import type { GroupImage } from './items/group-image.ts'
import { groupId } from './items/layout.ts'
import { scanGroups } from './protocol/close.ts'
import { readProgress } from './protocol/progress-store.ts'
import type { StateSession } from './protocol/session.ts'
import type { StatefulQuery } from './protocol/stateful-query.ts'

/** Every group, open and closed (until it expires), in the order of windows and keys. */
export async function readGroups<V>(session: StateSession, query: StatefulQuery<V>): Promise<readonly GroupImage[]> {
  const progress = await readProgress(session, query)
  if (progress === undefined) return []
  const groups = await scanGroups({ session, query }, progress.gen)
  return groups.toSorted((left, right) => (groupId(left) < groupId(right) ? -1 : 1))
}
