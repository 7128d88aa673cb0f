// The columns of a batch's output. A function of `decode` may have added some that the plan cannot know: they print after
// the known ones, as they come with the rows.

import { inferredColumn } from '../../decode/schema.ts'
import type { LocatedRow } from '../../event/located-row.ts'
import type { OutputColumns } from '../../sink/output-columns.ts'
import type { Plan, PlanRow } from '../plan/plan.ts'

export function outputColumns(plan: Plan, rows: readonly LocatedRow<PlanRow>[]): OutputColumns {
  if (!plan.isOpen || rows.length === 0) return plan.columns
  const names = new Set(rows.flatMap(({ row }) => Object.keys(row)))
  const known = [...plan.columns].filter(([name]) => names.has(name))
  const added = [...names].filter((name) => !plan.columns.has(name)).map((name) => [name, inferredColumn()] as const)
  return new Map([...known, ...added])
}
