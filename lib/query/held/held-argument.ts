// The functions of the row that aggregates take, `sum((t) => t.price * t.volume)`, and aggregates of the query's own, tried on each
// row before it is folded: a row on which one throws, or gives no number, is set aside before any group has seen it, and before it
// is looked at whether the row is late, so that it has the same end each time it comes. They run again in the fold, and are pure.

import type { Aggregate } from '../../aggregate/functions/aggregate.ts'
import type { Coordinates } from '../../event/located-row.ts'
import type { Plan, PlanRow } from '../plan/plan.ts'
import { misfit } from './held-value.ts'
import { failedFunction, type Refusal } from './refusal.ts'

/** Whether rows are what the last aggregates take as soon as they are read: no operator makes others of them, or puts columns to them. */
export const isGroupedAsRead = (stages: Plan['stages']): boolean =>
  stages.every(({ step, following }) => step.kind === 'dropDuplicates' && following.length === 0)

export function argumentGuard({
  aggregation,
}: Pick<Plan, 'aggregation'>): (row: PlanRow, at: Coordinates) => Refusal | null {
  const checks = Object.entries(aggregation?.aggregates ?? {}).flatMap(([name, aggregate]) => {
    const what = `the aggregate \`${name}\``
    const takesAny = aggregate.kind === 'count' || aggregate.kind === 'custom'
    const taken = 'takes' in aggregate ? aggregate.takes : 'number'
    return functionsOf(aggregate).map((run) => ({ name, what, run, takesAny, taken }))
  })
  if (checks.length === 0) return () => null
  return (row, at) => {
    for (const { name, what, run, takesAny, taken } of checks) {
      try {
        const value = run(row, at)
        // Nothing is converted: what the fold sees is what the function gives there.
        if (typeof value === taken || value === null || value === undefined || takesAny) continue
        return misfit('WRONG_SHAPE', name, `a ${taken} or null`, value, `the function of ${what}`)
      } catch (cause) {
        return failedFunction(what, cause)
      }
    }
    return null
  }
}

function functionsOf(aggregate: Aggregate<PlanRow>): readonly ((row: PlanRow, at: Coordinates) => unknown)[] {
  if (aggregate.kind === 'custom') {
    const { aggregator } = aggregate
    return [(row, at) => aggregator.add(aggregator.init(), { row, at })]
  }
  const given: readonly unknown[] = 'by' in aggregate ? [aggregate.argument, aggregate.by] : [aggregate.argument]
  return given.filter((argument): argument is (row: PlanRow) => unknown => typeof argument === 'function')
}
