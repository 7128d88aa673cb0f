import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import type { Argument } from '../../../lib/aggregate/aggregator.ts'
import { approxCountDistinct, countDistinct } from '../../../lib/aggregate/functions/built-in.ts'
import { approxCountDistinctAggregator, countDistinctAggregator } from '../../../lib/aggregate/functions/distinct.ts'
import { emptyRegisters, estimate, note } from '../../../lib/aggregate/functions/hyper-log-log.ts'
import { type Column, double, string } from '../../../lib/decode/schema.ts'
import { located, resultOfRows } from '../row.ts'

const argumentOf = (column: Column<unknown>): Argument<unknown> => ({ text: 'v', column, read: (row) => row })
const rowOf = (value: unknown) => located(value, 0, 0)

/** Kept after each value, as it is between batches. */
function countOf(aggregator: ReturnType<typeof exactly>, values: readonly unknown[]) {
  let accumulator = aggregator.init()
  for (const value of values) accumulator = aggregator.add(accumulator, rowOf(value))
  return {
    n: aggregator.result(accumulator) as number,
    text: JSON.stringify(aggregator.encode(accumulator)),
    accumulator,
  }
}
const exactly = (counts: number, column: Column<unknown> = string()) =>
  countDistinctAggregator(argumentOf(column), counts)

describe('countDistinct', () => {
  test('is exact up to 10,000 values of a group, whatever their lengths', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => `${'x'.repeat(i % 60)}${i}`)
    const { n, text } = countOf(exactly(1), [...values, ...values])
    expect(n).toBe(10_000)
    expect(text.length).toBeLessThan(280_000)
  })

  test('goes on with a sketch from there, and is 0.8 % off', () => {
    for (const count of [10_001, 40_000, 200_000]) {
      const { n, text } = countOf(
        exactly(1),
        Array.from({ length: count }, (_, i) => `3f2b8c1e-0000-4000-8000-${String(i).padStart(12, '0')}`),
      )
      expect(Math.abs(n / count - 1)).toBeLessThan(0.03)
      expect(text.length).toBe(16_384 + '{"registers":""}'.length)
    }
  })

  test('shares its values with the others of the query', () => {
    const values = Array.from({ length: 6_000 }, (_, i) => i)
    expect(countOf(exactly(1, double()), values).text).toContain('[0,1,10,')
    expect(countOf(exactly(2, double()), values).text).toContain('{"registers":')
  })

  property.prop([
    fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { maxLength: 40 }),
    fc.integer({ min: 500, max: 5_000 }),
    fc.array(fc.nat(40), { minLength: 1, maxLength: 4 }),
  ])('keeps the same whatever the order and the parts, exact or not', (values, counts, cuts) => {
    const aggregator = exactly(counts)
    const whole = countOf(aggregator, values)
    expect(countOf(aggregator, values.toReversed()).text).toBe(whole.text)
    let merged = aggregator.init()
    for (const [i, cut] of cuts.entries()) {
      const part = countOf(aggregator, values.slice(i === 0 ? 0 : cuts[i - 1], cut))
      merged = aggregator.merge(merged, aggregator.decode(JSON.parse(part.text)))
    }
    merged = aggregator.merge(countOf(aggregator, values).accumulator, merged)
    expect(JSON.stringify(aggregator.encode(merged))).toBe(whole.text)
    if (new Set(values).size <= 10_000 / counts) expect(whole.n).toBe(new Set(values).size)
  })

  test('takes over what was kept before values had digests', () => {
    const long = 'a text of more than twenty-two characters'
    const aggregator = exactly(1)
    const kept = aggregator.decode(['short', long])
    expect(aggregator.result(aggregator.add(aggregator.add(kept, rowOf(long)), rowOf('new')))).toBe(3)
  })

  test.each([[['a', ['b', 'c']]], [{ registers: 'A' }], [{ registers: '~'.repeat(16_384) }], [{}], ['text'], [[[7]]]])(
    'refuses %j as kept state',
    (encoded) => {
      expect(() => exactly(1).decode(encoded)).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
    },
  )
})

describe('approxCountDistinct', () => {
  const kinds: readonly (readonly [string, (i: number) => string | number])[] = [
    ['whole numbers', (i) => i],
    ['fractions', (i) => i / 7],
    ['large numbers', (i) => i * 4096 + 2 ** 40],
    ['numbered texts', (i) => `user-${i}`],
    [
      'identifiers',
      (i) => `3f2b8c1e-${String(i % 10_000).padStart(4, '0')}-4000-8000-${i.toString(16).padStart(12, '0')}`,
    ],
    ['words', (i) => i.toString(36)],
  ]
  test.each(kinds)('is within its error for %s, from one to a million', (_, numbered) => {
    const errors: number[] = []
    for (const p of [9, 12]) {
      const registers = emptyRegisters(p)
      for (let i = 0; i < 1_000_000; i += 1) {
        note(registers, numbered(i))
        const n = i + 1
        if (![1, 2, 10, 100, 1_000, 10_000, 100_000, 1_000_000].includes(n)) continue
        const sigmas = (estimate(registers) / n - 1) / (1.04 / Math.sqrt(2 ** p))
        expect(Math.abs(sigmas), `${n} values, p ${p}`).toBeLessThan(4)
        errors.push(sigmas)
      }
    }
    const rms = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length)
    expect(rms).toBeLessThan(1.6)
  })

  test('leaves nulls out, and takes equal values for one', () => {
    const rows = [{ price: 0 }, { price: -0 }, { price: null }, { price: Number.NaN }, { price: Number.NaN }]
    expect(resultOfRows({ n: approxCountDistinct('price'), exact: countDistinct('price') }, rows)).toEqual({
      n: 2,
      exact: 2,
    })
    expect(resultOfRows({ n: approxCountDistinct('text') }, [{ text: null }])).toEqual({ n: 0 })
  })

  test('of another precision is another state, and one that cannot be is refused', () => {
    const of = (rsd: number) => approxCountDistinctAggregator(argumentOf(string()), rsd)
    expect([0.39, 0.05, 0.01, 0.005].map((rsd) => of(rsd).version)).toEqual([4, 9, 14, 16])
    for (const rsd of [0, 0.4, -1, Number.NaN, 0.004]) expect(() => of(rsd)).toThrow('give one from 0.005 to 0.39')
    expect(() => of(0.05).decode('A'.repeat(1024))).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
  })
})
