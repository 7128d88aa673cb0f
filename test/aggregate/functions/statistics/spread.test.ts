import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { compileAggregates } from '../../../../lib/aggregate/aggregation.ts'
import {
  kurtosis,
  skewness,
  stddev,
  stddevPop,
  variance,
  varPop,
} from '../../../../lib/aggregate/functions/statistics/spread.ts'
import { bigint, decimal } from '../../../../lib/decode/columns.ts'
import { type Infer, struct, timestamp } from '../../../../lib/decode/schema.ts'
import { Decimal } from '../../../../lib/types/numbers/decimal-value.ts'
import { located, resultOfRows } from '../../row.ts'

const spreadOf = (values: readonly (number | null)[]) =>
  resultOfRows(
    {
      ...{ sd: stddev('price'), sdPop: stddevPop('price'), v: variance('price'), vPop: varPop('price') },
      ...{ lean: skewness('price'), tails: kurtosis('price') },
    },
    values.map((price) => ({ price })),
  )

const { NaN: nan, POSITIVE_INFINITY: infinite, NEGATIVE_INFINITY: minusInfinite } = Number

describe('what Spark 3.5.3 answers', () => {
  const none = { sd: null, sdPop: null, v: null, vPop: null, lean: null, tails: null }
  const notNumbers = { sd: nan, sdPop: nan, v: nan, vPop: nan, lean: nan, tails: nan }
  test.each([
    [[null, null], none],
    [[7], { ...none, sdPop: 0, vPop: 0 }],
    [[nan], { ...notNumbers, sd: null, v: null }],
    [[infinite], { ...notNumbers, sd: null, v: null }],
    [[infinite, 1], notNumbers],
    [[infinite, minusInfinite], notNumbers],
    [[1, 1, 1], { sd: 0, sdPop: 0, v: 0, vPop: 0, lean: null, tails: null }],
    [[1, null, 2, 3], { sd: 1, sdPop: 0.816496580927726, v: 1, vPop: 2 / 3, lean: 0, tails: -1.5 }],
  ])('to %j', (values, expected) => {
    expect(spreadOf(values)).toEqual(expected)
  })

  test('around 1e9, where the textbook formula of doubles has no digit left', () => {
    const values = [4, 7, 13, 16].map((value) => value + 1e9)
    const { sd, v, vPop, lean, tails } = spreadOf(values)
    expect({ sd, v, vPop, lean, tails }).toEqual({ sd: Math.sqrt(30), v: 30, vPop: 22.5, lean: 0, tails: -1.64 })
    // Beside each other at 1e15, where two doubles of a price differ by an eighth.
    expect(spreadOf([1e15, 1e15 + 0.125, 1e15 + 0.25]).v).toBe(0.015625)
  })

  test('to decimals, whole numbers of 64 bits and functions of the row', () => {
    const Row = struct({ cost: decimal(10, 2).nullable(), id: bigint() })
    const aggregation = compileAggregates<Infer<typeof Row>>(
      { cost: varPop('cost'), id: stddev('id'), fn: varPop(({ id }) => Number(id)) },
      Row.columns,
    )
    const rows = [1n, 2n, 3n].map((id, i) => located({ cost: Decimal.of(`${id}.50`), id }, 0, i))
    expect(aggregation.results(aggregation.fold(aggregation.init(), rows))).toEqual({ cost: 2 / 3, id: 1, fn: 2 / 3 })
  })
})

describe('any values', () => {
  const prices = fc.array(
    fc.integer({ min: -100_000, max: 100_000 }).map((cents) => cents / 100),
    { minLength: 2, maxLength: 40 },
  )

  property.prop([prices, fc.constantFrom(0, 2 ** 20, -(2 ** 33))])(
    'are spread as far wherever they are: a shift changes nothing',
    (values, shift) => {
      // A shift that keeps each value exact: of whole numbers.
      const whole = values.map((value) => Math.round(value * 100))
      expect(spreadOf(whole.map((value) => value + shift))).toEqual(spreadOf(whole))
    },
  )

  property.prop([prices])('have the variance of two passes over them', (values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    expect(spreadOf(values).v).toBeCloseTo(squares / (values.length - 1), 6)
  })
})

test('beyond the doubles a variance is infinite, and a shape is exact', () => {
  const { vPop, lean, tails } = spreadOf([1e200, -1e200])
  expect({ vPop, lean, tails }).toEqual({ vPop: infinite, lean: 0, tails: -2 })
  expect(spreadOf([5e-324, 1e308]).vPop).toBe(infinite)
  expect(spreadOf([5e-324, 0]).lean).toBe(0)
})

test('a column that is no number is refused in the words of Spark, and a time among them', () => {
  const Row = struct({ at: timestamp() })
  expect(() => compileAggregates({ x: stddev('at') } as never, Row.columns)).toThrow(
    'Cannot resolve "stddev(at)" due to data type mismatch: Parameter 1 requires the "DOUBLE" type, however "at" has the type "TIMESTAMP".',
  )
})

test('kept sums of another number of powers are refused', () => {
  const aggregation = compileAggregates({ x: skewness('x') } as never, struct({ x: bigint() }).columns)
  for (const kept of ['[[1,0,0,"1"]]', '[[1,0,0,"1","1","x"]]', '[[1,0]]', '[7]']) {
    expect(() => aggregation.decode(kept)).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
  }
})
