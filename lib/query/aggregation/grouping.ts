// An aggregation made ready to run: which groups a row belongs to, how rows are folded into a group's accumulators, and the
// row that a group comes out as. Shared by the stream and by batch mode, so that both give the same rows.

import { type Accumulators, type Aggregation, compileAggregates } from '../../aggregate/aggregation.ts'
import { TooManyValues } from '../../aggregate/functions/values/share.ts'
import { MicrobatchError } from '../../error.ts'
import type { LocatedRow } from '../../event/located-row.ts'
import type { KeptForm } from '../../state/protocol/evolution/kept-parts.ts'
import type { GroupOperator, Lookup } from '../../state/protocol/operators/group-operator.ts'
import type { WindowGrid } from '../../state/protocol/operators/stateful-query.ts'
import { failedFunction, Refusal } from '../held/refusal.ts'
import type { AggregationStep, PlanRow } from '../plan/plan.ts'
import { aggregatesForm, fingerprintOf, operatorForm } from './fingerprint.ts'
import { type GroupPlace, groupPlaces } from './group-place.ts'

export interface Grouping {
  readonly aggregation: Aggregation<PlanRow>
  /** Rows into groups, as the state protocol and batch mode take it. */
  readonly operator: GroupOperator<LocatedRow<PlanRow>, Accumulators>
  /**
   * The output row of a group; a refusal where an aggregate of the query's own throws, or gives what its column does not take.
   * @param endMs infinite for a group that never ends
   */
  rowOf(lookup: Lookup, endMs: number, accumulators: Accumulators): PlanRow | Refusal
  /** The grouping columns of a group alone. */
  keyOf(lookup: Lookup, endMs: number): PlanRow
  /** Where the group of some grouping columns lies: what `keyOf` takes. @param key has all of them */
  placeOf(key: PlanRow): GroupPlace
  /** Whether the windows of a key differ by their ends alone, so that all of them have one lookup. */
  readonly hasWindowsByEnd: boolean
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
  const place = groupPlaces(step, lagMs)
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
    keyOf(lookup, endMs) {
      const row: Record<string, unknown> = {}
      place.fill(row, lookup, endMs)
      return row
    },
    placeOf: place.of,
    hasWindowsByEnd: step.window !== null && step.finalBy === step.window.column,
    grid: place.grid,
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
