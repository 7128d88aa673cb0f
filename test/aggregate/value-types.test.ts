// The types of the aggregates that a query brings along, checked by tsc through `agg` itself: what they give, and what they do not
// take.

import { expectTypeOf, test } from 'vitest'
import {
  anyValue,
  array,
  bigint,
  bitOr,
  boolAnd,
  boolean,
  boolOr,
  collectList,
  collectSet,
  corr,
  countIf,
  covarPop,
  type Decimal,
  decimal,
  double,
  first,
  last,
  long,
  map,
  median,
  mode,
  percentile,
  percentileApprox,
  regrCount,
  skewness,
  stddev,
  stddevPop,
  stream,
  string,
  struct,
  sumDistinct,
  timestamp,
  varPop,
} from '../../lib/index.ts'

const Trade = struct({
  symbol: string(),
  venue: string().nullable(),
  price: double(),
  fee: double().nullable(),
  volume: long(),
  cost: decimal(10, 2),
  id: bigint(),
  at: timestamp(),
  isLast: boolean(),
  isPaid: boolean().nullable(),
  fills: array(double()),
  tags: map(string()),
})
const trades = stream('types').rows(Trade).groupBy()

/** The row of a stream, in the types only. */
const rowOf = <Row>(_: { readonly runBatch: (rows: never) => readonly Row[] }) =>
  ({}) as { readonly [Name in keyof Row]: Row[Name] }

test('statistics are doubles: a sample may be of one row, a population is null where its column may be', () => {
  const row = trades.agg({
    ...{ sd: stddev('price'), pop: stddevPop('price'), fees: varPop('fee'), lean: skewness('cost') },
    ...{ fn: stddevPop((t) => t.price * 2), nullable: varPop((t) => t.fee) },
    ...{ corr: corr('price', 'volume'), together: covarPop('price', 'id'), apart: covarPop('price', 'fee') },
    ...{ byFunction: covarPop((t) => t.price, 'volume'), pairs: regrCount('price', 'fee') },
  })
  expectTypeOf(rowOf(row)).toEqualTypeOf<{
    readonly sd: number | null
    readonly pop: number
    readonly fees: number | null
    readonly lean: number | null
    readonly fn: number
    readonly nullable: number | null
    readonly corr: number | null
    readonly together: number
    readonly apart: number | null
    readonly byFunction: number
    readonly pairs: number
  }>()
})

test('percentiles are doubles, approximate ones elements; of a list they are a list', () => {
  const row = trades.agg({
    ...{ middle: median('cost'), fee: percentile('fee', 0.9), many: percentile('price', [0.1, 0.9]) },
    ...{
      cost: percentileApprox('cost', 0.5),
      at: percentileApprox('at', 0.5, 100),
      ids: percentileApprox('id', [0.5]),
    },
    ...{ fees: percentileApprox('fee', [0.5]), fn: percentileApprox((t) => t.price, 0.5) },
  })
  expectTypeOf(rowOf(row)).toEqualTypeOf<{
    readonly middle: number
    readonly fee: number | null
    readonly many: readonly number[]
    readonly cost: Decimal
    readonly at: number
    readonly ids: readonly bigint[]
    readonly fees: readonly number[] | null
    readonly fn: number
  }>()
})

test('values have the type of their column, and lists no nulls', () => {
  const row = trades.agg({
    ...{
      list: collectList('venue'),
      prices: collectList((t) => t.fee),
      set: collectSet('id'),
      tags: collectList('tags'),
    },
    ...{
      usual: mode('venue'),
      venue: first('venue', { ignoreNulls: true }),
      symbol: last('symbol', { ignoreNulls: true }),
    },
    ...{ any: anyValue('fills'), anyVenue: anyValue('venue', { ignoreNulls: true }) },
    ...{ fees: sumDistinct('fee'), costs: sumDistinct('cost'), bits: bitOr('id'), flags: bitOr('volume') },
  })
  expectTypeOf(rowOf(row)).toEqualTypeOf<{
    readonly list: readonly string[]
    readonly prices: readonly number[]
    readonly set: readonly bigint[]
    readonly tags: readonly ReadonlyMap<string, string>[]
    readonly usual: string | null
    readonly venue: string | null
    readonly symbol: string
    readonly any: readonly number[]
    readonly anyVenue: string | null
    readonly fees: number | null
    readonly costs: Decimal | null
    readonly bits: bigint
    readonly flags: number
  }>()
})

test('conditions are counts or booleans', () => {
  const row = trades.agg({
    ...{
      n: countIf('isPaid'),
      large: countIf((t) => t.volume > 1_000),
      all: boolAnd('isLast'),
      paid: boolOr('isPaid'),
    },
    ...{ cheap: boolAnd((t) => t.price < 10), free: boolOr((t) => (t.fee === null ? null : t.fee === 0)) },
  })
  expectTypeOf(rowOf(row)).toEqualTypeOf<{
    readonly n: number
    readonly large: number
    readonly all: boolean
    readonly paid: boolean | null
    readonly cheap: boolean
    readonly free: boolean | null
  }>()
})

test('what cannot be does not compile', () => {
  const no = () => [
    // @ts-expect-error a deviation of text
    trades.agg({ x: stddev('symbol') }),
    // @ts-expect-error a column that does not exist
    trades.agg({ x: varPop('nope') }),
    // @ts-expect-error a correlation with text
    trades.agg({ x: corr('price', 'symbol') }),
    // @ts-expect-error a percentile of booleans
    trades.agg({ x: percentile('isLast', 0.5) }),
    // @ts-expect-error no percentage
    trades.agg({ x: percentile('price') }),
    // @ts-expect-error a condition of numbers
    trades.agg({ x: countIf('price') }),
    // @ts-expect-error a function that gives a number
    trades.agg({ x: boolAnd((t) => t.price) }),
    // @ts-expect-error the bits of text
    trades.agg({ x: bitOr('symbol') }),
    // @ts-expect-error a map has no order
    trades.agg({ x: collectSet('tags') }),
    // @ts-expect-error a column that does not exist
    trades.agg({ x: collectList('nope') }),
    // @ts-expect-error a sum of text
    trades.agg({ x: sumDistinct('symbol') }),
    // @ts-expect-error ignoreNulls is true or left out
    trades.agg({ x: first('venue', { ignoreNulls: 1 }) }),
  ]
  expectTypeOf(no).toBeFunction()
})
