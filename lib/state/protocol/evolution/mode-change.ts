// A query that goes on in another output mode over what it has kept. The modes differ in what is still there and in what is out: in
// append mode ended groups wait for their one row; in update mode what ended and is out is gone; in complete mode everything stays.
// No group is lost by a change, and none that is gone comes back; some rows may come out once more.

import type { OutputMode } from '../../../aggregate/output-mode.ts'
import { noBound } from '../../items/head.ts'
import type { Shard } from '../../shards/shard.ts'
import type { LastingQuery } from '../operators/stateful-query.ts'
import type { Rules } from '../rules.ts'

export type ModeChange =
  /** All groups at hand come out once: those that do not change any more would not, otherwise. */
  | { readonly kind: 'owesTable' }
  /** Groups whose last row was out in the mode before are closed (outUpToMs). */
  | { readonly kind: 'closes' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly why: string }

export function modeChange(
  from: OutputMode,
  to: OutputMode,
  { gives, windows }: Pick<LastingQuery, 'gives' | 'windows'>,
): ModeChange {
  if (from === to) return { kind: 'nothing' }
  if (gives === 'rows') {
    if (from !== 'complete' && to !== 'complete') return { kind: 'nothing' }
    return { kind: 'refused', why: 'the table of an operator is kept for ever in complete mode, and only there' }
  }
  if (to === 'complete') {
    if (windows === null) return { kind: 'nothing' }
    return { kind: 'refused', why: 'groups that have ended are no longer kept, so the table would not be complete' }
  }
  return { kind: to === 'append' ? 'closes' : 'owesTable' }
}

/**
 * The time up to which every group has had its last row, by the rules of the mode before. A batch that folds by the version before
 * meanwhile does so into later groups only.
 *
 * @param shards all of the query, as the mode before has them
 */
export function outUpToMs(shards: readonly Shard[], rules: Rules): number {
  const bounds = shards.map(({ head }) => (head.rev === null ? noBound : head.boundMs))
  return rules.outUpToMs(bounds, endsOf(shards))
}

function* endsOf(shards: readonly Shard[]): Iterable<number> {
  for (const { groups } of shards) for (const { endMs } of groups.groups()) yield endMs
}
