// The built-in aggregates, as the words of a query: `agg({ high: max('price') })` knows that `price` is a column and the
// type of `high`. Building one computes nothing.

import { opaque } from '../aggregator.ts'
import { requireOrder } from '../argument.ts'
import type { Brought, Of } from './aggregate.ts'
import { approxCountDistinctAggregator, countDistinctAggregator } from './distinct.ts'

/** Rows. @example agg({ ticks: count() }) */
export function count(): Of<'count', null>
/** Rows where the column is not null. @example agg({ priced: count('price') }) */
export function count<const Column extends string>(column: Column): Of<'count', Column>
/** Rows where the function does not give null. @example agg({ large: count((t) => (t.volume > 1000 ? true : null)) }) */
export function count<Row>(fn: (row: Row) => unknown): Of<'count', (row: Row) => unknown>
export function count(argument: unknown = null): Of<'count', unknown> {
  return { kind: 'count', argument }
}

/**
 * Different values of a column, nulls left out. Spark refuses it in a stream; here the values are kept in the group's state. It is
 * exact up to 10,000 values a group, shared with the other aggregates of the query that keep values; a group with more keeps a sketch of them, and the
 * count is off by 0.8 % (relative standard error). A batch writes what its groups keep, so for many values
 * `approxCountDistinct` is cheaper from the first one on.
 *
 * @example agg({ venues: countDistinct('venue') })
 */
export const countDistinct = <const Column extends string>(column: Column): Brought<'countDistinct', Column> => ({
  kind: 'countDistinct',
  argument: column,
  keeps: 'digests',
  make: ({ argument, shares }) => opaque(countDistinctAggregator(requireOrder('countDistinct', argument), shares)),
})

/**
 * About how many different values a column has, nulls left out: Spark's `approx_count_distinct`. A group keeps some hundred
 * bytes, however many values there are (HyperLogLog). The result differs from Spark's by the error of both.
 *
 * @param rsd the relative standard deviation of the result, 0.005 to 0.39: half of it takes four times the bytes
 * @throws MicrobatchError QUERY_INVALID when the query is built, for another `rsd`
 * @example agg({ users: approxCountDistinct('user') })
 */
export const approxCountDistinct = <const Column extends string>(
  column: Column,
  rsd = 0.05,
): Brought<'approxCountDistinct', Column> => ({
  kind: 'approxCountDistinct',
  argument: column,
  make: ({ argument }) => opaque(approxCountDistinctAggregator(requireOrder('approxCountDistinct', argument), rsd)),
})

/**
 * Sum of what is not null; null where all is. Doubles (and functions) are summed exactly and rounded once, so the order
 * of the rows does not matter. `long` and `int` columns give a long; where it leaves ±(2^53 - 1) it is null, never rounded
 * (as Spark's try_sum; its sum wraps at 64 bits).
 *
 * @example agg({ volume: sum('volume'), turnover: sum((t) => t.price * t.volume) })
 */
export function sum<const Column extends string>(column: Column): Of<'sum', Column>
export function sum<Row, Value extends number | null>(fn: (row: Row) => Value): Of<'sum', (row: Row) => Value>
export function sum(argument: unknown): Of<'sum', unknown> {
  return { kind: 'sum', argument }
}

/**
 * Mean of what is not null, a double; null where all is. The exact sum, rounded, divided by the count, as Spark divides:
 * infinite where the sum is beyond the doubles.
 *
 * @example agg({ mean: avg('price') })
 */
export function avg<const Column extends string>(column: Column): Of<'avg', Column>
export function avg<Row, Value extends number | null>(fn: (row: Row) => Value): Of<'avg', (row: Row) => Value>
export function avg(argument: unknown): Of<'avg', unknown> {
  return { kind: 'avg', argument }
}

/**
 * Least of what is not null; null where all is. NaN is greater than every number; text is ordered by its UTF-8 bytes;
 * of 0.0 and -0.0, which are equal, 0.0 is given.
 *
 * @example agg({ low: min('price') })
 */
export function min<const Column extends string>(column: Column): Of<'min', Column>
export function min<Row, Value extends number | null>(fn: (row: Row) => Value): Of<'min', (row: Row) => Value>
export function min(argument: unknown): Of<'min', unknown> {
  return { kind: 'min', argument }
}

/** Greatest of what is not null, by the order of `min`. @example agg({ high: max('price') }) */
export function max<const Column extends string>(column: Column): Of<'max', Column>
export function max<Row, Value extends number | null>(fn: (row: Row) => Value): Of<'max', (row: Row) => Value>
export function max(argument: unknown): Of<'max', unknown> {
  return { kind: 'max', argument }
}
