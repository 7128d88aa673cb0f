import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { compileAggregates } from '../../../lib/aggregate/aggregation.ts'
import type { Aggregates } from '../../../lib/aggregate/functions/aggregate.ts'
import { avg, countDistinct, max, min, sum } from '../../../lib/aggregate/functions/built-in.ts'
import { first, last, maxBy } from '../../../lib/aggregate/functions/selected-row.ts'
import { groupKey } from '../../../lib/aggregate/group-key.ts'
import { array, bigint, byte, decimal, float, map } from '../../../lib/decode/columns.ts'
import { type Column, type Infer, int, struct } from '../../../lib/decode/schema.ts'
import type { LocatedRow } from '../../../lib/event/located-row.ts'
import { Decimal } from '../../../lib/types/numbers/decimal-value.ts'

const Trade = struct({
  price: decimal(4, 2).nullable(),
  id: bigint().nullable(),
  list: array(decimal(4, 2)),
  tags: map(int()),
  point: struct({ x: int().nullable() }),
})
type Trade = Infer<typeof Trade>

const decimals = fc.bigInt({ min: -9999n, max: 9999n }).map((unscaled) => new Decimal(unscaled, 2))
const trades: fc.Arbitrary<Trade> = fc.record({
  price: fc.option(decimals),
  id: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  list: fc.array(decimals, { maxLength: 2 }),
  tags: fc.dictionary(fc.constantFrom('a', 'b'), fc.integer()).map((tags) => new Map(Object.entries(tags))),
  point: fc.record({ x: fc.option(fc.integer({ min: 0, max: 1 })) }),
})
const located = (rows: readonly Trade[]): readonly LocatedRow<Trade>[] =>
  rows.map((row, offset) => ({ row, at: { topic: 't', partition: 0, offset, timestamp: 0, timestampType: 0 } }))

const aggregation = compileAggregates<Trade>(
  {
    ...{ sumPrice: sum('price'), avgPrice: avg('price'), sumId: sum('id'), avgId: avg('id') },
    ...{ low: min('list'), high: max('point'), opening: first('tags'), closing: last('tags') },
    ...{ latest: maxBy('tags', 'id'), lists: countDistinct('list'), prices: countDistinct('price') },
  },
  Trade.columns,
)

property.prop([fc.array(trades, { minLength: 1, maxLength: 20 }), fc.nat()])(
  'rows of any type give the same in any order and in any parts, kept or not',
  (rows, seed) => {
    const all = located(rows)
    const whole = aggregation.fold(aggregation.init(), all)
    const turned = [...all.slice(seed % all.length), ...all.slice(0, seed % all.length)].reverse()
    const cut = seed % (all.length + 1)
    const kept = aggregation.decode(aggregation.encode(aggregation.fold(aggregation.init(), turned.slice(0, cut))))
    const parts = aggregation.merge(kept, aggregation.fold(aggregation.init(), turned.slice(cut)))
    expect(aggregation.encode(parts)).toBe(aggregation.encode(whole))
    expect(aggregation.results(parts)).toEqual(aggregation.results(whole))
    const total = rows.reduce((units, { price }) => units + (price?.unscaled ?? 0n), 0n)
    const { sumPrice, prices } = aggregation.results(whole)
    const given = rows.flatMap(({ price }) => (price === null ? [] : [price.toString()]))
    expect(sumPrice).toEqual(given.length === 0 ? null : new Decimal(total, 2))
    expect(prices).toBe(new Set(given).size)
  },
)

describe('totals that their type cannot hold', () => {
  const results = <Value>(v: Column<Value>, values: readonly Value[]) => {
    const { columns } = struct({ v })
    // The types of sum and avg are for a row that is known: here it is of any column.
    const aggregates = { sum: sum('v'), avg: avg('v') } as unknown as Aggregates<{ readonly v: Value }>
    const aggregation = compileAggregates(aggregates, columns)
    const rows = values.map((value, offset) => ({
      row: { v: value },
      at: { topic: 't', partition: 0, offset, timestamp: 0, timestampType: 0 as const },
    }))
    return aggregation.results(aggregation.fold(aggregation.init(), rows))
  }
  const id = bigint()
  test('are null beyond 64 bits; a mean of bigints is a double', () => {
    const most = 2n ** 63n - 1n
    expect(results(id, [most, -1n])).toEqual({ sum: 2n ** 63n - 2n, avg: 2 ** 62 })
    expect(results(id, [most, 1n])).toEqual({ sum: null, avg: 2 ** 62 })
    expect(results(id, [1n, most, -5n]).sum).toBeNull()
  })
  test('a mean that its digits cannot hold is null beside a sum that is not', () => {
    const most = new Decimal(10n ** 38n - 1n, 2)
    expect(results(decimal(38, 2), [most])).toEqual({ sum: most, avg: null })
  })
  test('small integers add up to longs, floats to doubles', () => {
    expect(results(byte(), [127, 127])).toEqual({ sum: 254, avg: 127 })
    expect(results(float(), [0.5, 2 ** 60])).toEqual({ sum: 2 ** 60, avg: 2 ** 59 })
  })
})

describe('a map has no order', () => {
  const columns = Trade.columns
  test.each([
    ['min', { v: { kind: 'min', argument: 'tags' } }],
    ['max_by', { v: { kind: 'maxBy', argument: 'id', by: 'tags' } }],
    ['countDistinct', { v: countDistinct('tags') }],
  ] as const)('%s is refused in the words of Spark', (name, aggregates) => {
    const build = () =>
      compileAggregates(aggregates as unknown as Parameters<typeof compileAggregates<Trade>>[0], columns)
    expect(build).toThrow(`The "${name}" does not support ordering on type "MAP<STRING, INT>".`)
  })
  test('and it is no key', () => {
    expect(() => groupKey<Trade>(['tags'], columns)).toThrow(
      'The expression "tags" cannot be used as a grouping expression because its data type "MAP<STRING, INT>" is not an orderable data type.',
    )
  })
})
