import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { compileAggregates } from '../../../../lib/aggregate/aggregation.ts'
import { median, percentile, percentileApprox } from '../../../../lib/aggregate/functions/values/percentiles.ts'
import { bigint, decimal } from '../../../../lib/decode/columns.ts'
import { type Infer, struct } from '../../../../lib/decode/schema.ts'
import { Decimal } from '../../../../lib/types/numbers/decimal-value.ts'
import { inPartition, located, Row, resultOfRows } from '../../row.ts'

const quarters = [0, 0.25, 0.9, 1]
const pricesOf = (prices: readonly (number | null)[]) =>
  resultOfRows(
    { middle: median('price'), some: percentile('price', quarters), about: percentileApprox('price', quarters) },
    prices.map((price) => ({ price })),
  )

const { NaN: nan, POSITIVE_INFINITY: infinite } = Number

describe('what Spark 3.5.3 answers', () => {
  test.each([
    [[null], { middle: null, some: null, about: null }],
    [[10, 1, 2, 3, 4], { middle: 3, some: [1, 2, 7.6000000000000005, 10], about: [1, 2, 10, 10] }],
    [[1, 2, null, 3, 4], { middle: 2.5, some: [1, 1.75, 3.7, 4], about: [1, 1, 4, 4] }],
    [[7, 7, 7, 1], { middle: 7, some: [1, 5.5, 7, 7], about: [1, 1, 7, 7] }],
    [[nan, 1, 2], { middle: 2, some: [1, 1.5, nan, nan], about: [1, 1, nan, nan] }],
    [[infinite, 1, 2], { middle: 2, some: [1, 1.5, infinite, infinite], about: [1, 1, infinite, infinite] }],
  ])('to %j', (prices, expected) => {
    expect(pricesOf(prices)).toEqual(expected)
  })

  test('with its types: a percentile is a double, an approximate one an element', () => {
    const Trade = struct({ price: decimal(10, 2), id: bigint() })
    const aggregation = compileAggregates<Infer<typeof Trade>>(
      {
        ...{ p: percentile('price', 0.5), ps: percentile('id', quarters), a: percentileApprox('price', 0.5) },
        ...{ as: percentileApprox('id', quarters), fn: percentileApprox(({ id }) => Number(id), 0.5) },
      },
      Trade.columns,
    )
    const types = Array.from(aggregation.columns.values(), ({ type }) => type.sparkName)
    expect(types).toEqual(['DOUBLE', 'ARRAY<DOUBLE>', 'DECIMAL(10,2)', 'ARRAY<BIGINT>', 'DOUBLE'])
    const rows = [1n, 2n, 3n, 4n].map((id, i) => located({ price: Decimal.of(`${id}.00`), id: id + 2n ** 60n }, 0, i))
    const kept = aggregation.encode(aggregation.fold(aggregation.init(), rows))
    expect(aggregation.results(aggregation.decode(kept))).toMatchObject({
      p: 2.5,
      a: Decimal.of('2.00'),
      fn: 2 ** 60,
    })
  })
})

/** Percentiles with a number of buckets, and of how many bytes the state is. */
function sketchOf(accuracy: number, prices: readonly number[], parts: readonly number[]) {
  const aggregation = compileAggregates<Row>({ x: percentileApprox('price', parts, accuracy) }, Row.columns)
  const rows = inPartition(
    0,
    prices.map((price) => ({ price })),
  )
  const kept = aggregation.encode(aggregation.fold(aggregation.init(), rows))
  const { x } = aggregation.results(aggregation.decode(kept)) as { readonly x: readonly number[] }
  return { x, bytes: kept.length }
}

/** In [0, 1), the same in each run. */
function numbers(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe('of more values than buckets', () => {
  const next = numbers()
  const kinds = {
    'within a factor of 10': { values: Array.from({ length: 20_000 }, () => 10 + 90 * next()), error: 0.0067 },
    'within a factor of 1,000': { values: Array.from({ length: 20_000 }, () => 10 ** (3 * next())), error: 0.02 },
    'on both sides of zero': { values: Array.from({ length: 20_000 }, () => 500 - 1_000 * next()), error: 0.06 },
  }
  test.each(Object.entries(kinds))('it is off by as much as is said, %s', (_, { values, error }) => {
    const parts = [0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999]
    const inOrder = values.toSorted((left, right) => left - right)
    for (const [accuracy, most] of [
      [1_000, error],
      [5_000, error / 4],
    ] as const) {
      const { x, bytes } = sketchOf(accuracy, values, parts)
      expect(bytes).toBeLessThan(accuracy * 25)
      for (const [i, part] of parts.entries()) {
        const exact = inOrder[Math.ceil(part * values.length) - 1] ?? 0
        expect(Math.abs((x[i] ?? 0) - exact) / Math.abs(exact)).toBeLessThan(most)
        expect(values).toContain(x[i])
      }
    }
  })

  property.prop([fc.array(fc.double(), { minLength: 1, maxLength: 200 })])(
    'it stays in its bounds, and gives one of the values',
    (values) => {
      const { x, bytes } = sketchOf(16, values, [0, 0.5, 1])
      expect(bytes).toBeLessThan(16 * 30 + 20)
      const canonical = values.map((value) => (value === 0 ? 0 : value))
      for (const value of x) expect(canonical.some((one) => Object.is(one, value))).toBe(true)
    },
  )
})

test('percentile goes on beyond 5,000 values, near the exact one', () => {
  const prices = Array.from({ length: 30_000 }, (_, i) => ({ price: 100 + i / 300 }))
  const { middle, many } = resultOfRows({ middle: median('price'), many: percentile('price', [0.5, 0.99]) }, prices)
  expect(Number(middle) / 150).toBeCloseTo(1, 3)
  expect(Number((many as readonly number[])[1]) / 199).toBeCloseTo(1, 3)
})

describe('refused when the query is built', () => {
  const compile = (aggregate: object) => () => compileAggregates<Row>({ x: aggregate } as never, Row.columns)
  test('is a percentage or an accuracy that cannot be', () => {
    expect(compile(percentile('price', 1.5))).toThrow(
      'percentile: The percentage must be between [0.0, 1.0] (current value = 1.5).',
    )
    expect(compile(percentileApprox('price', [0.5, Number.NaN]))).toThrow('percentile_approx: The percentage must be')
    for (const accuracy of [0, 15, 5_001, Number.NaN]) {
      expect(compile(percentileApprox('price', 0.5, accuracy))).toThrow('give one from 16 to 5000')
    }
  })

  test('is a column that is no number, in the words of Spark; a time has no mean of two', () => {
    expect(compile(percentile('at', 0.5))).toThrow(
      'Cannot resolve "percentile(at)" due to data type mismatch: Parameter 1 requires the ("NUMERIC" or "INTERVAL DAY TO SECOND" or "INTERVAL YEAR TO MONTH") type, however "at" has the type "TIMESTAMP".',
    )
    expect(compile(median('flag'))).toThrow('Cannot resolve "median(flag)"')
    expect(compile(percentileApprox('text', 0.5))).toThrow('Cannot resolve "percentile_approx(text)"')
    expect(compile(percentileApprox('at', 0.5))).not.toThrow()
  })
})
