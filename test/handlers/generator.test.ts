import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { lastTicks, listings, tickAt, ticksAt } from '../../handlers/ticks/generator.ts'
import { Tick } from '../../handlers/ticks/tick.ts'
import { json } from '../../lib/index.ts'
import { aRecord } from '../builders.ts'

const second = 1_767_623_400
const [apple, alphabet] = listings
if (apple === undefined || alphabet === undefined) throw new Error('AAPL and GOOGL are listed first')
const anySecond = fc.integer({ min: 1_500_000_000, max: 2_500_000_000 })

test('each second has one tick a symbol, AAPL and GOOGL first', () => {
  expect(ticksAt(42, 2, second).map(({ symbol, timestamp }) => [symbol, timestamp])).toEqual([
    ['AAPL', second * 1000],
    ['GOOGL', second * 1000],
  ])
  expect(ticksAt(42, 5, second)).toHaveLength(5)
})

test('the same second, symbol and seed always give this tick', () => {
  expect(tickAt(42, apple, second)).toEqual(tickAt(42, apple, second))
  expect(ticksAt(42, 2, second)).toMatchInlineSnapshot(`
    [
      {
        "price": 149.42,
        "symbol": "AAPL",
        "timestamp": 1767623400000,
        "volume": 238,
      },
      {
        "price": 141.4,
        "symbol": "GOOGL",
        "timestamp": 1767623400000,
        "volume": 266,
      },
    ]
  `)
})

test('another seed is another market, and symbols move on their own', () => {
  const prices = (seed: number, listing: typeof apple) =>
    Array.from({ length: 50 }, (_, i) => tickAt(seed, listing, second + i * 60).price / listing.basePrice)
  expect(prices(42, apple)).not.toEqual(prices(43, apple))
  expect(prices(42, apple)).not.toEqual(prices(42, alphabet))
})

describe('prices are lifelike', () => {
  property.prop([fc.integer(), fc.constantFrom(...listings), anySecond])(
    'within 4 % of the base, to the cent, moving less than 0.3 % a second, and a tick decodes',
    (seed, listing, at) => {
      const tick = tickAt(seed, listing, at)
      expect(Math.abs(tick.price / listing.basePrice - 1)).toBeLessThan(0.04)
      expect(Math.round(tick.price * 100) / 100).toBe(tick.price)
      expect(Math.abs(tickAt(seed, listing, at + 1).price / tick.price - 1)).toBeLessThan(0.003)
      expect(tick.volume).toBeGreaterThan(0)
      expect(json(Tick).decode(aRecord({ value: tick }))).toEqual({ kind: 'row', row: tick })
    },
  )

  test('they do move, and volumes vary', () => {
    const minute = Array.from({ length: 60 }, (_, i) => tickAt(42, apple, second + i))
    expect(new Set(minute.map(({ price }) => price)).size).toBeGreaterThan(10)
    expect(new Set(minute.map(({ volume }) => volume)).size).toBeGreaterThan(40)
  })
})

describe('a burst', () => {
  test('is the last n ticks up to a second, oldest first', () => {
    expect(lastTicks(42, 2, second, 3)).toEqual([...ticksAt(42, 2, second - 1).slice(1), ...ticksAt(42, 2, second)])
  })
  test.each([0, -1, 1.5, 1_000_001, Number.NaN])('refuses %d ticks', (count) => {
    expect(() => lastTicks(42, 2, second, count)).toThrow('from 1 to 1,000,000')
  })
})
