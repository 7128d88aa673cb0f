// An aggregation made ready to run: which groups a row belongs to, how rows are folded into a group's accumulators, and the
// row that a group comes out as. Shared by the stream and by batch mode, so that both give the same rows.

import { type Accumulators, type Aggregation, compileAggregates } from '../../aggregate/aggregation.ts'
import { TooManyValues } from '../../aggregate/functions/values/share.ts'
import { groupKey } from '../../aggregate/group-key.ts'
import { lastWindowEnd } from '../../aggregate/window.ts'
import { lastMomentOf } from '../../aggregate/window-time.ts'
import { MicrobatchError } from '../../error.ts'
import type { LocatedRow } from '../../event/located-row.ts'
import type { KeptForm } from '../../state/protocol/evolution/kept-parts.ts'
import type { GroupOperator, Lookup, RowGroups } from '../../state/protocol/operators/group-operator.ts'
import type { WindowGrid } from '../../state/protocol/operators/stateful-query.ts'
import { timeOf } from '../chain/time-of.ts'
import { failedFunction, Refusal } from '../held/refusal.ts'
import type { AggregationStep, PlanRow, WindowStep } from '../plan/plan.ts'
import { aggregatesForm, fingerprintOf, operatorForm } from './fingerprint.ts'

export interface Grouping {
  readonly aggregation: Aggregation<PlanRow>
  /** Rows into groups, as the state protocol and batch mode take it. */
  readonly operator: GroupOperator<LocatedRow<PlanRow>, Accumulators>
  /**
   * The output row of a group; a refusal where an aggregate of the query's own throws, or gives what its column does not take.
   * @param endMs infinite for a group that never ends
   */
  rowOf(lookup: Lookup, endMs: number, accumulators: Accumulators): PlanRow | Refusal
  /** Where windows end; null where groups never do. */
  readonly grid: WindowGrid | null
  /** What makes kept state readable: another of any of these is another query's state. */
  readonly fingerprint: Readonly<Record<string, string>>
  /** What of it may come and go: the entry of the aggregates; and all of it as one text, for an operator of a chain. */
  readonly parts: { readonly aggregates: KeptForm; readonly operator: KeptForm }
}

/** @param lagMs how far behind the watermark its rows may be: groups end so much later */
export function compileGrouping(step: AggregationStep, lagMs = 0): Grouping {
  const aggregation = compileAggregates(step.aggregates, step.input, step.hasTopics)
  const fingerprint = fingerprintOf(step, aggregation.versions)
  const place = lagging(step.window === null ? placeByKey(step) : placeByWindow(step, step.window), lagMs)
  // The grouping columns first, in the order of groupBy, whatever order their values come in. A row begins as a copy of it:
  // an object that grows by a column at a time takes twice the memory.
  const blank = Object.fromEntries([...step.order, ...aggregation.columns.keys()].map((name) => [name, null]))
  return {
    aggregation,
    operator: {
      groupsOf: ({ row }, into) => place.groupsOf(row, into),
      keyText: place.keyText,
      lookupOf: place.lookupOf,
      init: aggregation.init,
      add: aggregation.add,
      write: (accumulators, out, layouts) => aggregation.write(accumulators, out, layouts?.[0]),
      decode: (encoded, layouts) => aggregation.decode(encoded, layouts?.[0]),
    },
    rowOf(lookup, endMs, accumulators) {
      const row: Record<string, unknown> = { ...blank }
      place.fill(row, lookup, endMs)
      return withResults(aggregation, row, accumulators)
    },
    grid: lagMs === 0 ? place.grid : everyMillisecond,
    fingerprint,
    parts: {
      aggregates: aggregatesForm(step, aggregation.versions),
      operator: operatorForm(fingerprint, step, aggregation.versions),
    },
  }
}

/** A group's row with its results; a refusal where an aggregate has none to give. */
export function withResults(
  aggregation: Aggregation<PlanRow>,
  row: Record<string, unknown>,
  accumulators: Accumulators,
): PlanRow | Refusal {
  try {
    return aggregation.fill(row, accumulators)
  } catch (cause) {
    if (cause instanceof MicrobatchError) throw cause
    if (cause instanceof TooManyValues) return new Refusal('TOO_MANY_VALUES', cause.message)
    return failedFunction('an aggregate', cause)
  }
}

/** How rows find their groups, and what the grouping columns of a group are. */
interface Place {
  readonly grid: WindowGrid | null
  groupsOf(row: PlanRow, into: RowGroups): number
  keyText(lookup: Lookup): string
  lookupOf(keyText: string): Lookup
  fill(row: Record<string, unknown>, lookup: Lookup, endMs: number): void
}

/** The ends that the state goes by are later than those that rows show. */
function lagging(place: Place, lagMs: number): Place {
  if (lagMs === 0) return place
  return {
    ...place,
    groupsOf(row, into) {
      const count = place.groupsOf(row, into)
      for (let i = 0; i < count; i += 1) into.endsMs[i] = (into.endsMs[i] ?? never) + lagMs
      return count
    },
    fill: (row, lookup, endMs) => place.fill(row, lookup, endMs - lagMs),
  }
}

const never = Number.POSITIVE_INFINITY

const put = (into: RowGroups, index: number, endMs: number, lookup: Lookup): void => {
  into.endsMs[index] = endMs
  into.lookups[index] = lookup
}

/** Without a window. Grouped by the watermark's own column, a group ends at its time (Spark: eventTime <= watermark). */
function placeByKey(step: AggregationStep): Place {
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

function placeByWindow(step: AggregationStep, spec: WindowStep): Place {
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
  }
}
