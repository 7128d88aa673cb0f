// How two columns go together: covariance, correlation, linear regression. A row counts where both have a value; NaN and the
// infinities make the results NaN that they have a part in, as in Spark. Exact sums (pair-moments.ts), rounded once.

import { type Column, double, long } from '../../../decode/schema.ts'
import { type Binding, opaque } from '../../aggregator.ts'
import type { NumberPairWord } from '../aggregate.ts'
import { rounded } from './dyadic.ts'
import { requireDouble } from './numeric-argument.ts'
import { type PairMoments, pairMomentsAggregator } from './pair-moments.ts'

/** Covariance of a whole population, a double. @example agg({ together: covarPop('price', 'volume') }) */
export const covarPop = /* @__PURE__ */ relation('covarPop', 'covar_pop', (moments) =>
  moments.count === 0 ? null : covariance(moments, moments.count),
)

/** Covariance of a sample; null of fewer than two rows. @example agg({ together: covarSamp('price', 'volume') }) */
export const covarSamp = /* @__PURE__ */ relation('covarSamp', 'covar_samp', (moments) =>
  moments.count < 2 ? null : covariance(moments, moments.count - 1),
)

/**
 * Pearson's correlation, -1 to 1; null of fewer than two rows, and where one of the columns has one value only.
 *
 * @example agg({ together: corr('price', 'volume') })
 */
export const corr = /* @__PURE__ */ relation('corr', 'corr', (moments) => {
  if (moments.count < 2) return null
  if (isNotFinite(moments)) return Number.NaN
  const [squaresX, squaresY] = [squares(moments, 'x'), squares(moments, 'y')]
  if (squaresX === 0n || squaresY === 0n) return null
  const product = products(moments)
  const size = Math.sqrt(rounded(product * product, squaresX * squaresY))
  return product < 0n ? -size : size
})

/**
 * Rows where both columns have a value. As in Spark, the dependent column stands first.
 *
 * @example agg({ pairs: regrCount('price', 'volume') })
 */
export const regrCount = /* @__PURE__ */ relation('regrCount', 'regr_count', ({ count }) => count)

/** Slope of the line through the rows; null where `x` has one value only. @example agg({ slope: regrSlope('price', 'volume') }) */
export const regrSlope = /* @__PURE__ */ relation('regrSlope', 'regr_slope', (moments) =>
  overX(moments, (spread) => rounded(products(moments), spread, moments.y.exponent - moments.x.exponent)),
)

/** Where the line through the rows is at 0; null where `x` has one value only. @example agg({ at0: regrIntercept('price', 'volume') }) */
export const regrIntercept = /* @__PURE__ */ relation('regrIntercept', 'regr_intercept', (moments) =>
  overX(moments, (spread) => {
    const { count, x, y } = moments
    return rounded(y.sum * spread - products(moments) * x.sum, BigInt(count) * spread, y.exponent)
  }),
)

/**
 * How much of the spread of `y` the line explains, 0 to 1; null where `x` has one value only, 1 where `y` has. (That is SQL's
 * rule; Spark 3.5 has the columns the wrong way round in it.)
 *
 * @example agg({ fit: regrR2('price', 'volume') })
 */
export const regrR2 = /* @__PURE__ */ relation('regrR2', 'regr_r2', (moments) =>
  overX(moments, (spread) => {
    const squaresY = squares(moments, 'y')
    return squaresY === 0n ? 1 : rounded(products(moments) ** 2n, spread * squaresY)
  }),
)

/**
 * The word for an aggregate. Spark names the independent column last in a regression; for the others it does not matter.
 *
 * @param sparkName for messages
 */
function relation<Kind extends string>(
  kind: Kind,
  sparkName: string,
  result: (moments: PairMoments) => number | null,
): NumberPairWord<Kind> {
  const make = <Row>({ argument, by }: Binding<Row>) => {
    const call = `${sparkName}(${argument.text}, ${by.text})`
    const y = requireDouble(sparkName, argument, { call, place: 1 })
    const x = requireDouble(sparkName, by, { call, place: 2 })
    const isNeverNull = kind === 'covarPop' && !x.column.isNullable && !y.column.isNullable
    const column: Column<unknown> = kind === 'regrCount' ? long() : isNeverNull ? double() : double().nullable()
    return opaque(pairMomentsAggregator(x, y, column, result))
  }
  return ((argument: unknown, by: unknown) => ({ kind, argument, by, make })) as NumberPairWord<Kind>
}

function isNotFinite({ x, y }: PairMoments): boolean {
  return x.notFinite + y.notFinite > 0
}

/** The sum of the squared distances from the mean, times the count. */
function squares(moments: PairMoments, part: 'x' | 'y'): bigint {
  const { squares, sum } = moments[part]
  return BigInt(moments.count) * squares - sum * sum
}

/** The sum of the products of both distances from the means, times the count. */
function products({ count, product, x, y }: PairMoments): bigint {
  return BigInt(count) * product - x.sum * y.sum
}

function covariance(moments: PairMoments, freedom: number): number {
  if (isNotFinite(moments)) return Number.NaN
  const divisor = BigInt(moments.count) * BigInt(freedom)
  return rounded(products(moments), divisor, moments.x.exponent + moments.y.exponent)
}

/** A quotient by the spread of `x`: null where `x` has one value only. */
function overX(moments: PairMoments, of: (spread: bigint) => number): number | null {
  if (moments.x.notFinite > 0) return Number.NaN
  const spread = squares(moments, 'x')
  if (spread === 0n) return null
  return moments.y.notFinite > 0 ? Number.NaN : of(spread)
}
