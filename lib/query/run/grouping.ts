// An aggregation made ready to run: which groups a row belongs to, how rows are folded into a group's accumulator, and
// the row that a group comes out as. Shared by the stream and by batch mode, so that both give the same rows.

import { type Accumulators, type Aggregation, compileAggregates } from '../../aggregate/aggregation.ts'
import { groupKey } from '../../aggregate/group-key.ts'
import { type EventTimeMs, eventTimeMs } from '../../aggregate/time.ts'
import { windowsOf } from '../../aggregate/window.ts'
import type { LocatedRow } from '../../event/located-row.ts'
import type { GroupName } from '../../state/items/layout.ts'
import type { WindowGrid } from '../../state/protocol/stateful-query.ts'
import type { AggregationStep, PlanRow } from '../plan/plan.ts'

export interface Grouping {
  readonly aggregation: Aggregation<PlanRow>
  /** The groups of a row: several in sliding windows, none where a windowed time is null. */
  groupsOf(row: PlanRow): readonly GroupName[]
  /** The output row of a group. */
  rowOf(group: GroupName, accumulators: Accumulators): PlanRow
  /** An accumulator as kept, with rows added. */
  fold(kept: string | null, rows: readonly LocatedRow<PlanRow>[]): string
  /** Where windows end; null where groups never do. */
  readonly grid: WindowGrid | null
  /** What makes kept state readable: another of any of these is another query's state. */
  readonly fingerprint: Readonly<Record<string, string>>
}

export function compileGrouping(step: AggregationStep): Grouping {
  const aggregation = compileAggregates(step.aggregates, step.input)
  const place = step.window === null ? placeByKey(step) : placeByWindow(step, step.window)
  return {
    aggregation,
    ...place,
    rowOf(group, accumulators) {
      const keys = place.columnsOf(group)
      const named = step.order.map((name) => [name, keys.get(name)] as const)
      return { ...Object.fromEntries(named), ...aggregation.results(accumulators) }
    },
    fold: (kept, rows) =>
      aggregation.encode(aggregation.fold(kept === null ? aggregation.init() : aggregation.decode(kept), rows)),
    fingerprint: fingerprintOf(step, aggregation.versions),
  }
}

/** How rows find their groups, and the values of a group's grouping columns. */
interface Place {
  readonly grid: WindowGrid | null
  groupsOf(row: PlanRow): readonly GroupName[]
  columnsOf(group: GroupName): ReadonlyMap<string, unknown>
}

/** Without a window. Grouped by the watermark's own column, a group ends at its time (Spark: eventTime <= watermark). */
function placeByKey({ keys, input, finalBy }: AggregationStep): Place {
  const key = groupKey<PlanRow>(keys, input)
  return {
    grid: finalBy === null ? null : { everyMs: 1, phaseMs: 0 },
    groupsOf: (row) => [{ key: key.of(row), windowEndMs: finalBy === null ? null : timeOrNull(row[finalBy]) }],
    columnsOf: (group) => zip(keys, key.values(group.key)),
  }
}

function placeByWindow({ keys, input, finalBy }: AggregationStep, spec: NonNullable<AggregationStep['window']>): Place {
  const key = groupKey<PlanRow>(keys, input)
  const windowAt = (endMs: number) => ({ start: endMs - spec.sizeMs, end: endMs })
  const endsOf = (row: PlanRow): readonly EventTimeMs[] => {
    const time = timeOrNull(row[spec.column])
    return time === null ? [] : windowsOf(time, spec).map(({ end }) => end)
  }
  if (finalBy === spec.column) {
    return {
      // Ends lie on the slide's grid, shifted by the start time and by what the size leaves over.
      grid: { everyMs: spec.slideMs, phaseMs: spec.startMs + spec.sizeMs },
      groupsOf: (row) => {
        const ends = endsOf(row)
        return ends.length === 0 ? [] : withKey(key.of(row), ends)
      },
      columnsOf: (group) => zip([spec.name, ...keys], [windowAt(group.windowEndMs ?? 0), ...key.values(group.key)]),
    }
  }
  // No watermark says when such a window is over: its end is a part of the key. The group ends at the watermark's own
  // column where that is a key too, and never otherwise.
  return {
    grid: finalBy === null ? null : { everyMs: 1, phaseMs: 0 },
    groupsOf(row) {
      const windowEndMs = finalBy === null ? null : timeOrNull(row[finalBy])
      return endsOf(row).map((end) => ({ key: `${end}${key.of(row)}`, windowEndMs }))
    },
    columnsOf: (group) => {
      const split = group.key.indexOf('[')
      const end = Number(group.key.slice(0, split))
      return zip([spec.name, ...keys], [windowAt(end), ...key.values(group.key.slice(split))])
    },
  }
}

const withKey = (key: string, ends: readonly EventTimeMs[]): readonly GroupName[] =>
  ends.map((windowEndMs) => ({ key, windowEndMs }))

const timeOrNull = (value: unknown): EventTimeMs | null => (typeof value === 'number' ? eventTimeMs(value) : null)

const zip = (names: readonly string[], values: readonly unknown[]): ReadonlyMap<string, unknown> =>
  new Map(names.map((name, i) => [name, values[i]]))

function fingerprintOf(
  { window, keys, input, aggregates, finalBy }: AggregationStep,
  versions: Aggregation<PlanRow>['versions'],
): Readonly<Record<string, string>> {
  const kindOf = (name: string): string => `${name} ${input.get(name)?.kind ?? ''}`
  // A function's source is no part of it: it may be rewritten, minified or compiled anew and mean the same.
  const text = (argument: unknown): string =>
    typeof argument === 'string' ? kindOf(argument) : String(argument && 'fn')
  const call = (aggregate: AggregationStep['aggregates'][string]): string => {
    if (aggregate.kind === 'custom') return aggregate.kind
    const { kind, argument } = aggregate
    return 'by' in aggregate ? `${kind}(${text(argument)}, ${text(aggregate.by)})` : `${kind}(${text(argument)})`
  }
  const version = (name: string): string => (versions.get(name) === 1 ? '' : ` v${versions.get(name)}`)
  return {
    window: window === null ? 'none' : `${window.column} ${window.sizeMs}/${window.slideMs}+${window.startMs} ms`,
    keys: keys.map(kindOf).join(', '),
    // Groups that end and groups that never do lie under different keys.
    finalBy: finalBy ?? 'none',
    aggregates: Object.entries(aggregates)
      .map(([name, aggregate]) => `${name} ${call(aggregate)}${version(name)}`)
      .join(', '),
  }
}
