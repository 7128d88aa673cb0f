// Step 4 of a batch, and the emission of step 5: what sinks get. Rows go out in the order of their windows and keys, with
// a stable id; empty groups, which only record that rows were late, never do.

import { type GroupImage, outputRow } from '../items/group-image.ts'
import type { Progress } from '../items/progress.ts'
import { inParallel } from '../parallel.ts'
import type { Folded } from './fold.ts'
import { readGroup } from './group-store.ts'
import type { Invocation } from './invocation.ts'
import type { Emission, LateRow } from './stateful-query.ts'

/** Late rows and dead letters, where the batch has any. */
export async function emitLate<V>(
  { batch }: Invocation<V>,
  late: readonly LateRow<V>[],
  emission: Emission<V>,
): Promise<void> {
  if (late.length > 0) await emission.late(late)
  const hasDeadLetters = [...batch.partitions.values()].some(({ deadLetterOffsets }) => deadLetterOffsets.length > 0)
  if (hasDeadLetters) await emission.deadLetters()
}

/** The one emission of a batch, perhaps of no rows: a console prints an empty table then, as Spark's does. */
export async function emitRows<V>(
  { query }: Invocation<V>,
  { gen, n }: Progress,
  groups: readonly GroupImage[],
  emission: Emission<V>,
): Promise<void> {
  const rows = groups.flatMap((image) => (image.acc === null ? [] : [outputRow(gen, image, image.acc)]))
  rows.sort((left, right) => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0))
  await emission.rows({ mode: query.outputMode, gen, batchId: n, rows })
}

/**
 * The groups that hold rows of this batch, as they now are. An image from a warm copy may be old: it is read again, so
 * that also a sink that takes anything gets nothing older than what this attempt could know.
 */
export async function emitTouched<V>(
  invocation: Invocation<V>,
  committed: Progress,
  touched: Folded<V>['touched'],
  emission: Emission<V>,
): Promise<void> {
  const groups = await inParallel(
    [...touched.values()],
    invocation.session.parallelism,
    async ({ image, confirmed }) => (confirmed ? image : await readGroup(invocation, committed.gen, image)),
  )
  await emitRows(
    invocation,
    committed,
    groups.filter((image) => image !== undefined),
    emission,
  )
}
