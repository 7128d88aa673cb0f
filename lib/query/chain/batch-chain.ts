// A chain over rows that are all there: one turn of it, with no watermark, and then the end of event time, at which everything that
// waits for its end comes out.

import type { LocatedRow } from '../../event/located-row.ts'
import { GroupTable } from '../../state/shards/group-table.ts'
import { Turn } from '../../state/shards/turn.ts'
import { compileKept } from '../aggregation/kept-operators.ts'
import type { Plan, PlanRow } from '../plan/plan.ts'

/** @param rows in their order @returns what comes out, in its order */
export function chainedRows(
  plan: Plan,
  rows: readonly LocatedRow<PlanRow>[],
  nowMs: number,
): readonly LocatedRow<PlanRow>[] {
  const { operator, chain } = compileKept(plan)
  const operators = chain?.operators(null)
  if (operators === undefined) return rows
  const turn = new Turn(new GroupTable(operator as never, operators))
  const out: LocatedRow<PlanRow>[] = []
  const emit = (row: LocatedRow<PlanRow>): void => {
    out.push(row)
  }
  operators.tick(nowMs, turn, emit)
  for (const row of rows) operators.apply(row, row.at, turn, emit)
  operators.advance(Number.POSITIVE_INFINITY, turn, emit)
  return out
}
