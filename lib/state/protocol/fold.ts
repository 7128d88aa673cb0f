// Step 2 of a batch: bring each group's rows into it, or decide that they are late. The group's item is the one place
// where either is decided, by a conditional write: the first of "folded" and "sealed without" wins for ever, and every
// attempt of every batch that holds the row sees it.
import type { GroupImage } from '../items/group-image.ts'
import { groupId, groupKey } from '../items/layout.ts'
import { mergeByMax, type Progress } from '../items/progress.ts'
import { inParallel } from '../parallel.ts'
import { changeGroup, readGroup, sealedImage } from './group-store.ts'
import type { Invocation } from './invocation.ts'
import type { GroupInput, Input, LateRow } from './stateful-query.ts'

export interface Touched {
  readonly image: GroupImage
  /** False: from a warm copy; the store may hold a newer one. */
  readonly confirmed: boolean
}

export interface Folded<V> {
  /** Groups that hold rows of this batch, whichever attempt brought them in. By group id. */
  readonly touched: ReadonlyMap<string, Touched>
  /** One per record, in the order of their first group. */
  readonly late: readonly LateRow<V>[]
  /** Groups written by this attempt with rows in it. */
  readonly written: number
}

/** @throws MicrobatchError STATE_CONFLICT, STATE_TOO_LARGE, STATE_FAILED; and what the query's fold throws. */
export async function foldGroups<V>(invocation: Invocation<V>, progress: Progress): Promise<Folded<V>> {
  const { session, batch } = invocation
  const results = await inParallel(batch.groups, session.parallelism, (group) => foldGroup(invocation, progress, group))
  const touched = new Map<string, Touched>()
  for (const { image, confirmed, group } of results) {
    if (image === undefined || !holdsRowOf(image, group)) continue
    touched.set(groupId(group), { image, confirmed })
  }
  const written = results.filter(({ wrote, late }) => wrote && late.length === 0).length
  return { touched, late: lateRows(results), written }
}

async function foldGroup<V>(invocation: Invocation<V>, { gen, watermarkMs }: Progress, group: GroupInput<V>) {
  const { session, query } = invocation
  const copy = session.warm.get(groupKey(query.name, gen, query.shards, group))
  const start = copy ?? (await readGroup(invocation, gen, group))
  // Complete mode keeps every group for ever: nothing is late in it (Spark's aggregation in complete mode).
  const lateUpToMs = query.outputMode === 'complete' ? null : watermarkMs

  const { image, result, wrote, confirmed } = await changeGroup<V, readonly Input<V>[]>(
    invocation,
    gen,
    group,
    start,
    (current) => {
      const decision = session.rules.decide(current, group, lateUpToMs)
      switch (decision.kind) {
        case 'present':
          return { write: null, result: [] }
        case 'late':
          return { write: null, result: decision.inputs }
        case 'seal':
          return { write: sealedImage(invocation, group, current), result: decision.inputs }
        case 'fold':
          return { write: foldedImage(invocation, group, current, decision.inputs), result: [] }
      }
    },
  )
  return { group, image, late: result, wrote, confirmed: confirmed || copy === undefined }
}

/** All new rows of the batch in one write: a reader never sees half of a batch's rows of a group. */
function foldedImage<V>(
  { query }: Invocation<V>,
  group: GroupInput<V>,
  image: GroupImage | undefined,
  inputs: readonly Input<V>[],
) {
  return {
    key: group.key,
    windowEndMs: group.windowEndMs,
    acc: query.fold(image?.acc ?? null, inputs),
    applied: mergeByMax(
      image?.applied ?? new Map(),
      inputs.map(({ tp, offset }) => [tp, offset]),
    ),
    version: (image?.version ?? 0) + 1,
    sealed: image?.sealed ?? false,
    expiresAtSec: image?.expiresAtSec ?? null,
  }
}

const holdsRowOf = <V>(image: GroupImage, group: GroupInput<V>): boolean =>
  group.inputs.some(({ tp, offset }) => offset <= (image.applied.get(tp) ?? -1))

/** A record that missed several sliding windows is one late row. */
function lateRows<V>(results: readonly { readonly group: GroupInput<V>; readonly late: readonly Input<V>[] }[]) {
  const rows = new Map<string, LateRow<V>>()
  for (const { group, late } of results) {
    for (const input of late) {
      const id = `${input.tp}-${input.offset}`
      const missed = { key: group.key, windowEndMs: group.windowEndMs }
      rows.set(id, { ...input, groups: [...(rows.get(id)?.groups ?? []), missed] })
    }
  }
  return [...rows.values()]
}
