// Batch mode: the same plan over rows that are all there, or that come bit by bit. Nothing is late and nothing is kept beyond
// the groups; a watermark has no meaning and is left out, as in Spark.

import type { Accumulators } from '../../aggregate/aggregation.ts'
import { MicrobatchError, refuse } from '../../error.ts'
import { compareByPlace, coordinatesOf, type LocatedRow } from '../../event/located-row.ts'
import type { Lookup, RowGroups } from '../../state/protocol/operators/group-operator.ts'
import { valueText } from '../../types/text/value-text.ts'
import { compileGrouping } from '../aggregation/grouping.ts'
import { chainedRows } from '../chain/batch-chain.ts'
import { RowFault } from '../chain/row-fault.ts'
import { argumentGuard, isGroupedAsRead } from '../held/held-argument.ts'
import { Refusal } from '../held/refusal.ts'
import { sourceRows } from '../held/source-row.ts'
import { compileExpansion } from '../operators/row-expansion.ts'
import { type Carrier, compileTable } from '../operators/table-operators.ts'
import type { Plan, PlanRow } from '../plan/plan.ts'
import { ownTopics, sourceNamed, sourcesOf } from '../plan/sources.ts'
import { refuseInBatch } from '../plan/stages/drop-duplicates.ts'
import { outgoing } from '../plan/stages/staged.ts'

/**
 * The whole result of a plan over rows of its source (after `decode`, if it has one), in their order.
 * @param sources rows of its other sources, by their names
 * @param nowMs for `currentTimestamp()`, epoch milliseconds
 * @throws MicrobatchError FUNCTION_FAILED where a function of the plan throws, RECORD_MALFORMED for a value that is none of its
 *   column: there are no dead letters to set the row aside in
 */
export function runBatch<Row, Source>(
  plan: Plan,
  rows: readonly Source[],
  { nowMs, sources = {} }: { readonly nowMs: number; readonly sources?: Readonly<Record<string, readonly object[]>> },
): readonly Row[] {
  if (!Array.isArray(rows)) refuse(`${plan.name}: runBatch takes rows, and was given ${valueText(rows)}.`)
  const result = batchFold(plan, nowMs)
  const given = rowsBySource(plan, rows, sources)
  sourcesOf(plan).forEach((own, i) => {
    const joinedAt = plan.others[i - 1]?.joinedAt ?? null
    readBatch(own, given[i] ?? [], nowMs, (row) => result.add([joinedAt === null ? row : { ...row, joinedAt }]))
  })
  return result.rows((refusal) => {
    throw refusedRow(plan, 'a group', refusal)
  }) as readonly Row[]
}

/** The rows of each source, in the order of the plan. @throws MicrobatchError QUERY_INVALID for rows of a source that is none of its */
function rowsBySource(
  plan: Plan,
  rows: readonly unknown[],
  sources: Readonly<Record<string, readonly object[]>>,
): readonly (readonly unknown[])[] {
  const given = new Map(Object.entries(sources).map(([name, own]) => [sourceNamed(plan, name), own] as const))
  return [plan, ...plan.others].map(({ source }, i) => {
    const own = ownTopics({ source }).flatMap((topic) => given.get(topic) ?? [])
    return i === 0 ? [...rows, ...own] : own
  })
}

/** Rows of one source through what comes before the state. */
function readBatch(plan: Plan, rows: readonly unknown[], nowMs: number, add: (row: LocatedRow<PlanRow>) => void): void {
  const { hold } = sourceRows(plan.source)
  const expand = compileExpansion(plan.operators)
  const isNoArgument = isGroupedAsRead(plan.stages) ? argumentGuard(plan) : () => null
  const [topic = ''] = ownTopics(plan)
  rows.forEach((given, offset) => {
    const row = hold(given)
    if (row instanceof Refusal) throw refusedRow(plan, `row ${offset}`, row)
    let index = 0
    expand(row, nowMs, null, (operated) => {
      const at = { topic, partition: 0, offset, timestamp: 0, timestampType: -1, index } as const
      index += 1
      if (operated === undefined) return true
      const refusal = operated instanceof Refusal ? operated : isNoArgument(operated, at)
      if (refusal !== null) throw refusedRow(plan, `row ${offset}`, refusal)
      add({ row: operated as PlanRow, at })
      return true
    })
  })
}

function refusedRow({ name }: Plan, what: string, { reason, detail, cause }: Refusal): MicrobatchError {
  if (reason === 'FUNCTION_FAILED')
    return new MicrobatchError('FUNCTION_FAILED', `${name}: on ${what} ${detail}`, { cause })
  const remedy = 'Mend the row, or give the column another type.'
  return new MicrobatchError('RECORD_MALFORMED', `${name}: ${what} is bad (${reason}: ${detail}). ${remedy}`)
}

/** The result over rows that come bit by bit, in any order: order-sensitive aggregates go by the places of the rows. */
export interface BatchFold {
  add(rows: readonly LocatedRow<PlanRow>[]): void
  /** @param onRefused takes why a group, or a row of the table, is not among the rows */
  rows(onRefused: (refusal: Refusal) => void): readonly PlanRow[]
}

export function batchFold(plan: Plan, nowMs: number): BatchFold {
  refuseInBatch(plan)
  const table = compileTable(outgoing(plan))
  const last = plan.aggregation === null ? everyRow() : grouped(plan.aggregation)
  const rows = plan.stages.length === 0 ? last : throughChain(plan, last, nowMs)
  return {
    add: rows.add,
    rows(onRefused) {
      const whole = rows.all().flatMap(({ row }): Carrier[] => {
        if (!(row instanceof Refusal)) return [{ row }]
        onRefused(row)
        return []
      })
      return table(whole, nowMs, (_, refusal) => onRefused(refusal)).map(({ row }) => row)
    },
  }
}

interface Rows {
  readonly add: (rows: readonly LocatedRow<PlanRow>[]) => void
  readonly all: () => readonly { readonly row: PlanRow | Refusal }[]
}

/** Operators see the rows in the order of their places, so they wait for all of them; then event time has reached its end. */
function throughChain(plan: Plan, last: Rows, nowMs: number): Rows {
  const rows: LocatedRow<PlanRow>[] = []
  return {
    add(added) {
      for (const row of added) rows.push(row)
    },
    all() {
      const inOrder = rows.toSorted((left, right) => compareByPlace(left.at, right.at))
      try {
        for (const row of chainedRows(plan, inOrder, nowMs)) last.add([row])
      } catch (fault) {
        throw fault instanceof RowFault ? refusedRow(plan, 'a row', fault.refusal) : fault
      }
      return last.all()
    },
  }
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
      group = { lookup, endMs, accumulators: operator.init(), first: coordinatesOf(first) }
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
          if (compareByPlace(row.at, group.first) < 0) group.first = coordinatesOf(row.at)
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

/** Two infinities are equal. */
const compareEnds = (left: number, right: number): number => (left === right ? 0 : left - right)
