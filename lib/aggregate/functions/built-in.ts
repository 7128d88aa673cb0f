// The built-in aggregates, as the words of a query: `agg({ high: max('price') })` knows that `price` is a column and the
// type of `high`. Building one computes nothing.

import type { Aggregator } from '../aggregator.ts'
import type { Brought, By, Of } from './aggregate.ts'
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
 * exact up to 10,000 values a group, shared by the countDistinct of a query; a group with more keeps a sketch of them, and the
 * count is off by 0.8 % (relative standard error). A batch writes what its groups keep, so for many values
 * `approxCountDistinct` is cheaper from the first one on.
 *
 * @example agg({ venues: countDistinct('venue') })
 */
export const countDistinct = <const Column extends string>(column: Column): Brought<'countDistinct', Column> => ({
  kind: 'countDistinct',
  argument: column,
  make: (argument, counts) => opaque(countDistinctAggregator(argument, counts)),
})

/** Accumulators are opaque to whoever runs an aggregate. */
const opaque = <Row, Accumulator>(aggregator: Aggregator<Row, Accumulator>) => aggregator as Aggregator<Row, unknown>

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
  make: (argument) => opaque(approxCountDistinctAggregator(argument, rsd)),
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

/**
 * The value of the first row, null or not (Spark's `ignoreNulls = false`). First in Spark's order of rows within a batch:
 * by partition, then by offset; here it is the same over all batches, so it does not depend on what arrived when.
 *
 * @example agg({ opening: first('price') })
 */
export function first<const Column extends string>(column: Column): Of<'first', Column>
export function first<Row, Value extends number | null>(fn: (row: Row) => Value): Of<'first', (row: Row) => Value>
export function first(argument: unknown): Of<'first', unknown> {
  return { kind: 'first', argument }
}

/**
 * The value of the last row, by the order of `first`: greatest partition, then greatest offset.
 * @example agg({ closing: last('price') })
 */
export function last<const Column extends string>(column: Column): Of<'last', Column>
export function last<Row, Value extends number | null>(fn: (row: Row) => Value): Of<'last', (row: Row) => Value>
export function last(argument: unknown): Of<'last', unknown> {
  return { kind: 'last', argument }
}

/**
 * The value (null or not) of the row where `by` is least; rows where `by` is null do not count. The first of
 * several such rows counts, by partition, then offset.
 *
 * @example agg({ open: minBy('price', 'timestamp') })
 */
export function minBy<const Column extends string, const Order extends string>(
  value: Column,
  by: Order,
): By<'minBy', Column, Order>
export function minBy<Row, Value extends number | null, const Order extends string>(
  value: (row: Row) => Value,
  by: Order,
): By<'minBy', (row: Row) => Value, Order>
export function minBy<Row, const Column extends string, Order extends number | null>(
  value: Column,
  by: (row: Row) => Order,
): By<'minBy', Column, (row: Row) => Order>
export function minBy<Row, Value extends number | null, Order extends number | null>(
  value: (row: Row) => Value,
  by: (row: Row) => Order,
): By<'minBy', (row: Row) => Value, (row: Row) => Order>
export function minBy(argument: unknown, by: unknown): By<'minBy', unknown, unknown> {
  return { kind: 'minBy', argument, by }
}

/**
 * The value (null or not) of the row where `by` is greatest; rows where `by` is null do not count. The last
 * of several such rows counts, by partition, then offset.
 *
 * @example agg({ close: maxBy('price', 'timestamp') })
 */
export function maxBy<const Column extends string, const Order extends string>(
  value: Column,
  by: Order,
): By<'maxBy', Column, Order>
export function maxBy<Row, Value extends number | null, const Order extends string>(
  value: (row: Row) => Value,
  by: Order,
): By<'maxBy', (row: Row) => Value, Order>
export function maxBy<Row, const Column extends string, Order extends number | null>(
  value: Column,
  by: (row: Row) => Order,
): By<'maxBy', Column, (row: Row) => Order>
export function maxBy<Row, Value extends number | null, Order extends number | null>(
  value: (row: Row) => Value,
  by: (row: Row) => Order,
): By<'maxBy', (row: Row) => Value, (row: Row) => Order>
export function maxBy(argument: unknown, by: unknown): By<'maxBy', unknown, unknown> {
  return { kind: 'maxBy', argument, by }
}
