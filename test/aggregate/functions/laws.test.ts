import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { compileAggregates } from '../../../lib/aggregate/aggregation.ts'
import type { Aggregates } from '../../../lib/aggregate/functions/aggregate.ts'
import { bitAnd, bitOr, bitXor, boolAnd, boolOr, countIf } from '../../../lib/aggregate/functions/conditions.ts'
import { anyValue, first, last, minBy } from '../../../lib/aggregate/functions/selected-row.ts'
import {
  corr,
  covarPop,
  covarSamp,
  regrCount,
  regrIntercept,
  regrR2,
  regrSlope,
} from '../../../lib/aggregate/functions/statistics/relation.ts'
import {
  kurtosis,
  skewness,
  stddevPop,
  stddevSamp,
  varPop,
  varSamp,
} from '../../../lib/aggregate/functions/statistics/spread.ts'
import { collectList } from '../../../lib/aggregate/functions/values/collected.ts'
import { collectSet, mode, sumDistinct } from '../../../lib/aggregate/functions/values/different.ts'
import { median, percentile, percentileApprox } from '../../../lib/aggregate/functions/values/percentiles.ts'
import { TooManyValues } from '../../../lib/aggregate/functions/values/share.ts'
import { keepTheLaws } from '../laws.ts'
import { inPartition, Row } from '../row.ts'

const everything: Aggregates<Row> = {
  sd: stddevSamp('price'),
  sdPop: stddevPop((row) => (row.price === null ? null : row.price * row.lots)),
  spread: varSamp('volume'),
  spreadPop: varPop('price'),
  lean: skewness('price'),
  tails: kurtosis('volume'),
  together: covarPop('price', 'volume'),
  togetherSamp: covarSamp('price', (row) => row.lots),
  correlation: corr('volume', 'lots'),
  pairs: regrCount('price', 'volume'),
  slope: regrSlope('price', 'volume'),
  at0: regrIntercept('price', 'volume'),
  fit: regrR2('volume', 'lots'),
  flags: countIf('flag'),
  large: countIf((row) => row.lots > 0),
  all: boolAnd('flag'),
  any: boolOr((row) => row.flag),
  common: bitAnd('volume'),
  bits: bitOr('lots'),
  parity: bitXor('volume'),
  opening: first('price', { ignoreNulls: true }),
  closing: last('text', { ignoreNulls: true }),
  some: anyValue('bytes'),
  someText: anyValue('text', { ignoreNulls: true }),
  open: minBy('text', 'price'),
  list: collectList('text'),
  listOfFunction: collectList((row) => row.price),
  set: collectSet('bytes'),
  prices: collectSet('price'),
  usual: mode('text'),
  usualPrice: mode('price'),
  fees: sumDistinct('price'),
  middle: median('price'),
  quarters: percentile('volume', [0, 0.25, 0.75, 1]),
  about: percentileApprox('price', 0.5),
  aboutMany: percentileApprox('at', [0.1, 0.9], 16),
}

describe('the same rows', () => keepTheLaws(everything))

describe('a group without room', () => {
  // So many that each has room for two values, and forty bytes.
  const crowded: Aggregates<Row> = Object.fromEntries(
    Array.from({ length: 5_000 }, (_, i) => [`a${i}`, collectList('price')]),
  )
  const few = ['list', 'set', 'usual', 'fees', 'middle'] as const
  const aggregation = compileAggregates<Row>(
    {
      ...crowded,
      list: collectList('text'),
      set: collectSet('text'),
      usual: mode('text'),
      fees: sumDistinct('volume'),
      middle: median('volume'),
    },
    Row.columns,
  )
  const stateOf = (accumulators: unknown[]): unknown => JSON.parse(aggregation.encode(accumulators)).slice(-few.length)
  const rowsOf = (values: readonly number[]) =>
    inPartition(
      0,
      values.map((value) => ({ price: null, text: `text ${value}`, volume: value * 1_000 })),
    )

  property.prop([fc.array(fc.nat(40), { minLength: 1, maxLength: 60 }), fc.nat(60)], { numRuns: 8 })(
    'keeps the same, in whatever order and parts its rows come',
    (values, cut) => {
      const rows = rowsOf(values)
      const whole = stateOf(aggregation.fold(aggregation.init(), rows))
      expect(stateOf(aggregation.fold(aggregation.init(), rows.toReversed()))).toEqual(whole)
      const [left, right] = [rows.slice(0, cut), rows.slice(cut)].map((part) =>
        aggregation.decode(aggregation.encode(aggregation.fold(aggregation.init(), part))),
      )
      expect(stateOf(aggregation.merge(left ?? [], right ?? []))).toEqual(whole)
    },
  )

  test('gives no result of what it could not keep, and says which aggregate that is', () => {
    const wide = (aggregates: Aggregates<Row>) => {
      const one = compileAggregates<Row>(aggregates, Row.columns)
      const rows = Array.from({ length: 10_001 }, (_, i) => ({ volume: i, text: `${i}` }))
      const kept = one.encode(one.fold(one.init(), inPartition(0, rows)))
      expect(kept.length).toBeLessThan(10)
      return () => one.results(one.decode(kept))
    }
    expect(wide({ x: collectList('volume') })).toThrow(TooManyValues)
    expect(wide({ x: collectSet('text') })).toThrow('collectSet(text): the group has more values than the 10000')
    expect(wide({ x: mode('volume') })).toThrow('mode(volume)')
    expect(wide({ x: sumDistinct('volume') })).toThrow('sumDistinct(volume)')
  })
})
