// The sums of two columns, of their squares and their product, exactly: all that covariance, correlation and regression are computed
// from. A row counts where both values are there. The form is that of moments.ts.

import type { Column } from '../../../decode/schema.ts'
import { decodeList, decodeNumber, incompatible } from '../../../types/kept-value.ts'
import type { Aggregator, Argument } from '../../aggregator.ts'
import { decodeUnits, encodeUnits, exponentOf, unitsOf } from './dyadic.ts'
import { doubleOf } from './numeric-argument.ts'

/** Mutable. Of values in units of `2^exponent`, for each column its own. */
export interface PairMoments {
  count: number
  /** Rows where the column has no finite number. */
  x: Part
  y: Part
  /** In units of both exponents together. */
  product: bigint
}

interface Part {
  notFinite: number
  exponent: number
  sum: bigint
  squares: bigint
}

/** @param result of any number of rows */
export function pairMomentsAggregator<Row>(
  x: Argument<Row>,
  y: Argument<Row>,
  column: Column<unknown>,
  result: (moments: PairMoments) => number | null,
): Aggregator<Row, PairMoments> {
  const [readX, readY] = [doubleOf(x), doubleOf(y)]
  return {
    column,
    version: 1,
    init: () => ({ count: 0, x: noPart(), y: noPart(), product: 0n }),
    add(moments, { row }) {
      const [x, y] = [readX(row), readY(row)]
      if (x !== null && y !== null) addTo(moments, x, y)
      return moments
    },
    merge(left, right) {
      const [x, y] = [Math.min(left.x.exponent, right.x.exponent), Math.min(left.y.exponent, right.y.exponent)]
      rescale(left, x, y)
      rescale(right, x, y)
      addPart(left.x, right.x)
      addPart(left.y, right.y)
      left.product += right.product
      left.count += right.count
      return left
    },
    result,
    encode: ({ count, x, y, product }) => [count, encodeUnits(product), ...encodePart(x), ...encodePart(y)],
    decode(encoded) {
      const [count, product, ...parts] = decodeList(encoded)
      if (parts.length !== 8) throw incompatible(encoded, 'the sums of two columns')
      return {
        count: decodeNumber(count),
        product: decodeUnits(product),
        x: decodePart(parts.slice(0, 4)),
        y: decodePart(parts.slice(4)),
      }
    },
  }
}

const noPart = (): Part => ({ notFinite: 0, exponent: 0, sum: 0n, squares: 0n })

function addTo(moments: PairMoments, x: number, y: number): void {
  moments.count += 1
  if (!Number.isFinite(x)) moments.x.notFinite += 1
  if (!Number.isFinite(y)) moments.y.notFinite += 1
  // A value that is no number makes every result NaN that it has a part in: nothing is added for it.
  const [finiteX, finiteY] = [Number.isFinite(x) ? x : 0, Number.isFinite(y) ? y : 0]
  rescale(moments, Math.min(moments.x.exponent, exponentOf(finiteX)), Math.min(moments.y.exponent, exponentOf(finiteY)))
  const unitsX = unitsOf(finiteX, moments.x.exponent)
  const unitsY = unitsOf(finiteY, moments.y.exponent)
  moments.x.sum += unitsX
  moments.x.squares += unitsX * unitsX
  moments.y.sum += unitsY
  moments.y.squares += unitsY * unitsY
  moments.product += unitsX * unitsY
}

function rescale(moments: PairMoments, x: number, y: number): void {
  const shift = rescalePart(moments.x, x) + rescalePart(moments.y, y)
  if (shift > 0) moments.product <<= BigInt(shift)
}

function rescalePart(part: Part, exponent: number): number {
  const shift = part.exponent - exponent
  if (shift === 0) return 0
  part.sum <<= BigInt(shift)
  part.squares <<= BigInt(2 * shift)
  part.exponent = exponent
  return shift
}

function addPart(part: Part, other: Part): void {
  part.notFinite += other.notFinite
  part.sum += other.sum
  part.squares += other.squares
}

const encodePart = ({ notFinite, exponent, sum, squares }: Part) => [
  notFinite,
  exponent,
  encodeUnits(sum),
  encodeUnits(squares),
]

const decodePart = ([notFinite, exponent, sum, squares]: readonly unknown[]): Part => ({
  notFinite: decodeNumber(notFinite),
  exponent: decodeNumber(exponent),
  sum: decodeUnits(sum),
  squares: decodeUnits(squares),
})
