// The market that the producer reports: price and volume are pure functions of (seed, symbol, second), so a tick can be
// computed again at any time, by anyone, and is the same. Only + - * / and integer hashing: equal on every machine.

import type { Tick } from './tick.ts'

interface Listing {
  readonly symbol: string
  /** US dollars, around which the price moves. */
  readonly basePrice: number
  /** Shares a second, on a usual second. */
  readonly baseVolume: number
}

/** In the order in which `SYMBOLS=n` takes them. */
export const listings: readonly Listing[] = [
  { symbol: 'AAPL', basePrice: 150.5, baseVolume: 1000 },
  { symbol: 'GOOGL', basePrice: 140.25, baseVolume: 700 },
  { symbol: 'MSFT', basePrice: 370, baseVolume: 600 },
  { symbol: 'AMZN', basePrice: 145.75, baseVolume: 900 },
  { symbol: 'TSLA', basePrice: 240, baseVolume: 1500 },
]

/**
 * The tick of one symbol in one second.
 *
 * @param second seconds since 1970; the tick's timestamp is its first millisecond
 * @example tickAt(42, listings[0], 1_767_623_400) // { symbol: 'AAPL', price: 150.93, volume: 1112, timestamp: … }
 */
export function tickAt(seed: number, { symbol, basePrice, baseVolume }: Listing, second: number): Tick {
  const stream = hash(seed, ...symbol.split('').map((character) => character.charCodeAt(0)))
  return {
    symbol,
    price: Math.round(basePrice * (1 + drift(stream, second)) * 100) / 100,
    volume: 1 + Math.floor(baseVolume * burst(stream, second)),
    timestamp: second * 1000,
  }
}

/** The ticks of one second, one a symbol. @example ticksAt(42, 2, 1_767_623_400).map((tick) => tick.symbol) // AAPL, GOOGL */
export const ticksAt = (seed: number, symbols: number, second: number): readonly Tick[] =>
  listings.slice(0, symbols).map((listing) => tickAt(seed, listing, second))

/**
 * The last `count` ticks up to a second, oldest first.
 * @throws RangeError unless count is an integer from 1 to 1,000,000
 */
export function lastTicks(seed: number, symbols: number, second: number, count: number): readonly Tick[] {
  if (!Number.isInteger(count) || count < 1 || count > 1_000_000) {
    throw new RangeError(`{ "ticks": ${count} }: expected an integer from 1 to 1,000,000.`)
  }
  const seconds = Math.ceil(count / symbols)
  const ticks = Array.from({ length: seconds }, (_, i) => ticksAt(seed, symbols, second - seconds + 1 + i)).flat()
  return ticks.slice(-count)
}

/** Periods in seconds, each with its share of the movement: a slow tide under minutes under a tremble. */
const octaves = [
  { periodS: 7200, share: 0.02 },
  { periodS: 900, share: 0.008 },
  { periodS: 120, share: 0.003 },
  { periodS: 15, share: 0.001 },
  { periodS: 3, share: 0.0004 },
] as const

/** How far the price is from its base, as a fraction: value noise, so it is continuous and never runs away. */
function drift(stream: number, second: number): number {
  return octaves.reduce((sum, { periodS, share }) => sum + share * noise(stream, periodS, second), 0)
}

/** Smooth noise from -1 to 1: random at every multiple of the period, eased in between. */
function noise(stream: number, periodS: number, second: number): number {
  const knot = Math.floor(second / periodS)
  const x = second / periodS - knot
  const from = fraction(stream, periodS, knot) * 2 - 1
  const to = fraction(stream, periodS, knot + 1) * 2 - 1
  return from + (to - from) * x * x * (3 - 2 * x)
}

/** Most seconds trade less than the base volume, a few much more. */
function burst(stream: number, second: number): number {
  const calm = 0.3 + 0.7 * fraction(stream, 0, second)
  const rare = fraction(stream, 1, second)
  return calm * (1 + 4 * rare * rare * rare * rare) * (1 + 0.5 * noise(stream, 600, second))
}

/** A number in [0, 1) that belongs to these integers. */
const fraction = (...integers: readonly number[]): number => hash(...integers) / 0x1_0000_0000

/** An unsigned 32-bit hash of some integers: murmur3's mixing steps, over both halves of each. */
function hash(...integers: readonly number[]): number {
  let h = 0x9747b28c
  for (const integer of integers) {
    for (const half of [integer >>> 0, Math.floor(integer / 0x1_0000_0000) >>> 0]) {
      h ^= Math.imul(Math.imul(half, 0xcc9e2d51) ^ (half >>> 15), 0x1b873593)
      h = Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64
    }
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
