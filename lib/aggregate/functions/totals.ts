// The aggregates that add something up over the rows of a group: count, sum, avg; distinct.ts counts different values.
// Sums are exact whatever the order of the rows (exact-sum.ts); nulls are left out, as in Spark.

import { type Column, double, long } from '../../decode/schema.ts'
import { decodeList, decodeNumber } from '../../types/kept-value.ts'
import type { Aggregator, Argument } from '../aggregator.ts'
import { addSum, addTo, decodeSum, type ExactSum, encodeSum, roundedSum, writeSum } from './exact-sum.ts'

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
interface Mean extends ExactSum {
  count: number
}

/** What sum and avg share: the exact sum and the count of what is not null. */
function meanAggregator<Row>(
  argument: Argument<Row>,
  column: Column<unknown>,
  result: (mean: Mean) => number | null,
): Aggregator<Row, Mean> {
  return {
    column,
    version: 1,
    init: () => ({ high: 0, low: 0, far: 0n, notFinite: 0, count: 0 }),
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
      return { ...decodeSum(sum), count: decodeNumber(count) }
    },
  }
}

/** Doubles rounded once; `long` and `int` exact, or null beyond ±(2^53 - 1): one tick must not stop a stream for ever. */
export function sumAggregator<Row>(argument: Argument<Row>): Aggregator<Row, Mean> {
  if (argument.column.kind === 'double') {
    return meanAggregator(argument, nullableLike(argument, double()), roundedSum)
  }
  return meanAggregator(argument, long().nullable(), (mean) => {
    const total = roundedSum(mean)
    return Number.isSafeInteger(total) ? total : null
  })
}

export const avgAggregator = <Row>(argument: Argument<Row>): Aggregator<Row, Mean> =>
  meanAggregator(argument, nullableLike(argument, double()), (mean) => roundedSum(mean) / mean.count)
