// The types of aggregates, checked by tsc: what `agg` of a query over rows gives and what it does not take. Nothing of it
// runs but the building of plain values.

import { expectTypeOf, test } from 'vitest'
import type { AggregatedRow, Aggregates } from '../../lib/aggregate/functions/aggregate.ts'
import {
  approxCountDistinct,
  avg,
  count,
  countDistinct,
  max,
  min,
  sum,
} from '../../lib/aggregate/functions/built-in.ts'
import { first, last, maxBy, minBy } from '../../lib/aggregate/functions/selected-row.ts'
import { array, bigint, decimal, map } from '../../lib/decode/columns.ts'
import {
  binary,
  boolean,
  double,
  type Infer,
  long,
  type Schema,
  string,
  struct,
  timestamp,
} from '../../lib/decode/schema.ts'
import type { Decimal } from '../../lib/types/numbers/decimal-value.ts'

/** The part of a query that aggregates are typed through. */
interface Grouped<Row> {
  agg<A extends Aggregates<Row>>(aggregates: A): AggregatedRow<Row, A>
}
const grouped = <Row>(_: Schema<Row>): Grouped<Row> => ({
  agg: <A extends Aggregates<Row>>(aggregates: A) => aggregates as unknown as AggregatedRow<Row, A>,
})

const Tick = struct({
  symbol: string(),
  venue: string().nullable(),
  price: double(),
  volume: long(),
  fee: double().nullable(),
  timestamp: timestamp(),
  seenAt: timestamp().nullable(),
  isLast: boolean(),
  raw: binary(),
})
type Tick = Infer<typeof Tick>
const ticks = grouped(Tick)

test('the columns of the bars have their types', () => {
  const bar = ticks.agg({
    ticks: count(),
    open: minBy('price', 'timestamp'),
    high: max('price'),
    low: min('price'),
    close: maxBy('price', 'timestamp'),
    turnover: sum((t) => t.price * t.volume),
    volume: sum('volume'),
  })
  expectTypeOf(bar).toEqualTypeOf<{
    readonly ticks: number
    readonly open: number
    readonly high: number
    readonly low: number
    readonly close: number
    readonly turnover: number
    readonly volume: number
  }>()
})

test('a nullable argument gives a nullable result, but never a nullable count', () => {
  const row = ticks.agg({
    fees: sum('fee'),
    meanFee: avg('fee'),
    leastFee: min('fee'),
    firstFee: first('fee'),
    paid: count('fee'),
    venues: countDistinct('venue'),
    manyVenues: approxCountDistinct('venue', 0.02),
    counted: count((t) => t.venue),
    byFunction: sum((t) => (t.fee === null ? null : t.fee * 2)),
    atLeast: max((t) => t.fee ?? 0),
  })
  expectTypeOf(row).toEqualTypeOf<{
    readonly fees: number | null
    readonly meanFee: number | null
    readonly leastFee: number | null
    readonly firstFee: number | null
    readonly paid: number
    readonly venues: number
    readonly manyVenues: number
    readonly counted: number
    readonly byFunction: number | null
    readonly atLeast: number
  }>()
})

test('minBy and maxBy are null where the value may be, or where no row may have an order', () => {
  const row = ticks.agg({
    plain: minBy('symbol', 'timestamp'),
    value: maxBy('fee', 'timestamp'),
    order: minBy('symbol', 'seenAt'),
    functions: maxBy(
      (t) => t.price * 2,
      (t) => t.seenAt,
    ),
    functionOfValue: minBy((t) => t.fee, 'timestamp'),
    functionOfOrder: maxBy('symbol', (t) => t.price),
  })
  expectTypeOf(row).toEqualTypeOf<{
    readonly plain: string
    readonly value: number | null
    readonly order: string | null
    readonly functions: number | null
    readonly functionOfValue: number | null
    readonly functionOfOrder: string
  }>()
})

test('text, booleans and bytes are ordered and selected as what they are', () => {
  const row = ticks.agg({ text: max('symbol'), flag: min('isLast'), bytes: last('raw'), by: maxBy('raw', 'symbol') })
  expectTypeOf(row).toEqualTypeOf<{
    readonly text: string
    readonly flag: boolean
    readonly bytes: Buffer
    readonly by: Buffer
  }>()
})

test('the row of a function is typed by the rows of the query', () => {
  ticks.agg({
    total: sum((t) => {
      expectTypeOf(t).toEqualTypeOf<Tick>()
      return t.price
    }),
    by: minBy(
      (t) => {
        expectTypeOf(t).toEqualTypeOf<Tick>()
        return t.price
      },
      (t) => {
        expectTypeOf(t).toEqualTypeOf<Tick>()
        return t.timestamp
      },
    ),
    counted: count((t) => {
      expectTypeOf(t).toEqualTypeOf<Tick>()
      return t.venue
    }),
  })
})

test('what cannot be does not compile', () => {
  // @ts-expect-error a column that does not exist
  ticks.agg({ x: max('nope') })
  // @ts-expect-error a column that does not exist
  ticks.agg({ x: count('nope') })
  // @ts-expect-error a column that does not exist
  ticks.agg({ x: countDistinct('nope') })
  // @ts-expect-error a sum of text
  ticks.agg({ x: sum('symbol') })
  // @ts-expect-error a mean of text
  ticks.agg({ x: avg('symbol') })
  // @ts-expect-error a mean of text that may be null
  ticks.agg({ x: avg('venue') })
  // @ts-expect-error a sum of booleans
  ticks.agg({ x: sum('isLast') })
  // @ts-expect-error a value that does not exist
  ticks.agg({ x: minBy('nope', 'timestamp') })
  // @ts-expect-error an order that does not exist
  ticks.agg({ x: minBy('price', 'nope') })
  // @ts-expect-error a function of a column that does not exist
  ticks.agg({ x: sum((t) => t.nope) })
  // @ts-expect-error a function that gives text
  ticks.agg({ x: sum((t) => t.symbol) })
  // @ts-expect-error a function that gives nothing
  ticks.agg({ x: sum(() => undefined) })
  // @ts-expect-error a column in place of an aggregate
  ticks.agg({ x: 'price' })
})

test('columns of further types give results of their own types, and a map is no extreme', () => {
  const Trade = struct({
    price: decimal(10, 2),
    id: bigint(),
    fee: decimal(10, 2).nullable(),
    tags: map(string()),
    fills: array(double()),
    buyer: struct({ name: string() }).nullable(),
  })
  const trades = grouped(Trade)
  const row = trades.agg({
    total: sum('price'),
    mean: avg('fee'),
    ids: sum('id'),
    meanId: avg('id'),
    high: max('price'),
    tags: first('tags'),
    fills: max('fills'),
    buyer: maxBy('buyer', 'id'),
    prices: countDistinct('price'),
  })
  expectTypeOf(row).toEqualTypeOf<{
    readonly total: Decimal | null
    readonly mean: Decimal | null
    readonly ids: bigint | null
    readonly meanId: number
    readonly high: Decimal
    readonly tags: ReadonlyMap<string, string>
    readonly fills: readonly number[]
    readonly buyer: { readonly name: string } | null
    readonly prices: number
  }>()
  // @ts-expect-error a map has no order
  trades.agg({ tags: max('tags') })
  // @ts-expect-error a list cannot be summed
  trades.agg({ fills: sum('fills') })
})
