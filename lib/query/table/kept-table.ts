// What of a query's state can be asked for as a table: the groups of its last aggregation, or its sessions. Each answers for one shard
// that was just read; the rows are those before the operators that follow, which query-state.ts applies.

import type { Column } from '../../decode/schema.ts'
import type { Shard } from '../../state/shards/shard.ts'
import type { Refusal } from '../held/refusal.ts'
import type { PlanRow } from '../plan/plan.ts'

/** A group's row is made when it is wanted: one that a function throws on is a refusal. */
export type MadeRow = () => PlanRow | Refusal

export interface FoundGroup {
  /** Where its window begins; null where it has none. */
  readonly startMs: number | null
  readonly row: MadeRow
  /** Its grouping columns. */
  key(): PlanRow
}

/** Whole keys are asked for, or those of all windows. */
export interface AskedKey {
  /** By the names of the grouping columns, as their domains have them. */
  readonly key: PlanRow
  readonly hasWindow: boolean
}

export interface KeptTable {
  /** The grouping columns, in the order of `groupBy`. */
  readonly columns: ReadonlyMap<string, Column<unknown>>
  /** Which of them is a window; null where none is. */
  readonly window: string | null
  /** The text that the shard of a key is found by; null where it says nothing of the shard. */
  routeOf(asked: AskedKey): string | null
  /** The groups of a key; what it gives outlives the shard's next change. */
  find(shard: Shard, asked: AskedKey): readonly FoundGroup[]
  /** All groups, as they are at this moment. */
  all(shard: Shard): readonly FoundGroup[]
}
