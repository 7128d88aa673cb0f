// Batch mode: the same plan over rows that are all there, or that come bit by bit. Nothing is late and nothing is kept beyond
// the groups; a watermark has no meaning and is left out, as in Spark.

import type { Accumulators } from '../../aggregate/aggregation.ts'
import { type Coordinates, compareByPlace, type LocatedRow } from '../../event/located-row.ts'
import type { Lookup, RowGroups } from '../../state/protocol/stateful-query.ts'
import { compileGrouping } from '../aggregation/grouping.ts'
import { compileOperators } from '../operators/row-operators.ts'
import { compileTable } from '../operators/table-operators.ts'
import type { Plan, PlanRow } from '../plan/plan.ts'

/**
 * The whole result of a plan over rows of its source (after `decode`, if it has one), in their order.
 * @throws what the plan's functions throw
 */
export function runBatch<Row, Source>(plan: Plan, rows: readonly Source[]): readonly Row[] {
  const operate = compileOperators(plan.operators)
  const result = batchFold(plan)
  rows.forEach((row, offset) => {
    const operated = operate(row as PlanRow)
    const at = { topic: 'batch', partition: 0, offset, timestamp: 0, timestampType: -1 } as const
    if (operated !== undefined) result.add([{ row: operated, at }])
  })
  return result.rows() as readonly Row[]
}

/** The result over rows that come bit by bit, in any order: order-sensitive aggregates go by the places of the rows. */
export interface BatchFold {
  add(rows: readonly LocatedRow<PlanRow>[]): void
  rows(): readonly PlanRow[]
}

export function batchFold(plan: Plan): BatchFold {
  const table = compileTable(plan.after)
  const rows = plan.aggregation === null ? everyRow() : grouped(plan.aggregation)
  return { add: rows.add, rows: () => table(rows.all()).map(({ row }) => row) }
}

interface Rows {
  readonly add: (rows: readonly LocatedRow<PlanRow>[]) => void
  readonly all: () => readonly { readonly row: PlanRow }[]
}

function everyRow(): Rows {
  const kept: LocatedRow<PlanRow>[] = []
  return {
    add(rows) {
      for (const row of rows) kept.push(row)
    },
    all: () => kept.toSorted((left, right) => compareByPlace(left.at, right.at)),
  }
}

interface Group {
  readonly lookup: Lookup
  readonly endMs: number
  accumulators: Accumulators
  /** The first of its rows, which it comes out in the order of. */
  first: LocatedRow<PlanRow>['at']
}

/** Groups are kept, and not their rows. */
function grouped(step: NonNullable<Plan['aggregation']>): Rows {
  const { operator, aggregation, rowOf } = compileGrouping(step)
  const byEnd = new Map<number, Map<Lookup, Group>>()
  const found: RowGroups = { endsMs: [], lookups: [] }
  const groupOf = (endMs: number, lookup: Lookup, first: Group['first']): Group => {
    let window = byEnd.get(endMs)
    if (window === undefined) {
      window = new Map()
      byEnd.set(endMs, window)
    }
    let group = window.get(lookup)
    if (group === undefined) {
      group = { lookup, endMs, accumulators: operator.init(), first: placeOf(first) }
      window.set(lookup, group)
    }
    return group
  }
  return {
    add(rows) {
      for (const row of rows) {
        const count = operator.groupsOf(row, found)
        for (let i = 0; i < count; i += 1) {
          const group = groupOf(found.endsMs[i] ?? 0, found.lookups[i] ?? null, row.at)
          group.accumulators = operator.add(group.accumulators, row, row.at)
          if (compareByPlace(row.at, group.first) < 0) group.first = placeOf(row.at)
        }
      }
    },
    all() {
      // Spark: an aggregation without grouping has one row, also over nothing.
      if (byEnd.size === 0 && step.order.length === 0) return [{ row: aggregation.results(aggregation.init()) }]
      return [...byEnd.values()]
        .flatMap((window) => [...window.values()])
        .sort((left, right) => compareEnds(left.endMs, right.endMs) || compareByPlace(left.first, right.first))
        .map(({ lookup, endMs, accumulators }) => ({ row: rowOf(lookup, endMs, accumulators) }))
    },
  }
}

/** Without the record, whose bytes are those of all that was fetched with it. */
const placeOf = ({ topic, partition, offset, timestamp, timestampType }: Coordinates): Coordinates => ({
  topic,
  partition,
  offset,
  timestamp,
  timestampType,
})

/** Two infinities are equal. */
const compareEnds = (left: number, right: number): number => (left === right ? 0 : left - right)
