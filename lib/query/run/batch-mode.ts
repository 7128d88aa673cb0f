// Batch mode: the same plan over rows that are all there. Nothing is late and nothing is kept; a watermark has no meaning
// and is left out, as in Spark.

import type { Accumulators } from '../../aggregate/aggregation.ts'
import type { LocatedRow } from '../../event/located-row.ts'
import type { GroupName } from '../../state/items/layout.ts'
import { compileOperators } from '../operators/row-operators.ts'
import { compileTable } from '../operators/table-operators.ts'
import type { Plan, PlanRow } from '../plan/plan.ts'
import { compileGrouping } from './grouping.ts'

/**
 * The whole result of a plan over rows of its source (after `decode`, if it has one), in their order.
 * @throws what the plan's functions throw
 */
export function runBatch<Row, Source>(plan: Plan, rows: readonly Source[]): readonly Row[] {
  const operate = compileOperators(plan.operators)
  const located = rows.flatMap((row, offset): LocatedRow<PlanRow>[] => {
    const operated = operate(row as PlanRow)
    const at = { topic: 'batch', partition: 0, offset, timestamp: 0, timestampType: -1 } as const
    return operated === undefined ? [] : [{ row: operated, at }]
  })
  return batchResult(plan, located) as readonly Row[]
}

/** The result over rows that know their places: order-sensitive aggregates go by them. */
export function batchResult(plan: Plan, rows: readonly LocatedRow<PlanRow>[]): readonly PlanRow[] {
  const table = compileTable(plan.after)
  return table(plan.aggregation === null ? rows : groupedRows(plan.aggregation, rows)).map(({ row }) => row)
}

function groupedRows(
  step: NonNullable<Plan['aggregation']>,
  rows: readonly LocatedRow<PlanRow>[],
): readonly { readonly row: PlanRow }[] {
  const grouping = compileGrouping(step)
  const groups = new Map<string, { readonly name: GroupName; readonly accumulators: Accumulators }>()
  for (const located of rows) {
    for (const name of grouping.groupsOf(located.row)) {
      const id = `${name.windowEndMs}${name.key}`
      const { accumulators } = groups.get(id) ?? { accumulators: grouping.aggregation.init() }
      groups.set(id, { name, accumulators: grouping.aggregation.fold(accumulators, [located]) })
    }
  }
  // Spark: an aggregation without grouping has one row, also over nothing.
  if (groups.size === 0 && step.order.length === 0) {
    return [{ row: grouping.rowOf({ key: '[]', windowEndMs: null }, grouping.aggregation.init()) }]
  }
  return Array.from(groups.values())
    .toSorted((left, right) => (left.name.windowEndMs ?? 0) - (right.name.windowEndMs ?? 0))
    .map(({ name, accumulators }) => ({ row: grouping.rowOf(name, accumulators) }))
}
