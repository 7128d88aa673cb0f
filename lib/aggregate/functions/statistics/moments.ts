// The sums of the powers of a column, exactly: all that its variance, skewness and kurtosis are computed from. The textbook formula
// loses every digit around 1e9 where the sums are doubles; these are whole numbers, so it is exact, and the encoded form depends
// on the values alone. (Spark's CentralMomentAgg updates doubles, row by row, and is off in the last digits by the batches.)

import { decodeList, decodeNumber, incompatible } from '../../../types/kept-value.ts'
import type { Aggregator, Argument } from '../../aggregator.ts'
import { decodeUnits, encodeUnits, exponentOf, unitsOf } from './dyadic.ts'
import { doubleOf } from './numeric-argument.ts'

/** Mutable. The sum of the k-th powers is `sums[k - 1] * 2^(k * exponent)`. */
export interface Moments {
  count: number
  /** Values that are no finite number: with one, every moment is NaN. */
  notFinite: number
  /** The least of the values' own; 0 at first. */
  exponent: number
  readonly sums: bigint[]
}

export type Order = 2 | 3 | 4

/**
 * @param order the highest power
 * @param result of one value at least
 */
export function momentsAggregator<Row>(
  argument: Argument<Row>,
  column: Aggregator<Row, Moments>['column'],
  order: Order,
  result: (moments: Moments) => number | null,
): Aggregator<Row, Moments> {
  const read = doubleOf(argument)
  return {
    column,
    version: 1,
    init: () => ({ count: 0, notFinite: 0, exponent: 0, sums: new Array<bigint>(order).fill(0n) }),
    add(moments, { row }) {
      const value = read(row)
      if (value !== null) addTo(moments, value)
      return moments
    },
    merge(left, right) {
      const exponent = Math.min(left.exponent, right.exponent)
      rescale(left, exponent)
      rescale(right, exponent)
      for (const [k, sum] of right.sums.entries()) left.sums[k] = (left.sums[k] ?? 0n) + sum
      left.count += right.count
      left.notFinite += right.notFinite
      return left
    },
    result: (moments) => (moments.count === 0 ? null : result(moments)),
    encode: ({ count, notFinite, exponent, sums }) => [count, notFinite, exponent, ...sums.map(encodeUnits)],
    decode(encoded) {
      const [count, notFinite, exponent, ...sums] = decodeList(encoded)
      if (sums.length !== order) throw incompatible(encoded, `sums of ${order} powers`)
      return {
        count: decodeNumber(count),
        notFinite: decodeNumber(notFinite),
        exponent: decodeNumber(exponent),
        sums: sums.map(decodeUnits),
      }
    },
  }
}

function addTo(moments: Moments, value: number): void {
  moments.count += 1
  if (!Number.isFinite(value)) {
    moments.notFinite += 1
    return
  }
  const own = exponentOf(value)
  if (own < moments.exponent) rescale(moments, own)
  const units = unitsOf(value, moments.exponent)
  let power = units
  for (let k = 0; k < moments.sums.length; k += 1) {
    moments.sums[k] = (moments.sums[k] ?? 0n) + power
    power *= units
  }
}

function rescale(moments: Moments, exponent: number): void {
  const shift = moments.exponent - exponent
  if (shift === 0) return
  for (let k = 0; k < moments.sums.length; k += 1) {
    moments.sums[k] = (moments.sums[k] ?? 0n) << BigInt(shift * (k + 1))
  }
  moments.exponent = exponent
}
