// What state that is moved holds, in words.
import type { MovedState } from 'microbatch/state'
import { count } from '../../../replay/progress-line.ts'

/** @example contentOf(state) // '120 batches of bars, 5 groups and entries, 1 shard' */
export function contentOf({ query, progress, shards }: MovedState): string {
  const lines = shards.reduce((sum, { numLines }) => sum + numLines, 0)
  const things = count(lines, 'group or entry', 'groups and entries')
  return `${count(progress.n, 'batch', 'batches')} of ${query}, ${things}, ${count(shards.length, 'shard', 'shards')}`
}

/** Where a stream that has the state goes on. @example offsetsOf(state) // 'stock-ticks-0@17 stock-ticks-1@12' */
export const offsetsOf = ({ progress }: Pick<MovedState, 'progress'>): string =>
  progress.next.size === 0
    ? 'the beginning'
    : Array.from(progress.next, ([tp, offset]) => `${tp}@${offset}`)
        .toSorted()
        .join(' ')
