import { describe, expect, test } from 'vitest'
import { compileAggregates } from '../../../../lib/aggregate/aggregation.ts'
import {
  corr,
  covarPop,
  covarSamp,
  regrCount,
  regrIntercept,
  regrR2,
  regrSlope,
} from '../../../../lib/aggregate/functions/statistics/relation.ts'
import { boolean, double, struct } from '../../../../lib/decode/schema.ts'
import { located } from '../../row.ts'

const Pair = struct({ y: double().nullable(), x: double().nullable() })
const aggregation = compileAggregates<{ readonly x: number | null; readonly y: number | null }>(
  {
    ...{ pop: covarPop('x', 'y'), samp: covarSamp('x', 'y'), corr: corr('x', 'y'), n: regrCount('y', 'x') },
    ...{ slope: regrSlope('y', 'x'), at0: regrIntercept('y', 'x'), fit: regrR2('y', 'x') },
  },
  Pair.columns,
)
const relationOf = (pairs: readonly (readonly [y: number | null, x: number | null])[]) =>
  aggregation.results(
    aggregation.fold(
      aggregation.init(),
      pairs.map(([y, x], i) => located({ y, x }, 0, i)),
    ),
  )

const { NaN: nan, POSITIVE_INFINITY: infinite } = Number
const none = { pop: null, samp: null, corr: null, n: 0, slope: null, at0: null, fit: null }
const notNumbers = { pop: nan, samp: nan, corr: nan, n: 2, slope: nan, at0: nan, fit: nan }

describe('what Spark 3.5.3 answers', () => {
  test.each([
    [[[null, 3]], none],
    [[[1, 2]], { ...none, n: 1, pop: 0 }],
    [
      [
        [1, 2],
        [null, 3],
        [4, null],
      ],
      { ...none, n: 1, pop: 0 },
    ],
    [
      [
        [1, 1],
        [1, 1],
      ],
      { ...none, n: 2, pop: 0, samp: 0 },
    ],
    [
      [
        [1, nan],
        [2, 2],
      ],
      notNumbers,
    ],
    [
      [
        [infinite, 1],
        [2, 2],
      ],
      notNumbers,
    ],
    [[[nan, 1]], { ...none, n: 1, pop: nan }],
  ] as const)('to the pairs %j', (pairs, expected) => {
    expect(relationOf(pairs)).toEqual(expected)
  })

  test('to a line with some noise', () => {
    const { pop, samp, corr, slope, at0, fit } = relationOf([
      [1, 1],
      [2, 3],
      [5, 4],
    ]) as Readonly<Record<string, number>>
    expect([pop, samp, corr, slope, at0, fit]).toEqual([
      1.8888888888888888, 2.8333333333333335, 0.8910421112136305, 1.2142857142857142, -0.5714285714285714,
      0.7939560439560439,
    ])
  })

  test('but for a column of one value in regr_r2, where Spark has the columns the wrong way round', () => {
    const flat = relationOf([
      [1, 1],
      [1, 2],
      [1, 3],
    ])
    expect(flat).toMatchObject({ corr: null, slope: 0, at0: 1, fit: 1 })
    const steep = relationOf([
      [1, 1],
      [2, 1],
      [3, 1],
    ])
    expect(steep).toMatchObject({ corr: null, slope: null, at0: null, fit: null })
  })
})

test('a line is found around 1e9, where sums of doubles have no digits for it', () => {
  const line = relationOf(Array.from({ length: 100 }, (_, i) => [1e9 + 3 * i, 1e9 + i]))
  expect(line).toMatchObject({ corr: 1, slope: 3, at0: 1e9 - 3e9, fit: 1 })
})

test('either column must be a number', () => {
  const { columns } = struct({ flag: boolean(), x: double() })
  const refusal = (pair: object) => () => compileAggregates({ c: pair } as never, columns)
  const because = (call: string, place: number) =>
    `Cannot resolve "${call}" due to data type mismatch: Parameter ${place} requires the "DOUBLE" type, however "flag"`
  expect(refusal(corr('flag', 'x'))).toThrow(because('corr(flag, x)', 1))
  expect(refusal(covarPop('x', 'flag'))).toThrow(because('covar_pop(x, flag)', 2))
})

test('kept sums of another form are refused', () => {
  for (const kept of ['[[1,"0"],[],[],[],[],[],[]]', '[[1,"0",0,0,"1","1",0,0,"1"],1,1,1,1,1,1]']) {
    expect(() => aggregation.decode(kept)).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
  }
})
