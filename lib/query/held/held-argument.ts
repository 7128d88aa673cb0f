// The functions of the row that aggregates take, `sum((t) => t.price * t.volume)`, tried on each row before it is folded: a row
// on which one throws, or gives no number, is set aside before any group has seen it. They run again in the fold, and are pure.

import type { Aggregate } from '../../aggregate/functions/aggregate.ts'
import { double } from '../../decode/schema.ts'
import type { Plan, PlanRow } from '../plan/plan.ts'
import { holderOf } from './held-value.ts'
import { failedFunction, Refusal } from './refusal.ts'

export function argumentGuard({ aggregation }: Plan): (row: PlanRow) => Refusal | null {
  const checks = Object.entries(aggregation?.aggregates ?? {}).flatMap(([name, aggregate]) => {
    const what = `the aggregate \`${name}\``
    // A count takes any value.
    const hold = aggregate.kind === 'count' ? null : holderOf(name, numbers, `the function of ${what}`)
    return functionsOf(aggregate).map((run) => ({ what, run, hold }))
  })
  if (checks.length === 0) return () => null
  return (row) => {
    for (const { what, run, hold } of checks) {
      try {
        const value = run(row)
        // What nearly all of them give.
        if (typeof value === 'number' || hold === null) continue
        const held = hold(value)
        if (held instanceof Refusal) return held
      } catch (cause) {
        return failedFunction(what, cause)
      }
    }
    return null
  }
}

const numbers = double().nullable()

function functionsOf(aggregate: Aggregate<PlanRow>): readonly ((row: PlanRow) => unknown)[] {
  if (aggregate.kind === 'custom') return []
  const given: readonly unknown[] = 'by' in aggregate ? [aggregate.argument, aggregate.by] : [aggregate.argument]
  return given.filter((argument): argument is (row: PlanRow) => unknown => typeof argument === 'function')
}
