// What holds for the parts that versions of a query add to its groups, seen from line to line. A line of the schedules is the ids of
// the rows that a group has, and behind a stroke those of each part that was added: the rows since then.

import { Violation } from './violation.ts'

/** What stands in the place of a part that was dropped. */
export const droppedPart = '-'

const idsIn = (part: string | undefined): readonly string[] =>
  part === undefined || part === '' || part === droppedPart ? [] : part.split(' ')

/** E2: no part loses rows, no place is given twice, and a version that has a part puts every row that it folds into it. */
export function compareAdded(group: string, before: string, after: string): void {
  if (before === after) return
  const [all, ...added] = after.split('|')
  const [allBefore, ...addedBefore] = before.split('|')
  const fail = (what: string): never => {
    throw new Violation('E2', `${group} ${what}: {${before}} -> {${after}}`)
  }
  if (added.length < addedBefore.length) fail('lost a part')
  addedBefore.forEach((part, i) => {
    if (part === droppedPart && added[i] !== droppedPart) fail('has a part where one was dropped')
    if (added[i] === droppedPart) return
    const rows = new Set(idsIn(added[i]))
    if (idsIn(part).some((row) => !rows.has(row))) fail('lost rows of a part')
  })
  const newest = added.at(-1)
  if (newest === undefined || newest === droppedPart) return
  const known = new Set(idsIn(allBefore))
  const rows = new Set(idsIn(newest))
  if (idsIn(all).some((row) => !known.has(row) && !rows.has(row))) fail('has a row that its newest part lacks')
}
