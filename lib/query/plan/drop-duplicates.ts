// `dropDuplicates` and `dropDuplicatesWithinWatermark` as functions from plan to plan, and their checks.

import { refuse } from '../../error.ts'
import { type Plan, requireColumns } from './plan.ts'
import { withStage } from './stage.ts'

/** @param names none: all columns */
export function dropDuplicates(plan: Plan, names: readonly string[]): Plan {
  requireColumns(plan, names)
  const columns = names.length === 0 ? [...plan.columns.keys()] : names
  requireKeys(plan, columns)
  return withStage(plan, { kind: 'dropDuplicates', columns, withinMs: null }, plan)
}

export function dropDuplicatesWithinWatermark(plan: Plan, names: readonly string[]): Plan {
  if (plan.watermark === null || plan.eventTime === null) {
    // Spark's words.
    refuse('dropDuplicatesWithinWatermark is not supported on streaming DataFrames/DataSets without watermark')
  }
  requireColumns(plan, names)
  const columns = names.length === 0 ? [...plan.columns.keys()] : names
  requireKeys(plan, columns)
  const withinMs = plan.watermark?.delayMs ?? 0
  return withStage(plan, { kind: 'dropDuplicates', columns, withinMs }, plan)
}

function requireKeys(plan: Plan, names: readonly string[]): void {
  for (const name of names) {
    const type = plan.columns.get(name)?.type
    if (type?.domain.isOrderable !== false) continue
    refuse(`${plan.name}: rows cannot be told apart by \`${name}\`: values of "${type.sparkName}" are in no order.`)
  }
}
