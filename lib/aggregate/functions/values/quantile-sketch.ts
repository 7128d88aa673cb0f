// How the numbers of a column are distributed, in a bounded number of buckets: exact as long as there are no more different values
// than buckets, and from there on near values share one. A bucket has all doubles that begin with the same bits, so its width is
// relative to its values; as many of the last bits are dropped as it takes. How many these are, and so the whole sketch, depends on
// the values alone, and on no order or parts of them (unlike the sketches that compress as they go, Spark's among them).

import type { Domain } from '../../../types/column-type.ts'
import { decodeList, decodeNumber } from '../../../types/kept-value.ts'
import { toDouble } from '../statistics/numeric-argument.ts'

export interface Bucket {
  /** The greatest value in it. */
  value: unknown
  count: number
}

/** Mutable. */
export interface QuantileSketch {
  /** How many bits are dropped; 0 while every value has a bucket of its own. */
  dropped: number
  /** By the double that its values begin like. */
  buckets: Map<number, Bucket>
}

/** All but the sign, and the first bit of the exponent: there is never reason to drop more. */
const maxDropped = 62

export const emptySketch = (): QuantileSketch => ({ dropped: 0, buckets: new Map() })

/** Adds a value, as often as it says, and widens the buckets where there are more than `most`. */
export function note(
  sketch: QuantileSketch,
  value: unknown,
  count: number,
  domain: Domain<unknown>,
  most: number,
): void {
  put(sketch.buckets, keyOf(value, sketch.dropped), value, count, domain)
  while (sketch.buckets.size > most && sketch.dropped < maxDropped) widen(sketch, sketch.dropped + 1, domain)
}

/** The sketch of the values of both, in `left`. */
export function unite(left: QuantileSketch, right: QuantileSketch, domain: Domain<unknown>, most: number): void {
  if (right.dropped > left.dropped) widen(left, right.dropped, domain)
  for (const { value, count } of right.buckets.values()) note(left, value, count, domain, most)
}

/** In the order of their values. */
export const inOrder = ({ buckets }: QuantileSketch): readonly Bucket[] =>
  [...buckets].sort(([left], [right]) => compareKeys(left, right)).map(([, bucket]) => bucket)

/** NaN is above all numbers. */
const compareKeys = (left: number, right: number): number =>
  left < right ? -1 : left > right ? 1 : Number(Number.isNaN(left)) - Number(Number.isNaN(right))

export const encodeSketch = (sketch: QuantileSketch, { encode }: Domain<unknown>) => [
  sketch.dropped,
  ...inOrder(sketch).flatMap(({ value, count }) => [encode(value), count]),
]

/** @throws MicrobatchError STATE_INCOMPATIBLE for what `encodeSketch` never gives */
export function decodeSketch(encoded: unknown, domain: Domain<unknown>): QuantileSketch {
  const [dropped, ...items] = decodeList(encoded)
  const sketch: QuantileSketch = { dropped: decodeNumber(dropped), buckets: new Map() }
  for (let i = 0; i < items.length; i += 2) {
    const value = domain.decode(items[i])
    sketch.buckets.set(keyOf(value, sketch.dropped), { value, count: decodeNumber(items[i + 1]) })
  }
  return sketch
}

function put(
  buckets: Map<number, Bucket>,
  key: number,
  value: unknown,
  count: number,
  { compare, canonical }: Domain<unknown>,
): void {
  const bucket = buckets.get(key)
  if (bucket === undefined) {
    buckets.set(key, { value: canonical(value), count })
    return
  }
  bucket.count += count
  if (compare(value, bucket.value) > 0) bucket.value = value
}

function widen(sketch: QuantileSketch, dropped: number, domain: Domain<unknown>): void {
  const buckets = new Map<number, Bucket>()
  for (const { value, count } of sketch.buckets.values()) put(buckets, keyOf(value, dropped), value, count, domain)
  sketch.dropped = dropped
  sketch.buckets = buckets
}

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)

/** The value as a double, without its last bits. Zeros are equal. */
function keyOf(value: unknown, dropped: number): number {
  const number = typeof value === 'number' ? value : toDouble(value)
  if (dropped === 0 || Number.isNaN(number)) return number
  double[0] = number
  words[0] = dropped >= 32 ? 0 : ((words[0] ?? 0) >>> dropped) << dropped
  if (dropped > 32) words[1] = ((words[1] ?? 0) >>> (dropped - 32)) << (dropped - 32)
  return double[0]
}
