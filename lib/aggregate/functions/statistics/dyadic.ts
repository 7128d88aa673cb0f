// Doubles as whole numbers times a power of two, and the way back: what a statistic of doubles is computed in, so that it is exact
// until it is rounded once, and depends neither on the order nor on the parts of the rows.

import { incompatible } from '../../../types/kept-value.ts'

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)

/** The power of two of a finite double whose whole number is odd; 0 for every whole number. Never above 0. */
export function exponentOf(value: number): number {
  if (Number.isInteger(value)) return 0
  double[0] = value
  const [low = 0, high = 0] = words
  const zeros = low === 0 ? 32 + trailingZeros(high) : trailingZeros(low)
  const biased = (high >>> 20) & 0x7ff
  return Math.max(biased, 1) - 1075 + Math.min(zeros, 52)
}

const trailingZeros = (word: number): number => (word === 0 ? 32 : 31 - Math.clz32(word & -word))

/** A finite double as a whole number of `2^exponent`, which is no more than its own exponent. */
export function unitsOf(value: number, exponent: number): bigint {
  const scaled = exponent > -1000 ? value * 2 ** -exponent : Number.POSITIVE_INFINITY
  if (Number.isSafeInteger(scaled)) return BigInt(scaled)
  const own = exponentOf(value)
  // Twice, since one power of two does not reach the smallest doubles.
  const odd = own < -1000 ? value * 2 ** 1000 * 2 ** (-own - 1000) : value * 2 ** -own
  return BigInt(odd) << BigInt(own - exponent)
}

/** `numerator / denominator * 2^exponent`, rounded to the nearest double, ties to even. The denominator is above 0. */
export function rounded(numerator: bigint, denominator: bigint, exponent = 0): number {
  if (numerator === 0n) return 0
  const magnitude = numerator < 0n ? -numerator : numerator
  // A quotient of 64 bits at least, and one more that says whether anything is cut off.
  const shift = 68 + lengthOf(denominator) - lengthOf(magnitude)
  const [above, below] =
    shift >= 0 ? [magnitude << BigInt(shift), denominator] : [magnitude, denominator << BigInt(-shift)]
  const quotient = above / below
  const isExact = quotient * below === above
  const result = scaled(Number(isExact ? quotient : quotient | 1n), exponent - shift)
  return numerator < 0n ? -result : result
}

/** Bits, up to three too many. */
const lengthOf = (units: bigint): number => units.toString(16).length * 4

/** One power of two reaches no further than the doubles do. */
function scaled(value: number, exponent: number): number {
  let [result, left] = [value, exponent]
  for (; left > 1000; left -= 1000) result *= 2 ** 1000
  for (; left < -1000; left += 1000) result *= 2 ** -1000
  return result * 2 ** left
}

/** In hexadecimal: decimal digits of hundreds of bits are slow. @example encodeUnits(-31n) // '-1f' */
export const encodeUnits = (units: bigint): string => units.toString(16)

/** The inverse of `encodeUnits`. @throws MicrobatchError STATE_INCOMPATIBLE for what it never gives */
export function decodeUnits(encoded: unknown): bigint {
  if (typeof encoded !== 'string' || !/^-?[0-9a-f]+$/.test(encoded))
    throw incompatible(encoded, 'a sum in hexadecimals')
  return encoded.startsWith('-') ? -BigInt(`0x${encoded.slice(1)}`) : BigInt(`0x${encoded}`)
}
