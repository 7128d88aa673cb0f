// The aggregates that add something up over the rows of a group: count, sum, avg; distinct.ts counts different values.
// Sums are exact whatever the order of the rows (exact-sum.ts); nulls are left out, as in Spark.

import { type Column, double, long } from '../../decode/schema.ts'
import { column } from '../../types/column.ts'
import type { ExactNumbers, ExactTotal } from '../../types/column-type.ts'
import { decodeList, decodeNumber, incompatible } from '../../types/kept-value.ts'
import type { Aggregator, Argument } from '../aggregator.ts'
import { addSum, addTo, decodeSum, type ExactSum, emptySum, encodeSum, roundedSum, writeSum } from './exact-sum.ts'

const nullableLike = <Row, Value>(argument: Argument<Row>, column: Column<Value>): Column<unknown> =>
  argument.column.isNullable ? column.nullable() : column

/** @param argument null counts every row */
export const countAggregator = <Row>(argument: Argument<Row> | null): Aggregator<Row, number> => ({
  column: long(),
  version: 1,
  init: () => 0,
  add: (counted, { row }) => (argument === null || argument.read(row) !== null ? counted + 1 : counted),
  merge: (left, right) => left + right,
  result: (counted) => counted,
  encode: (counted) => counted,
  decode: decodeNumber,
})

/** The sum, and how many values were not null: one object, since every group of a batch has its own. */
class Mean implements ExactSum {
  declare high: number
  declare low: number
  declare far: bigint
  declare notFinite: number
  declare count: number

  constructor({ high, low, far, notFinite }: ExactSum, count: number) {
    this.high = high
    this.low = low
    this.far = far
    this.notFinite = notFinite
    this.count = count
  }
}

const nothing: ExactSum = emptySum()

/** What sum and avg share: the exact sum and the count of what is not null. */
function meanAggregator<Row>(
  argument: Argument<Row>,
  column: Column<unknown>,
  result: (mean: Mean) => number | null,
): Aggregator<Row, Mean> {
  return {
    column,
    version: 1,
    init: () => new Mean(nothing, 0),
    add(mean, { row }) {
      const value = argument.read(row)
      if (typeof value === 'number') {
        addTo(mean, value)
        mean.count += 1
      }
      return mean
    },
    merge(left, right) {
      addSum(left, right)
      left.count += right.count
      return left
    },
    result: (mean) => (mean.count === 0 ? null : result(mean)),
    encode: (mean) => [encodeSum(mean), mean.count],
    write(mean, out) {
      out.text('[')
      writeSum(mean, out)
      out.text(',')
      out.number(mean.count)
      out.text(']')
    },
    decode(encoded) {
      const [sum, count] = decodeList(encoded)
      return new Mean(decodeSum(sum), decodeNumber(count))
    },
  }
}

interface ExactSums {
  /** In the type's smallest unit: of the values above zero, and of those below. */
  above: bigint
  below: bigint
  count: number
}

/**
 * Sums and means of decimals and bigints. A total that the result's type cannot hold is null, and stays null: it counts for each
 * sign by itself, so that neither a value of the other sign nor the order of the rows brings it back (Spark's sum never comes
 * back either, but goes by the order).
 */
function exactAggregator<Row>(
  argument: Argument<Row>,
  unitsOf: ExactNumbers<unknown>['unitsOf'],
  result: ExactTotal,
): Aggregator<Row, ExactSums> {
  return {
    column: column(result.type, true),
    version: 1,
    init: () => ({ above: 0n, below: 0n, count: 0 }),
    add(total, { row }) {
      const value = argument.read(row)
      if (value === null) return total
      const units = unitsOf(value)
      if (units > 0n) total.above += units
      else total.below += units
      total.count += 1
      return total
    },
    merge(left, right) {
      left.above += right.above
      left.below += right.below
      left.count += right.count
      return left
    },
    result({ above, below, count }) {
      if (count === 0 || !result.holds(above) || !result.holds(below)) return null
      return result.of(above + below, count) ?? null
    },
    encode: ({ above, below, count }) => [String(above), String(below), count],
    decode(encoded) {
      const [above, below, count] = decodeList(encoded)
      return { above: unitsIn(above), below: unitsIn(below), count: decodeNumber(count) }
    },
  }
}

function unitsIn(encoded: unknown): bigint {
  if (typeof encoded !== 'string' || !/^-?\d+$/.test(encoded)) throw incompatible(encoded, 'a whole number')
  return BigInt(encoded)
}

/** Doubles rounded once; `long` and `int` exact, or null beyond ±(2^53 - 1): one tick must not stop a stream for ever. */
export function sumAggregator<Row>(argument: Argument<Row>): Aggregator<Row, Mean> | Aggregator<Row, ExactSums> {
  const { exact } = argument.column.type
  if (exact !== undefined) return exactAggregator(argument, exact.unitsOf, exact.sum)
  if (argument.column.kind === 'double' || argument.column.kind === 'float') {
    return meanAggregator(argument, nullableLike(argument, double()), roundedSum)
  }
  return meanAggregator(argument, long().nullable(), (mean) => {
    const total = roundedSum(mean)
    return Number.isSafeInteger(total) ? total : null
  })
}

export function avgAggregator<Row>(argument: Argument<Row>): Aggregator<Row, Mean> | Aggregator<Row, ExactSums> {
  const { exact } = argument.column.type
  if (exact !== undefined) return exactAggregator(argument, exact.unitsOf, exact.avg)
  return meanAggregator(argument, nullableLike(argument, double()), (mean) => roundedSum(mean) / mean.count)
}
