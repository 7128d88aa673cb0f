// Step 4 of a batch, and the rows of step 5: what sinks are to be given. Rows come in the order of their windows and keys, with
// a stable id; empty groups, which only record that rows were late, never do.

import { type GroupImage, outputRow } from '../items/group-image.ts'
import type { Progress } from '../items/progress.ts'
import { inParallel } from '../parallel.ts'
import type { Folded } from './fold.ts'
import { readGroup } from './group-store.ts'
import type { Invocation } from './invocation.ts'
import type { Output } from './stateful-query.ts'

/** The one output of a batch, perhaps without rows: a console prints an empty table then, as Spark's does. */
export function outputOf<V>({ query }: Invocation<V>, { gen, n }: Progress, groups: readonly GroupImage[]): Output {
  const rows = groups.flatMap((image) => (image.acc === null ? [] : [outputRow(gen, image, image.acc)]))
  rows.sort((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0))
  return { mode: query.outputMode, gen, batchId: n, rows }
}

/**
 * The groups with rows of this batch, as they now are. An image from a warm copy may be old: it is read again, so that also a
 * sink that takes anything gets nothing older than what this attempt could know.
 */
export async function touchedGroups<V>(
  invocation: Invocation<V>,
  committed: Progress,
  touched: Folded<V>['touched'],
): Promise<readonly GroupImage[]> {
  const groups = await inParallel(
    [...touched.values()],
    invocation.session.parallelism,
    async ({ image, confirmed }) => (confirmed ? image : await readGroup(invocation, committed.gen, image)),
  )
  return groups.filter((image) => image !== undefined)
}
