// A turn of the operators before the groups: new rows go through them in the order of the log, and what comes out is folded into
// groups, or is a row that is owed to the sinks. Rows that a batch gave are owed until it is acknowledged; rows that time gave,
// until what is closed has passed the bound that they came by.

import { owedLane } from '../../items/lane.ts'
import type { GroupImage } from '../../shards/group-image.ts'
import type { GroupTable } from '../../shards/group-table.ts'
import type { Shard } from '../../shards/shard.ts'
import { isInShard, type ShardRows } from '../../shards/shard-rows.ts'
import type { Turn } from '../../shards/turn.ts'
import type { Invocation } from '../invocation.ts'
import type { RowGroups } from '../operators/group-operator.ts'
import type { Emit } from '../operators/operator-chain.ts'
import type { LastingQuery, LateRow, PartitionRows } from '../operators/stateful-query.ts'
import { spanOf } from '../rules.ts'
import { RowsOfTurn } from './given-rows.ts'
import { noteLast } from './last-offsets.ts'
import { addLate, type LateRows } from './late-rows.ts'

export interface FoldedRows {
  readonly changed: readonly GroupImage[]
  readonly late: readonly LateRow<never>[]
  /** Whether all rows of the batch were new. */
  readonly isWhole: boolean
}

/** The rows from `applied` on through the operators, after what event time has brought since the last turn. */
export function foldThroughChain(
  invocation: Invocation,
  part: ShardRows,
  shard: Shard,
  turn: Turn,
  shutMs: number,
  applied: (tp: string) => number,
): FoldedRows {
  const { query, nowMs } = invocation
  const { chain } = query
  const late: LateRows = []
  let isWhole = true
  if (chain === null) return { changed: turn.changed, late, isWhole }
  if (shutMs > shard.head.boundMs) advanceChain(invocation, shard, turn, shutMs)
  let isTicked = false
  for (const { tp, rows, at: places } of part.partitions) {
    const from = applied(tp)
    const way = wayOut(query, turn, part, tp)
    for (let i = 0; i < rows.length; i += 1) {
      const row = rows[i]
      const at = places[i]
      if (row === undefined || at === undefined) break
      if (at.offset < from) {
        isWhole = false
        continue
      }
      way.offset = at.offset
      if (!isTicked) chain.tick(nowMs, turn, way.emit, shutMs)
      isTicked = true
      const missed = chain.lateFor(row, tp, shutMs)
      if (missed !== null) addLate(late, tp, row, at, missed)
      else chain.apply(row, at, turn, way.emit)
    }
    way.given.owe(owedLane, chain.blocks, turn)
  }
  return { changed: turn.changed, late, isWhole }
}

/** Before a head's bound is raised: what has ended by then leaves the operators in the same append. */
export function advanceChain({ query, nowMs }: Invocation, { head }: Shard, turn: Turn, boundMs: number): void {
  if (query.chain === null || boundMs <= head.boundMs) return
  const { emit, given } = wayOut(query, turn, null, null)
  query.chain.advance(boundMs, turn, emit, nowMs)
  given.owe(boundMs, query.chain.blocks, turn)
}

/** Where the rows of a chain go. */
interface WayOut {
  readonly emit: Emit<never>
  /** Those that go out; none where they go into groups. */
  readonly given: RowsOfTurn
  /** The record that they come of. */
  offset: number
}

/**
 * @param part where groups may lie in several shards
 * @param tp of the records that the rows come of; null where time brings them
 */
function wayOut(query: LastingQuery, turn: Turn, part: ShardRows | null, tp: string | null): WayOut {
  const { operator, outputMode } = query
  const { table } = turn
  const given = new RowsOfTurn(tp)
  if (query.gives === 'rows') {
    const way: WayOut = { emit: (row, id) => given.add(row, id, way.offset), given, offset: 0 }
    return way
  }
  const found: RowGroups = { endsMs: [], lookups: [] }
  const keepsLast = outputMode === 'update'
  const way: WayOut = {
    emit(row) {
      const count = operator.groupsOf(row, found)
      for (let g = 0; g < count; g += 1) {
        const lookup = found.lookups[g] ?? null
        if (part !== null && !isInShard(part, lookup)) continue
        const image = table.findOrAdd(found.endsMs[g] ?? 0, lookup)
        image.acc = operator.add(table.accOf(image), row, (row as { readonly at: never }).at)
        if (keepsLast && tp !== null) noteLast(image, tp, way.offset)
        turn.note(image)
      }
    },
    given,
    offset: 0,
  }
  return way
}

/** What rows of a batch gave, whichever attempt took them in: groups, or blocks of rows that may have other batches' beside its own. */
export function givenByBatch(
  { query, container }: Invocation,
  partitions: readonly PartitionRows<never>[],
  groups: GroupTable,
): readonly GroupImage[] {
  const { gives } = query
  const spans = new Map(partitions.map((part) => [part.tp, spanOf(part)] as const))
  const isOfBatch = ({ last }: GroupImage): boolean =>
    last.some((tp, i) => {
      const span = i % 2 === 0 ? spans.get(String(tp)) : undefined
      return span !== undefined && container.rules.isOfBatch(Number(last[i + 1]), span, gives)
    })
  return [...(gives === 'rows' ? groups.lane(owedLane) : groups.groups())].filter(isOfBatch)
}
