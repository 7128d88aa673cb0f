// The words of the aggregates that give the value of one row: `agg({ open: minBy('price', 'timestamp') })`. Building one computes
// nothing; selection.ts runs them.

import { type Binding, opaque } from '../aggregator.ts'
import type { Brought, By, Of } from './aggregate.ts'
import { endAggregator } from './selection.ts'

/** Leaves out the rows where there is no value. */
export interface IgnoreNulls {
  readonly ignoreNulls: true
}

/**
 * The value of the first row, null or not (Spark's `ignoreNulls = false`); with `{ ignoreNulls: true }` of the first one that has a
 * value. First in Spark's order of rows within a batch: by partition, then by offset; here it is the same over all batches, so it
 * does not depend on what arrived when.
 *
 * @example agg({ opening: first('price'), venue: first('venue', { ignoreNulls: true }) })
 */
export function first<const Column extends string>(column: Column): Of<'first', Column>
export function first<Row, Value extends number | null>(fn: (row: Row) => Value): Of<'first', (row: Row) => Value>
export function first<const Column extends string>(column: Column, nulls: IgnoreNulls): Brought<'firstNotNull', Column>
export function first(argument: unknown, nulls?: IgnoreNulls): Of<'first' | 'firstNotNull', unknown> {
  return nulls?.ignoreNulls === true ? chosen('firstNotNull', argument, 'first', true) : { kind: 'first', argument }
}

/**
 * The value of the last row, by the order of `first`: greatest partition, then greatest offset.
 * @example agg({ closing: last('price'), venue: last('venue', { ignoreNulls: true }) })
 */
export function last<const Column extends string>(column: Column): Of<'last', Column>
export function last<Row, Value extends number | null>(fn: (row: Row) => Value): Of<'last', (row: Row) => Value>
export function last<const Column extends string>(column: Column, nulls: IgnoreNulls): Brought<'lastNotNull', Column>
export function last(argument: unknown, nulls?: IgnoreNulls): Of<'last' | 'lastNotNull', unknown> {
  return nulls?.ignoreNulls === true ? chosen('lastNotNull', argument, 'last', true) : { kind: 'last', argument }
}

/**
 * The value of some row: here of the first one, as in Spark, and so the same however often rows come again.
 * @example agg({ currency: anyValue('currency'), venue: anyValue('venue', { ignoreNulls: true }) })
 */
export function anyValue<const Column extends string>(column: Column): Brought<'anyValue', Column>
export function anyValue<const Column extends string>(column: Column, nulls: IgnoreNulls): Brought<'anyNotNull', Column>
export function anyValue(argument: unknown, nulls?: IgnoreNulls): Brought<'anyValue' | 'anyNotNull', unknown> {
  const ignoresNulls = nulls?.ignoreNulls === true
  return chosen(ignoresNulls ? 'anyNotNull' : 'anyValue', argument, 'first', ignoresNulls)
}

const chosen = <Kind extends string>(
  kind: Kind,
  argument: unknown,
  end: 'first' | 'last',
  ignoresNulls: boolean,
): Brought<Kind, unknown> => ({
  kind,
  argument,
  keeps: 'value',
  make: <Row>({ argument, hasTopics }: Binding<Row>) => opaque(endAggregator(argument, end, hasTopics, ignoresNulls)),
})

/**
 * The value (null or not) of the row where `by` is least; rows where `by` is null do not count. The last of
 * several such rows counts, by partition, then offset, as for `maxBy`.
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
