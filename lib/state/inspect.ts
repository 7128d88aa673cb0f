// Looking at kept state without changing it: for the test driver, batch mode's end, and people. Reads are consistent, but
// groups are read page by page: beside running batches the whole is of no single moment.
import { scanGroups } from './close.ts'
import type { GroupImage } from './group-image.ts'
import { groupId } from './layout.ts'
import { readProgress } from './progress-store.ts'
import type { StateSession } from './session.ts'
import type { StatefulQuery } from './stateful-query.ts'

/** Every group, open and closed (until it expires), in the order of windows and keys. */
export async function readGroups<V>(session: StateSession, query: StatefulQuery<V>): Promise<readonly GroupImage[]> {
  const progress = await readProgress(session, query)
  if (progress === undefined) return []
  const groups = await scanGroups({ session, query }, progress.gen)
  return groups.toSorted((left, right) => (groupId(left) < groupId(right) ? -1 : 1))
}
