// A sum of doubles that does not depend on the order or the grouping of its terms: it is kept exactly and rounded once,
// when read. The usual case costs two error-free additions per term (Knuth's TwoSum); what does not fit two doubles goes
// into a BigInt, which is slow and rare. Its encoded form depends on the exact value alone.

import type { TextWriter } from '../../text-writer.ts'
import { decodeList, decodeNumber } from '../../types/kept-value.ts'

/** Mutable. The exact sum of the finite terms is `high + low + far * 2^-1074`. */
export interface ExactSum {
  high: number
  low: number
  far: bigint
  /** Terms that are not finite, as a set of the `seen…` bits. */
  notFinite: number
}

/** `[rounded]`, `[rounded, rest]` or the whole value in hexadecimal units of 2^-1074; then the `notFinite` bits. */
export type EncodedSum = readonly [sum: readonly number[] | string, notFinite: number]

const seenNaN = 1
const seenInfinity = 2
const seenMinusInfinity = 4

/** Below this, fewer than 2^53 terms cannot overflow `high`. */
const farFrom = 2 ** 970
/** The exponent of the smallest double: every double is a whole number of 2^-1074. */
const unitExponent = -1074

const double = new Float64Array(1)
const bits = new BigUint64Array(double.buffer)

/** A finite double in units of 2^-1074. */
function unitsOf(value: number): bigint {
  double[0] = Math.abs(value)
  const pattern = bits[0] ?? 0n
  const exponent = pattern >> 52n
  const fraction = pattern & 0xf_ffff_ffff_ffffn
  const units = exponent === 0n ? fraction : (fraction | 0x10_0000_0000_0000n) << (exponent - 1n)
  return value < 0 ? -units : units
}

/** The nearest double, ties to even, from units of 2^-1074. */
function roundUnits(units: bigint): number {
  const magnitude = units < 0n ? -units : units
  // Number(bigint) rounds to nearest, ties to even; it reaches 2^1024, so larger values are shortened first, with one
  // sticky bit for what was cut off.
  const excess = magnitude.toString(16).length * 4 - 1000
  let rounded: number
  if (excess <= 0) {
    rounded = Number(magnitude) * 2 ** unitExponent
  } else {
    const shift = BigInt(excess)
    const kept = magnitude >> shift
    rounded = Number(kept << shift === magnitude ? kept : kept | 1n) * 2 ** (excess + unitExponent)
  }
  return units < 0n ? -rounded : rounded
}

/** @example const sum = emptySum(); addTo(sum, 0.1); addTo(sum, 0.2); roundedSum(sum) // 0.30000000000000004 */
export const emptySum = (): ExactSum => ({ high: 0, low: 0, far: 0n, notFinite: 0 })

/** Adds a term in place. Fewer than 2^53 terms are assumed. */
export function addTo(sum: ExactSum, term: number): void {
  if (!(Math.abs(term) < farFrom)) {
    if (Number.isNaN(term)) sum.notFinite |= seenNaN
    else if (term === Number.POSITIVE_INFINITY) sum.notFinite |= seenInfinity
    else if (term === Number.NEGATIVE_INFINITY) sum.notFinite |= seenMinusInfinity
    else sum.far += unitsOf(term)
    return
  }
  const high = sum.high + term
  const added = high - sum.high
  const lost = sum.high - (high - added) + (term - added)
  sum.high = high
  if (lost === 0) return
  const low = sum.low + lost
  const addedLow = low - sum.low
  const lostLow = sum.low - (low - addedLow) + (lost - addedLow)
  sum.low = low
  if (lostLow !== 0) sum.far += unitsOf(lostLow)
}

/** Adds the terms of another sum in place. */
export function addSum(sum: ExactSum, other: ExactSum): void {
  addTo(sum, other.high)
  addTo(sum, other.low)
  sum.far += other.far
  sum.notFinite |= other.notFinite
}

const exactUnits = (sum: ExactSum): bigint => unitsOf(sum.high) + unitsOf(sum.low) + sum.far

/**
 * The sum, rounded once to the nearest double. NaN where a term was NaN or both infinities were there; Infinity where the
 * exact sum is beyond the doubles, but not where only a partial sum was. A sum of nothing but -0.0 is 0.0, as Spark's.
 */
export function roundedSum(sum: ExactSum): number {
  if (sum.notFinite !== 0) {
    if (sum.notFinite === seenInfinity) return Number.POSITIVE_INFINITY
    if (sum.notFinite === seenMinusInfinity) return Number.NEGATIVE_INFINITY
    return Number.NaN
  }
  return sum.far === 0n ? sum.high + sum.low : roundUnits(exactUnits(sum))
}

/** JSON-safe, and equal for equal sums whatever the way they were built. */
export function encodeSum(sum: ExactSum): EncodedSum {
  if (sum.far === 0n) {
    const rounded = sum.high + sum.low
    const added = rounded - sum.high
    const rest = sum.high - (rounded - added) + (sum.low - added)
    return [rest === 0 ? [rounded] : [rounded, rest], sum.notFinite]
  }
  const units = exactUnits(sum)
  const rounded = roundUnits(units)
  if (!Number.isFinite(rounded)) return [units.toString(16), sum.notFinite]
  const restUnits = units - unitsOf(rounded)
  if (restUnits === 0n) return [[rounded], sum.notFinite]
  const rest = roundUnits(restUnits)
  return [unitsOf(rest) === restUnits ? [rounded, rest] : units.toString(16), sum.notFinite]
}

/** Writes `encodeSum` as JSON, at once where the sum is a single double, which is the usual case of every group of a batch. */
export function writeSum(sum: ExactSum, out: TextWriter): void {
  if (sum.far === 0n) {
    const rounded = sum.high + sum.low
    const added = rounded - sum.high
    const rest = sum.high - (rounded - added) + (sum.low - added)
    if (rest === 0) {
      out.text('[[')
      out.number(rounded)
      if (sum.notFinite === 0) out.text('],0]')
      else out.text(`],${sum.notFinite}]`)
      return
    }
  }
  out.text(JSON.stringify(encodeSum(sum)))
}

/** The inverse of `encodeSum`. @throws MicrobatchError STATE_INCOMPATIBLE for what it never gives */
export function decodeSum(encoded: unknown): ExactSum {
  const [value, notFinite] = decodeList(encoded)
  const sum = { ...emptySum(), notFinite: decodeNumber(notFinite) }
  if (typeof value !== 'string') for (const part of decodeList(value)) addTo(sum, decodeNumber(part))
  else sum.far = value.startsWith('-') ? -BigInt(`0x${value.slice(1)}`) : BigInt(`0x${value}`)
  return sum
}
