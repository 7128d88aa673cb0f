// A row is late for a window that had ended by the bound of the append that decided it: `shut` for one that is new, the head's
// cut for one that comes again (rules.ts says what either is). A row that misses several windows is one late row.

import type { GroupName } from '../../items/names.ts'
import type { LateRow } from '../operators/stateful-query.ts'

export type LateRows = (LateRow<never> & { readonly groups: GroupName[] })[]

export const isLate = (windowEndMs: number, boundMs: number): boolean => windowEndMs <= boundMs

export function addLate(late: LateRows, tp: string, row: never, at: LateRow<never>['at'], group: GroupName): void {
  const last = late.at(-1)
  if (last?.tp === tp && last.at.offset === at.offset && last.at.index === at.index) last.groups.push(group)
  else late.push({ tp, row, at, groups: [group] })
}

/** One for each row, also where its groups lie in several shards. */
export function lateRowsOf(folded: readonly { readonly late: readonly LateRow<never>[] }[]): readonly LateRow<never>[] {
  if (folded.length <= 1) return folded[0]?.late ?? []
  const rows = new Map<string, LateRow<never>>()
  for (const row of folded.flatMap(({ late }) => late)) {
    const id = `${row.tp}@${row.at.offset}#${row.at.index ?? 0}`
    const groups = rows.get(id)?.groups ?? []
    rows.set(id, { ...row, groups: [...groups, ...row.groups] })
  }
  return [...rows.values()]
}
