// `dropDuplicates` and `dropDuplicatesWithinWatermark` as functions from plan to plan, and their checks.

import { refuse } from '../../../error.ts'
import { type Plan, requireColumns } from '../plan.ts'
import { delayOf } from '../sources.ts'
import type { Stage } from './stage.ts'
import { withStage } from './staged.ts'

/** @param names none: all columns */
export function dropDuplicates(plan: Plan, names: readonly string[]): Plan {
  return withStage(plan, { kind: 'dropDuplicates', columns: keysOf(plan, names), withinMs: null }, plan)
}

/** Without a watermark it is refused when the stream is begun, as in batch mode it is refused with one. */
export function dropDuplicatesWithinWatermark(plan: Plan, names: readonly string[]): Plan {
  const withinMs = delayOf(plan) ?? 0
  return withStage(plan, { kind: 'dropDuplicates', columns: keysOf(plan, names), withinMs }, plan)
}

function keysOf(plan: Plan, names: readonly string[]): readonly string[] {
  requireColumns(plan, names)
  const columns = names.length === 0 ? [...plan.columns.keys()] : names
  requireKeys(plan, columns)
  return columns
}

function requireKeys(plan: Plan, names: readonly string[]): void {
  for (const name of names) {
    const type = plan.columns.get(name)?.type
    if (type?.domain.isOrderable !== false) continue
    refuse(`${plan.name}: rows cannot be told apart by \`${name}\`: values of "${type.sparkName}" are in no order.`)
  }
}

/** @throws MicrobatchError QUERY_INVALID in Spark's words, where a stream has no watermark to forget keys by */
export function requireWatermark({ stages }: Plan): void {
  const isWithout = stages.some(
    (stage) => isWithinWatermark(stage) && (stage.eventTime === null || stage.delayMs === null),
  )
  if (isWithout)
    refuse('dropDuplicatesWithinWatermark is not supported on streaming DataFrames/DataSets without watermark')
}

/** @throws MicrobatchError QUERY_INVALID in Spark's words: rows that are all there have no watermark */
export function refuseInBatch({ stages }: Plan): void {
  if (stages.some(isWithinWatermark))
    refuse('dropDuplicatesWithinWatermark is not supported with batch DataFrames/DataSets')
}

const isWithinWatermark = ({ step }: Stage): boolean => step.kind === 'dropDuplicates' && step.withinMs !== null
