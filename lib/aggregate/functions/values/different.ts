// The words of the aggregates that need the different values of a group: collectSet, mode, sumDistinct. A group with more of them
// than it has room for is set aside (TOO_MANY_VALUES): share.ts says how many that is.

import { array } from '../../../decode/columns.ts'
import { refuse } from '../../../error.ts'
import type { LocatedRow } from '../../../event/located-row.ts'
import { column as columnOf } from '../../../types/column.ts'
import { type Aggregator, type Argument, type Binding, opaque } from '../../aggregator.ts'
import { requireNumeric, requireOrder } from '../../argument.ts'
import type { Brought, NumberWord } from '../aggregate.ts'
import { sumAggregator } from '../totals.ts'
import { type Counted, differentValuesAggregator } from './different-values.ts'
import { shareOf } from './share.ts'

/**
 * The different values of a column as a list, nulls left out, in the order of their type (in Spark in none). Up to 10,000 values or
 * 200,000 bytes a group, shared with the other aggregates of the query that keep values: a group with more is set aside.
 *
 * @example agg({ venues: collectSet('venue') })
 */
export const collectSet = <const Column extends string>(column: Column): Brought<'collectSet', Column> => ({
  kind: 'collectSet',
  argument: column,
  keeps: 'values',
  make: <Row>({ argument, shares }: Binding<Row>) =>
    opaque(
      differentValuesAggregator(requireNoMap(argument), {
        kind: 'collectSet',
        column: array(columnOf(argument.column.type)),
        share: shareOf(shares),
        isCounting: false,
        result: (values) => values.map(({ value }) => value),
      }),
    ),
})

/**
 * The most frequent value, nulls left out; of several the least (in Spark any). Maps, which have no order, are refused. The bound is
 * that of `collectSet`.
 *
 * @example agg({ usual: mode('venue') })
 */
export const mode = <const Column extends string>(column: Column): Brought<'mode', Column> => ({
  kind: 'mode',
  argument: column,
  keeps: 'values',
  make: <Row>({ argument, shares }: Binding<Row>) =>
    opaque(
      differentValuesAggregator(requireOrder('mode', argument), {
        kind: 'mode',
        column: argument.column,
        share: shareOf(shares),
        isCounting: true,
        result: (values) =>
          values.reduce<Counted | null>((most, next) => (most === null || next.count > most.count ? next : most), null)
            ?.value ?? null,
      }),
    ),
})

/**
 * The sum of the different values, each once: Spark's `sum(DISTINCT x)`, which it refuses in a stream. Otherwise as `sum`; the bound
 * is that of `collectSet`.
 *
 * @example agg({ fees: sumDistinct('fee') })
 */
export const sumDistinct = ((argument: unknown) => ({
  kind: 'sumDistinct',
  argument,
  keeps: 'digests',
  make: <Row>({ argument, shares }: Binding<Row>) => {
    const numbers = requireNumeric('sum', argument)
    const { column } = sumAggregator(numbers)
    const total: Aggregator<unknown, unknown> = sumAggregator<unknown>({ ...numbers, read: (value) => value })
    return opaque(
      differentValuesAggregator(numbers, {
        kind: 'sumDistinct',
        column,
        share: shareOf(shares),
        isCounting: false,
        result: (values) => sumOf(total, values),
      }),
    )
  },
})) as NumberWord<'sumDistinct'>

/** @throws MicrobatchError QUERY_INVALID in Spark's words for maps, or what has one in it */
const requireNoMap = <Row>(argument: Argument<Row>): Argument<Row> =>
  argument.column.type.domain.isOrderable === false
    ? // Spark's words (DATATYPE_MISMATCH.UNSUPPORTED_INPUT_TYPE).
      refuse(
        `Cannot resolve "collect_set(${argument.text})" due to data type mismatch: ` +
          'The input of `collect_set` can\'t be "MAP" type data.',
      )
    : argument

const sumOf = (total: Aggregator<unknown, unknown>, values: readonly Counted[]): unknown =>
  total.result(values.reduce((sum, { value }) => total.add(sum, located(value)), total.init()))

/** A sum does not look at the places of its rows. */
const located = (row: unknown): LocatedRow<unknown> => ({
  row,
  at: { topic: '', partition: 0, offset: 0, timestamp: 0, timestampType: -1 },
})
