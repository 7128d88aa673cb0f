// The laws of aggregates as properties over rows that are hard to aggregate: whatever the order of the rows, and however they are cut
// into batches and parts, the encoded state is the same, bit by bit.

import { fc, test as property } from '@fast-check/vitest'
import { expect } from 'vitest'
import { compileAggregates } from '../../lib/aggregate/aggregation.ts'
import type { Aggregates } from '../../lib/aggregate/functions/aggregate.ts'
import type { LocatedRow } from '../../lib/event/located-row.ts'
import { located, Row } from './row.ts'

const nullable = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: null, freq: 5 })
const hardRow: fc.Arbitrary<Row> = fc.record({
  text: nullable(fc.oneof(fc.constantFrom('a', 'b', '😀', '｡', ''), fc.string({ unit: 'binary' }))),
  price: nullable(
    fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e308, -1e308, 0.1, 150.31)),
  ),
  volume: nullable(fc.integer({ min: -1_000_000, max: 1_000_000 })),
  lots: fc.integer({ min: -3, max: 3 }),
  at: nullable(fc.integer({ min: 0, max: 3 })),
  flag: nullable(fc.boolean()),
  bytes: nullable(fc.uint8Array({ maxLength: 2 }).map((bytes) => Buffer.from(bytes))),
})
const hardRows: fc.Arbitrary<LocatedRow<Row>[]> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 2 }), hardRow), { minLength: 1, maxLength: 30 })
  .map((entries) => entries.map(([partition, row], offset) => located(row, partition, offset)))

/** Tests that the same rows, however they come, give the same state and the same results. */
export function keepTheLaws(everything: Aggregates<Row>): void {
  const aggregation = compileAggregates<Row>(everything, Row.columns)

  const scenario = hardRows.chain((rows) =>
    fc.record({
      rows: fc.constant(rows),
      permuted: fc.shuffledSubarray(rows, { minLength: rows.length }),
      cuts: fc.array(fc.integer({ min: 0, max: rows.length }), { maxLength: 4 }),
    }),
  )

  property.prop([scenario], { numRuns: 500 })(
    'in any order and any split give the same state and the same results',
    ({ rows, permuted, cuts }) => {
      const whole = aggregation.fold(aggregation.init(), rows)
      const bounds = [0, ...cuts.toSorted((left, right) => left - right), permuted.length]
      let kept = aggregation.encode(aggregation.init())
      for (const [i, end] of bounds.slice(1).entries()) {
        kept = aggregation.encode(aggregation.fold(aggregation.decode(kept), permuted.slice(bounds[i], end)))
      }

      expect(kept).toBe(aggregation.encode(whole))
      expect(aggregation.results(aggregation.decode(kept))).toEqual(aggregation.results(whole))
    },
  )

  property.prop([scenario], { numRuns: 500 })(
    'in any parts that are merged, kept or not, give the same state and the same results',
    ({ rows, permuted, cuts }) => {
      const bounds = [0, ...cuts.toSorted((left, right) => left - right), permuted.length]
      const parts = bounds.slice(1).map((end, i) => permuted.slice(bounds[i], end))
      const fold = (part: readonly LocatedRow<Row>[]) => aggregation.fold(aggregation.init(), part)
      const keep = (accumulators: unknown[]) => aggregation.decode(aggregation.encode(accumulators))
      const whole = aggregation.encode(fold(rows))

      expect(aggregation.encode(parts.map(fold).reduce(aggregation.merge))).toBe(whole)
      expect(aggregation.encode(parts.map(fold).reduceRight((right, left) => aggregation.merge(left, right)))).toBe(
        whole,
      )
      const kept = parts.map((part) => keep(fold(part))).reduce((left, right) => keep(aggregation.merge(left, right)))
      expect(aggregation.encode(kept)).toBe(whole)
      expect(aggregation.results(kept)).toEqual(aggregation.results(fold(rows)))
      // Rows may follow a merge, and a part without rows changes nothing.
      const twice = aggregation.fold(aggregation.merge(fold(rows), aggregation.init()), rows)
      expect(aggregation.encode(twice)).toBe(aggregation.encode(fold([...rows, ...rows])))
    },
  )

  for (const [name, aggregate] of Object.entries(everything)) {
    const one = compileAggregates<Row>({ [name]: aggregate }, Row.columns)
    property.prop([hardRows])(`folded one by one, backwards, through state, agree for ${name}`, (rows) => {
      let kept = one.encode(one.init())
      for (const placed of rows.toReversed()) kept = one.encode(one.fold(one.decode(kept), [placed]))
      expect(kept).toBe(one.encode(one.fold(one.init(), rows)))
    })
  }
}
