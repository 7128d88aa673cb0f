// Percentiles: exact as far as a group keeps the values, and from there on of a sketch of them (quantile-sketch.ts). Nulls are left
// out; NaN is above all numbers.

import { array } from '../../../decode/columns.ts'
import { type Column, double } from '../../../decode/schema.ts'
import { refuse } from '../../../error.ts'
import { column as columnOf } from '../../../types/column.ts'
import { type Aggregator, type Argument, type Binding, opaque } from '../../aggregator.ts'
import { unexpected } from '../../argument.ts'
import type { Brought } from '../aggregate.ts'
import { toDouble } from '../statistics/numeric-argument.ts'
import {
  type Bucket,
  decodeSketch,
  emptySketch,
  encodeSketch,
  inOrder,
  note,
  type QuantileSketch,
  unite,
} from './quantile-sketch.ts'
import { shareOf } from './share.ts'

/** One percentage, 0 to 1, gives one result, a list of them a list. */
export interface PercentileWord<One extends string, Many extends string, Rest extends readonly unknown[]> {
  <const Name extends string>(column: Name, percentage: number, ...rest: Rest): Brought<One, Name>
  <const Name extends string>(column: Name, percentages: readonly number[], ...rest: Rest): Brought<Many, Name>
  <Row, Value extends number | null>(
    fn: (row: Row) => Value,
    percentage: number,
    ...rest: Rest
  ): Brought<One, (row: Row) => Value>
  <Row, Value extends number | null>(
    fn: (row: Row) => Value,
    percentages: readonly number[],
    ...rest: Rest
  ): Brought<Many, (row: Row) => Value>
}

/**
 * The value at a place among all values in their order, between two of them where it lies there, a double: Spark's `percentile`. A
 * group keeps the values: it is exact up to 5,000 different ones (3,700 decimals), shared with the other aggregates of the query that
 * keep values.
 * From there on near values are taken for one, which is off by 0.2 % where all values are within a factor of 10, and in
 * proportion to the logarithm of the factor otherwise. A batch writes what its groups keep, so for many values
 * `percentileApprox` is cheaper from the first one on.
 *
 * @param percentage 0 to 1, or a list of such
 * @throws MicrobatchError QUERY_INVALID when the query is built, for another percentage
 * @example agg({ middle: percentile('price', 0.5), tails: percentile('price', [0.01, 0.99]) })
 */
export const percentile = ((argument: unknown, percentage: Percentage) =>
  percentileOf('percentile', argument, percentage, interpolated)) as PercentileWord<'percentile', 'percentiles', []>

/** The middle one of the values: `percentile(column, 0.5)`. @example agg({ middle: median('price') }) */
export function median<const Name extends string>(column: Name): Brought<'percentile', Name>
export function median<Row, Value extends number | null>(
  fn: (row: Row) => Value,
): Brought<'percentile', (row: Row) => Value>
export function median(argument: unknown): Brought<'percentile', unknown> {
  return percentileOf('percentile', argument, 0.5, interpolated, 'median') as Brought<'percentile', unknown>
}

/**
 * One of the values, below or at which that part of them is: Spark's `percentile_approx`, of the column's own type. A group keeps at
 * most `accuracy` different values, some 15 bytes each, and is exact up to there. From there on near values are taken for one, the
 * greatest of them: with 1,000 it is off by 0.7 % at most where all values are within a factor of 10, by 2 % within a factor of
 * 1,000; ten times the accuracy is off by a tenth. (Spark's `accuracy` bounds the error of the rank, and its default is 10,000.)
 *
 * @param percentage 0 to 1, or a list of such, which costs no more than one
 * @param accuracy 16 to 5,000; the room is shared as for `percentile`
 * @throws MicrobatchError QUERY_INVALID when the query is built, for another percentage or accuracy
 * @example agg({ slow: percentileApprox('latency', 0.99), few: percentileApprox('latency', [0.5, 0.9], 200) })
 */
export const percentileApprox = ((argument: unknown, percentage: Percentage, accuracy = 1_000) =>
  percentileOf('percentileApprox', argument, percentage, element, 'percentile_approx', accuracy)) as PercentileWord<
  'percentileApprox',
  'percentilesApprox',
  [accuracy?: number]
>

type Percentage = number | readonly number[]

const minAccuracy = 16
const maxAccuracy = 5_000

/** Bytes of a value and its count, at the most: a double has 24 characters, a decimal 42. */
const doubleBytes = 40
const exactBytes = 54

function percentileOf(
  kind: 'percentile' | 'percentileApprox',
  argument: unknown,
  percentage: Percentage,
  read: Reading,
  word: string = kind,
  accuracy = maxAccuracy,
): Brought<string, unknown> {
  const isApprox = kind === 'percentileApprox'
  const many = isApprox ? 'percentilesApprox' : 'percentiles'
  return {
    kind: Array.isArray(percentage) ? many : kind,
    argument,
    keeps: 'digests',
    make<Row>({ argument, shares }: Binding<Row>) {
      const { column } = isApprox ? requireMeasure(word, argument) : requireNumber(word, argument)
      const percentages = typeof percentage === 'number' ? [percentage] : percentage
      for (const one of percentages) requirePercentage(word, one)
      if (!(accuracy >= minAccuracy && accuracy <= maxAccuracy)) {
        refuse(`${word}: the accuracy is ${accuracy}; give one from ${minAccuracy} to ${maxAccuracy}.`)
      }
      const room = Math.floor(shareOf(shares).bytes / (column.type.exact === undefined ? doubleBytes : exactBytes))
      const most = Math.max(minAccuracy, Math.min(Math.floor(accuracy), room))
      const one: Column<unknown> = isApprox ? columnOf(column.type) : double()
      const given = typeof percentage === 'number' ? one : array(one)
      const result = (buckets: readonly Bucket[]): unknown => {
        const results = percentages.map((part) => read(buckets, part))
        return typeof percentage === 'number' ? results[0] : results
      }
      return opaque(sketchAggregator(argument, column.isNullable ? given.nullable() : given, most, result))
    },
  }
}

/** @param buckets in order, one at least @param part 0 to 1 */
type Reading = (buckets: readonly Bucket[], part: number) => unknown

const countOf = (buckets: readonly Bucket[]): number => buckets.reduce((sum, { count }) => sum + count, 0)

/** @param rank 0 for the least value */
function at(buckets: readonly Bucket[], rank: number): unknown {
  let before = 0
  for (const { value, count } of buckets) {
    before += count
    if (rank < before) return value
  }
  return buckets.at(-1)?.value
}

/** Spark's (catalyst PercentileBase.getPercentile). */
function interpolated(buckets: readonly Bucket[], part: number): number {
  const position = part * (countOf(buckets) - 1)
  const [lower, higher] = [Math.floor(position), Math.ceil(position)]
  const [low, high] = [toDouble(at(buckets, lower)), toDouble(at(buckets, higher))]
  return Object.is(low, high) ? low : (higher - position) * low + (position - lower) * high
}

/** Spark's for as many values as it keeps (catalyst QuantileSummaries.query). */
const element: Reading = (buckets, part) => at(buckets, Math.ceil(part * countOf(buckets)) - 1)

function sketchAggregator<Row>(
  argument: Argument<Row>,
  column: Column<unknown>,
  most: number,
  result: (buckets: readonly Bucket[]) => unknown,
): Aggregator<Row, QuantileSketch> {
  const { domain } = argument.column.type
  return {
    column,
    // The number of buckets is no part of it: a sketch is taken over by a query with another accuracy.
    version: 1,
    init: emptySketch,
    add(sketch, { row }) {
      const value = argument.read(row)
      if (value !== null) note(sketch, domain.canonical(value), 1, domain, most)
      return sketch
    },
    merge(left, right) {
      unite(left, right, domain, most)
      return left
    },
    result: (sketch) => (sketch.buckets.size === 0 ? null : result(inOrder(sketch))),
    encode: (sketch) => encodeSketch(sketch, domain),
    decode: (encoded) => decodeSketch(encoded, domain),
  }
}

const requireNumber = <Row>(kind: string, argument: Argument<Row>): Argument<Row> =>
  argument.column.type.isNumeric
    ? argument
    : unexpected(kind, argument, '("NUMERIC" or "INTERVAL DAY TO SECOND" or "INTERVAL YEAR TO MONTH") type')

/** A number or a time that rows have as one. */
const requireMeasure = <Row>(kind: string, argument: Argument<Row>): Argument<Row> =>
  argument.column.type.isNumeric || argument.column.kind === 'timestamp'
    ? argument
    : unexpected(kind, argument, '("NUMERIC" or "TIMESTAMP") type')

function requirePercentage(word: string, percentage: number): void {
  if (percentage >= 0 && percentage <= 1) return
  refuse(`${word}: The percentage must be between [0.0, 1.0] (current value = ${percentage}).`)
}
