// Step 2 of a batch, for one shard: its new rows are folded into their groups, or late, by one append; and what became of each
// row of the batch is read off the head that decided it, so that every attempt of every batch that holds the row says the same.

import type { EventTimeMs } from '../../../aggregate/time.ts'
import { noBound } from '../../items/head.ts'
import { isGroupEnd, owedLane } from '../../items/lane.ts'
import type { GroupName } from '../../items/names.ts'
import type { Progress } from '../../items/progress.ts'
import { countedMs } from '../../shards/due-times.ts'
import type { GroupImage } from '../../shards/group-image.ts'
import type { GroupTable } from '../../shards/group-table.ts'
import type { Shard } from '../../shards/shard.ts'
import { isInShard, type ShardRows } from '../../shards/shard-rows.ts'
import { Turn } from '../../shards/turn.ts'
import type { Invocation } from '../invocation.ts'
import { append } from '../log/append.ts'
import { untilSettled } from '../log/conditional-write.ts'
import { loadShard, shardAtHand } from '../log/load.ts'
import type { Lookup, RowGroups } from '../operators/group-operator.ts'
import { keptMode, type LastingQuery, type LateRow } from '../operators/stateful-query.ts'
import { type Bounds, spanOf } from '../rules.ts'
import { type FoldedRows, foldThroughChain, givenByBatch } from './chain-fold.ts'
import { noteLast } from './last-offsets.ts'
import { addLate, isLate, type LateRows } from './late-rows.ts'

export interface Folded {
  readonly shard: Shard
  /** In the order of the batch; a row that missed several windows is one of them. */
  readonly late: readonly LateRow<never>[]
  /** Groups that hold rows of this batch, whichever attempt brought them in. */
  readonly touched: readonly GroupImage[]
  /** Groups that this attempt wrote. */
  readonly written: number
  /** Whether this attempt appended at all. */
  readonly isAppended: boolean
  /** Whether its append has compacted the shard. */
  readonly isCompacted: boolean
}

/** @throws MicrobatchError STATE_CONFLICT, STATE_TOO_LARGE, STATE_FAILED; and what the query's operator throws */
export async function foldShard(invocation: Invocation, part: ShardRows, progress: Progress): Promise<Folded> {
  const { container, query } = invocation
  const { rules } = container
  const bounds: Bounds = { watermarkMs: progress.watermarkMs ?? noBound, closedMs: progress.closedMs ?? noBound }
  const spans = invocation.batch.partitions.map(spanOf)
  let shard = await shardAtHand(invocation, part.pk)
  let tries = 0
  return untilSettled<Folded>(container, `Shard ${part.shard} of query "${query.name}"`, async () => {
    const applied = (tp: string): number => rules.appliedIn(shard.head, tp)
    const isNew = part.partitions.some(({ tp, at }) => (at.at(-1)?.offset ?? -1) >= applied(tp))
    if (!isNew) {
      const outcome = outcomeOf(invocation, part, shard)
      return { result: { shard, ...outcome, written: 0, isAppended: false, isCompacted: false } }
    }
    const shutMs = rules.shutOf(shard.head, bounds, lateMode(query))
    const turn = query.chain === null ? null : new Turn(shard.groups, countedMs(bounds.watermarkMs), shutMs)
    const folded =
      turn === null
        ? foldRows(invocation, part, shard.groups, shutMs, applied)
        : foldThroughChain(invocation, part, shard, turn, shutMs, applied)
    const change = rules.headAfter(shard.head, spans, shutMs, bounds, keptMode(query))
    tries += 1
    const mayCompact = tries === 1 && !shard.isContended
    const appended = await append(invocation, shard, change, folded.changed, mayCompact)
    if (appended.kind === 'ok') {
      shard.isContended = tries > 1
      if (turn !== null) invocation.turns.push(turn)
      // Where every row was new, what was just decided is what the head says.
      const given = query.chain === null ? folded.changed : folded.changed.filter((image) => isGiven(query, image))
      const { late, touched } = folded.isWhole
        ? { late: folded.late, touched: given }
        : outcomeOf(invocation, part, shard)
      const { isCompacted } = appended
      return { result: { shard, late, touched, written: given.length, isAppended: true, isCompacted } }
    }
    shard = await loadShard(invocation, part.pk, shard, appended.found)
    return { again: appended.cause }
  })
}

/** Whether an image that a batch changed is one that it gives, and not what operators keep. */
const isGiven = ({ gives }: LastingQuery, { endMs }: GroupImage): boolean =>
  gives === 'rows' ? endMs === owedLane : isGroupEnd(endMs)

/** What decides which rows are late: the operators of a chain leave out late rows in complete mode too, as Spark's do. */
const lateMode = ({ chain, outputMode }: LastingQuery) => (chain === null ? outputMode : 'append')

/** The rows from `applied` on into their groups, but for those of groups that ended by `shutMs`. */
function foldRows(
  { query }: Invocation,
  part: ShardRows,
  groups: GroupTable,
  shutMs: number,
  applied: (tp: string) => number,
): FoldedRows {
  const { operator, outputMode } = query
  const keepsLast = outputMode === 'update'
  const attempt = {}
  const changed: GroupImage[] = []
  const late: LateRows = []
  const found: RowGroups = { endsMs: [], lookups: [] }
  let isWhole = true
  for (const rows of part.partitions) {
    const from = applied(rows.tp)
    for (let i = 0; i < rows.rows.length; i += 1) {
      const row = rows.rows[i]
      const at = rows.at[i]
      if (row === undefined || at === undefined) break
      if (at.offset < from) {
        isWhole = false
        continue
      }
      const count = operator.groupsOf(row, found)
      for (let g = 0; g < count; g += 1) {
        const endMs = found.endsMs[g] ?? 0
        const lookup = found.lookups[g] ?? null
        if (!isInShard(part, lookup)) continue
        if (isLate(endMs, shutMs)) {
          addLate(late, rows.tp, row, at, nameOf(query, endMs, lookup))
          continue
        }
        const image = groups.findOrAdd(endMs, lookup)
        image.acc = operator.add(groups.accOf(image), row, at)
        if (keepsLast) noteLast(image, rows.tp, at.offset)
        if (image.changedBy === attempt) continue
        image.changedBy = attempt
        changed.push(image)
      }
    }
  }
  return { changed, late, isWhole }
}

/** What became of each row, as the head that applied it says. */
function outcomeOf(invocation: Invocation, part: ShardRows, { head, groups }: Shard) {
  const { query, container } = invocation
  if (query.chain !== null) {
    const late: LateRows = []
    for (const { tp, rows, at } of part.partitions) {
      rows.forEach((row, i) => {
        const place = at[i]
        if (place === undefined) return
        const missed = query.chain?.lateFor(row, tp, container.rules.cutOf(head, tp, place.offset, lateMode(query)))
        if (missed != null) addLate(late, tp, row, place, missed)
      })
    }
    return { late, touched: givenByBatch(invocation, part.partitions, groups) }
  }
  const late: LateRows = []
  const touched = new Set<GroupImage>()
  const found: RowGroups = { endsMs: [], lookups: [] }
  for (const { tp, rows, at } of part.partitions) {
    rows.forEach((row, i) => {
      const place = at[i]
      if (place === undefined) return
      const cutMs = container.rules.cutOf(head, tp, place.offset, query.outputMode)
      const count = query.operator.groupsOf(row, found)
      for (let g = 0; g < count; g += 1) {
        const endMs = found.endsMs[g] ?? 0
        const lookup = found.lookups[g] ?? null
        if (!isInShard(part, lookup)) continue
        if (isLate(endMs, cutMs)) addLate(late, tp, row, place, nameOf(query, endMs, lookup))
        else {
          const image = groups.find(endMs, lookup)
          if (image !== undefined) touched.add(image)
        }
      }
    })
  }
  return { late, touched: [...touched] }
}

const nameOf = ({ operator }: Invocation['query'], endMs: number, lookup: Lookup): GroupName => ({
  key: operator.keyText(lookup),
  windowEndMs: windowEndOf(endMs),
})

/** Null for a group that never ends. */
export const windowEndOf = (endMs: number): EventTimeMs | null =>
  endMs === Number.POSITIVE_INFINITY ? null : (endMs as EventTimeMs)
