// The open sessions of a query, found in a shard by their group: what has ended has gone out and is no longer kept.

import { nowhere } from '../../event/located-row.ts'
import type { RowGroups } from '../../state/protocol/operators/group-operator.ts'
import type { OperatorChain } from '../../state/protocol/operators/operator-chain.ts'
import type { Shard } from '../../state/shards/shard.ts'
import { Turn } from '../../state/shards/turn.ts'
import { windowType } from '../../types/window.ts'
import type { Located } from '../chain/stage-operator.ts'
import type { PlanRow } from '../plan/plan.ts'
import type { SessionAggregateStep } from '../plan/stages/stage.ts'
import type { FoundGroup, KeptTable } from './kept-table.ts'
import { columnsOfGroups } from './key-columns.ts'

/** @param keyOf the key that the sessions of a group lie by */
export function keptSessions(
  { session, aggregation }: SessionAggregateStep,
  chain: OperatorChain<Located>,
  keyOf: (key: PlanRow) => string,
): KeptTable {
  const window = session.name
  const boundsOf = (row: PlanRow) => windowType.hold(row[window])
  const sessions = (shard: Shard, key?: string): readonly FoundGroup[] => {
    const rows: PlanRow[] = []
    chain.table(new Turn(shard.groups), ({ row }) => rows.push(row), key)
    return rows.map((row) => ({ startMs: boundsOf(row)?.start ?? null, row: () => row, key: () => row }))
  }
  return {
    columns: columnsOfGroups(aggregation),
    window,
    routeOf: ({ key }) => keyOf(key),
    find(shard, { key, hasWindow }) {
      const all = sessions(shard, keyOf(key))
      if (!hasWindow) return all
      const wanted = boundsOf(key)
      return all.filter((session) => {
        const own = boundsOf(session.key())
        return own?.start === wanted?.start && own?.end === wanted?.end
      })
    },
    all: (shard) => sessions(shard),
  }
}

/** The key that the first operator of a chain finds its rows by. */
export const chainKeyOf = (chain: OperatorChain<Located>): ((key: PlanRow) => string) => {
  const found: RowGroups = { endsMs: [], lookups: [] }
  return (row) => {
    chain.routing.groupsOf({ row, at: nowhere }, found)
    return chain.routing.keyText(found.lookups[0] ?? null)
  }
}
