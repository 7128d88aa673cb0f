// Where the groups of an aggregation lie: which groups a row belongs to, by their ends and the lookups of their keys, and back, which
// grouping columns a group has. A window that the watermark ends is the end; any other is a part of the key.

import { groupKey } from '../../aggregate/group-key.ts'
import { lastWindowEnd } from '../../aggregate/window.ts'
import { lastMomentOf } from '../../aggregate/window-time.ts'
import type { Lookup, RowGroups } from '../../state/protocol/operators/group-operator.ts'
import type { WindowGrid } from '../../state/protocol/operators/stateful-query.ts'
import { windowType } from '../../types/window.ts'
import { timeOf } from '../chain/time-of.ts'
import type { AggregationStep, PlanRow, WindowStep } from '../plan/plan.ts'

/** Where a group lies among the groups of its query. */
export interface GroupPlace {
  readonly lookup: Lookup
  /** Infinite for a group that never ends. */
  readonly endMs: number
}

/** How rows find their groups, and what the grouping columns of a group are. */
interface Places {
  readonly grid: WindowGrid | null
  groupsOf(row: PlanRow, into: RowGroups): number
  keyText(lookup: Lookup): string
  lookupOf(keyText: string): Lookup
  fill(row: Record<string, unknown>, lookup: Lookup, endMs: number): void
  /** The inverse of `fill`. */
  of(key: PlanRow): GroupPlace
}

/** @param lagMs how far behind the watermark the rows of the step may be: groups end so much later */
export const groupPlaces = (step: AggregationStep, lagMs: number): Places =>
  lagging(step.window === null ? placeByKey(step) : placeByWindow(step, step.window), lagMs)

/** The ends that the state goes by are later than those that rows show. */
function lagging(place: Places, lagMs: number): Places {
  if (lagMs === 0) return place
  return {
    ...place,
    grid: everyMillisecond,
    groupsOf(row, into) {
      const count = place.groupsOf(row, into)
      for (let i = 0; i < count; i += 1) into.endsMs[i] = (into.endsMs[i] ?? never) + lagMs
      return count
    },
    fill: (row, lookup, endMs) => place.fill(row, lookup, endMs - lagMs),
    of(key) {
      const { lookup, endMs } = place.of(key)
      return { lookup, endMs: endMs + lagMs }
    },
  }
}

const never = Number.POSITIVE_INFINITY

const put = (into: RowGroups, index: number, endMs: number, lookup: Lookup): void => {
  into.endsMs[index] = endMs
  into.lookups[index] = lookup
}

/** Without a window. Grouped by the watermark's own column, a group ends at its time (Spark: eventTime <= watermark). */
function placeByKey(step: AggregationStep): Places {
  const { keys, input, finalBy } = step
  const key = groupKey<PlanRow>(keys, input)
  const endOf = endBy(step)
  return {
    grid: finalBy === null ? null : everyMillisecond,
    groupsOf(row, into) {
      put(into, 0, endOf(row), key.lookup(row))
      return 1
    },
    keyText: key.text,
    lookupOf: key.lookupOf,
    fill: (row, lookup) => key.fill(row, lookup),
    of: (row) => ({ lookup: key.lookup(row), endMs: endOf(row) }),
  }
}

const everyMillisecond: WindowGrid = { everyMs: 1, phaseMs: 0 }

/** Where groups by the watermark's own column end: at its time, or its window's end; a row without one is in a group that never does. */
function endBy({ finalBy, input }: AggregationStep): (row: PlanRow) => number {
  const time = timeOf(finalBy, input)
  return (row) => time(row) ?? never
}

/** What falls into windows: a time, or the last moment of a window before. */
function windowedTime({ column }: WindowStep, input: AggregationStep['input']): (row: PlanRow) => unknown {
  return input.get(column)?.kind === 'window' ? (row) => lastMomentOf(row[column]) : (row) => row[column]
}

/** A copy, which V8 keeps young as it does what classes make (located-row.ts), and plain as users expect it. */
function windowTo(endMs: number, { sizeMs }: WindowStep): { start: number; end: number } {
  const window = { ...noWindow }
  window.start = endMs - sizeMs
  window.end = endMs
  return window
}

const noWindow = { start: 0, end: 0 }

function placeByWindow(step: AggregationStep, spec: WindowStep): Places {
  const { keys, input, finalBy } = step
  const key = groupKey<PlanRow>(keys, input)
  const timeIn = windowedTime(spec, input)
  if (finalBy === spec.column) {
    return {
      // Ends lie on the slide's grid, shifted by the start time and by what the size leaves over.
      grid: { everyMs: spec.slideMs, phaseMs: spec.startMs + spec.sizeMs },
      groupsOf(row, into) {
        const time = timeIn(row)
        if (typeof time !== 'number') return 0
        const lookup = key.lookup(row)
        let count = 0
        for (let endMs = lastWindowEnd(time, spec); endMs > time; endMs -= spec.slideMs)
          put(into, count++, endMs, lookup)
        return count
      },
      keyText: key.text,
      lookupOf: key.lookupOf,
      fill(row, lookup, endMs) {
        row[spec.name] = windowTo(endMs, spec)
        key.fill(row, lookup)
      },
      of: (row) => ({ lookup: key.lookup(row), endMs: endOfWindow(row, spec) }),
    }
  }
  // No watermark says when such a window is over: its end is a part of the key. The group ends at the watermark's own
  // column where that is a key too, and never otherwise.
  const endOf = endBy(step)
  return {
    grid: finalBy === null ? null : everyMillisecond,
    groupsOf(row, into) {
      const time = timeIn(row)
      if (typeof time !== 'number') return 0
      const text = key.text(key.lookup(row))
      const groupEndMs = endOf(row)
      let count = 0
      for (let endMs = lastWindowEnd(time, spec); endMs > time; endMs -= spec.slideMs)
        put(into, count++, groupEndMs, `${endMs}${text}`)
      return count
    },
    keyText: (lookup) => String(lookup),
    lookupOf: (text) => text,
    fill(row, lookup) {
      const text = String(lookup)
      const split = text.indexOf('[')
      const end = Number(text.slice(0, split))
      row[spec.name] = windowTo(end, spec)
      key.fill(row, key.lookupOf(text.slice(split)))
    },
    of: (row) => ({ lookup: `${endOfWindow(row, spec)}${key.text(key.lookup(row))}`, endMs: endOf(row) }),
  }
}

/** The end of a group's window; no group's where it is not as long as the windows of the query. */
function endOfWindow(row: PlanRow, { name, sizeMs }: WindowStep): number {
  const window = windowType.hold(row[name])
  return window === undefined || window.end - window.start !== sizeMs ? Number.NaN : window.end
}
