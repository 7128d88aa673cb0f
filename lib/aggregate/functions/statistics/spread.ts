// How far the values of a column are spread: standard deviation, variance, skewness, kurtosis. Nulls are left out; one NaN or
// infinity makes all of them NaN, as in Spark. Exact sums (moments.ts), rounded once.

import { double } from '../../../decode/schema.ts'
import { type Binding, opaque } from '../../aggregator.ts'
import type { NumberWord } from '../aggregate.ts'
import { rounded } from './dyadic.ts'
import { type Moments, momentsAggregator, type Order } from './moments.ts'
import { requireDouble } from './numeric-argument.ts'

/**
 * Standard deviation of a sample: Spark's `stddev_samp`, and its `stddev`. A double; null of fewer than two values. Exact, and
 * rounded at the end: around 1e9 as well as around 0.
 *
 * @example agg({ sd: stddevSamp('price') })
 */
export const stddevSamp = /* @__PURE__ */ spread('stddevSamp', 'stddev_samp', 2, (moments) => root(sample(moments)))

/** The same as `stddevSamp`. @example agg({ sd: stddev('price') }) */
export const stddev = /* @__PURE__ */ spread('stddevSamp', 'stddev', 2, (moments) => root(sample(moments)))

/** Standard deviation of a whole population: of one value 0. @example agg({ sd: stddevPop('price') }) */
export const stddevPop = /* @__PURE__ */ spread('stddevPop', 'stddev_pop', 2, (moments) => root(population(moments)))

/**
 * Variance of a sample: Spark's `var_samp`, and its `variance`. A double; null of fewer than two values.
 *
 * @example agg({ spread: varSamp('price') })
 */
export const varSamp = /* @__PURE__ */ spread('varSamp', 'var_samp', 2, sample)

/** The same as `varSamp`. @example agg({ spread: variance('price') }) */
export const variance = /* @__PURE__ */ spread('varSamp', 'variance', 2, sample)

/** Variance of a whole population: of one value 0. @example agg({ spread: varPop('price') }) */
export const varPop = /* @__PURE__ */ spread('varPop', 'var_pop', 2, population)

/**
 * How lopsided the values are: above 0 with a tail of large ones. A double; null where all are equal.
 *
 * @example agg({ lean: skewness('price') })
 */
export const skewness = /* @__PURE__ */ spread('skewness', 'skewness', 3, /* @__PURE__ */ shape(skewnessOf))

/**
 * How heavy the tails are: those of a normal distribution are 0. A double; null where all values are equal.
 *
 * @example agg({ tails: kurtosis('price') })
 */
export const kurtosis = /* @__PURE__ */ spread('kurtosis', 'kurtosis', 4, /* @__PURE__ */ shape(kurtosisOf))

/** The word for an aggregate. @param sparkName for messages @param order the highest power that it needs */
function spread<Kind extends string>(
  kind: Kind,
  sparkName: string,
  order: Order,
  result: (moments: Moments) => number | null,
): NumberWord<Kind> {
  const isNeverNull = kind === 'stddevPop' || kind === 'varPop'
  const make = <Row>({ argument }: Binding<Row>) => {
    const column = isNeverNull && !argument.column.isNullable ? double() : double().nullable()
    return opaque(momentsAggregator(requireDouble(sparkName, argument), column, order, result))
  }
  return ((argument: unknown) => ({ kind, argument, make })) as NumberWord<Kind>
}

const sumOf = ({ sums }: Moments, power: Order | 1): bigint => sums[power - 1] ?? 0n

/** The sum of the squared distances from the mean, times the count. */
const squares = (moments: Moments): bigint => BigInt(moments.count) * sumOf(moments, 2) - sumOf(moments, 1) ** 2n

function varianceOf(moments: Moments, freedom: number): number {
  if (moments.notFinite > 0) return Number.NaN
  return rounded(squares(moments), BigInt(moments.count) * BigInt(freedom), 2 * moments.exponent)
}

function population(moments: Moments): number {
  return varianceOf(moments, moments.count)
}

/** A single value has no sample variance. */
function sample(moments: Moments): number | null {
  return moments.count === 1 ? null : varianceOf(moments, moments.count - 1)
}

function root(value: number | null): number | null {
  return value === null ? null : Math.sqrt(value)
}

/** A quotient by the spread: null where all values are the same. */
function shape(of: (moments: Moments, spread: bigint) => number): (moments: Moments) => number | null {
  return (moments) => {
    if (moments.notFinite > 0) return Number.NaN
    const spread = squares(moments)
    return spread === 0n ? null : of(moments, spread)
  }
}

/** The third central moment by the 3/2-th power of the second: the powers of two, and of the count, cancel out. */
function skewnessOf(moments: Moments, spread: bigint): number {
  const n = BigInt(moments.count)
  const first = sumOf(moments, 1)
  const cubes = n * n * sumOf(moments, 3) - 3n * n * first * sumOf(moments, 2) + 2n * first ** 3n
  const size = Math.sqrt(rounded(cubes * cubes, spread ** 3n))
  return cubes < 0n ? -size : size
}

/** The fourth central moment by the square of the second, less 3. */
function kurtosisOf(moments: Moments, spread: bigint): number {
  const n = BigInt(moments.count)
  const first = sumOf(moments, 1)
  const raw = n ** 3n * sumOf(moments, 4) - 4n * n * n * first * sumOf(moments, 3)
  const fourths = raw + 6n * n * first * first * sumOf(moments, 2) - 3n * first ** 4n
  return rounded(fourths - 3n * spread * spread, spread * spread)
}
