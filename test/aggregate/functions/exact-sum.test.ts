import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import {
  addTo,
  decodeSum,
  type ExactSum,
  emptySum,
  encodeSum,
  roundedSum,
  writeSum,
} from '../../../lib/aggregate/functions/exact-sum.ts'
import { TextWriter } from '../../../lib/text-writer.ts'

const summed = (terms: readonly number[]): ExactSum => {
  const sum = emptySum()
  for (const term of terms) addTo(sum, term)
  return sum
}
const sumOf = (terms: readonly number[]): number => roundedSum(summed(terms))

/** A finite double as a fraction over 2^1074, by its decimal-free hexadecimal digits: another way than the code's. */
function numerator(value: number): bigint {
  let scaled = value
  let twos = 0n
  while (!Number.isInteger(scaled)) {
    // Doubling is exact: a value that is not whole is far below the greatest double.
    scaled *= 2
    twos += 1n
  }
  return BigInt(scaled) * 2n ** (1074n - twos)
}

/** The neighbouring doubles of a finite double. */
function neighbours(value: number): readonly [number, number] {
  const bytes = new DataView(new ArrayBuffer(8))
  const move = (from: number, by: bigint): number => {
    if (from === 0) return by > 0n ? Number.MIN_VALUE : -Number.MIN_VALUE
    bytes.setFloat64(0, from)
    bytes.setBigInt64(0, bytes.getBigInt64(0) + (from > 0 ? by : -by))
    return bytes.getFloat64(0)
  }
  return [move(value, -1n), move(value, 1n)]
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value)
const numeratorOfGreatest = numerator(Number.MAX_VALUE)
/** Half a step above the greatest double: from here on a sum rounds to infinity. */
const numeratorOfInfinity = numeratorOfGreatest + 2n ** (970n + 1074n)

/** Says whether `rounded` is the double nearest to the exact sum, ties to the even one; compares with its neighbours. */
function isNearest(rounded: number, terms: readonly number[]): boolean {
  const exact = terms.reduce((total, term) => total + numerator(term), 0n)
  if (!Number.isFinite(rounded)) return magnitude(exact) >= numeratorOfInfinity && rounded > 0 === exact > 0n
  if (magnitude(exact) > numeratorOfGreatest) {
    return magnitude(exact) < numeratorOfInfinity && Math.abs(rounded) === Number.MAX_VALUE
  }
  const distance = magnitude(exact - numerator(rounded))
  const isEven = numerator(rounded) % (2n * step(rounded)) === 0n
  return neighbours(rounded)
    .filter(Number.isFinite)
    .every((neighbour) => {
      const other = magnitude(exact - numerator(neighbour))
      return distance < other || (distance === other && isEven)
    })
}

/** The distance from one double to the next of its size, over 2^1074. */
const step = (value: number): bigint => {
  const next = neighbours(Math.abs(value))[1]
  return Number.isFinite(next) ? numerator(next) - numerator(Math.abs(value)) : 2n ** (971n + 1074n)
}

const anyFinite = fc.double({ noNaN: true, noDefaultInfinity: true })
const price = fc.double({ min: 0.01, max: 10_000, noNaN: true })
const nearTheEnds = fc.constantFrom(
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  1e308,
  -1e308,
  2 ** 1022,
  -(2 ** 1022),
  2 ** 970,
  -(2 ** 969),
  2 ** 1023,
  -(2 ** 1023),
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  1,
  -1,
  2 ** 53,
  0.1,
  -0,
)
const terms = fc.oneof(
  fc.array(price, { maxLength: 60 }),
  fc.array(anyFinite, { maxLength: 40 }),
  fc.array(nearTheEnds, { maxLength: 20 }),
  fc.array(fc.oneof(anyFinite, nearTheEnds, price), { maxLength: 40 }),
  fc.array(anyFinite, { maxLength: 10 }).map((some) => [...some, ...some.map((term) => -term), 5e-324]),
)
const notFinite = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)

describe('a sum of doubles', () => {
  test.each<[string, readonly number[], number]>([
    ['of nothing is 0', [], 0],
    ['of nothing but -0.0 is 0.0, as in Spark', [-0, -0], 0],
    ['keeps what is lost by adding one by one', [1e16, 1, -1e16], 1],
    ['is rounded once', [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1], 1],
    ['may leave the doubles on its way', [1e308, 1e308, -1e308], 1e308],
    [
      'may leave the doubles by terms that are not the greatest',
      [2 ** 1022, 2 ** 1022, 2 ** 1022, 2 ** 1022, -(2 ** 1022)],
      1.5 * 2 ** 1023,
    ],
    ['is infinite where it ends beyond the doubles', [1e308, 1e308], Number.POSITIVE_INFINITY],
    ['stays at the greatest double below half a step more', [Number.MAX_VALUE, 2 ** 969], Number.MAX_VALUE],
    ['is infinite from half a step more', [Number.MAX_VALUE, 2 ** 970], Number.POSITIVE_INFINITY],
    ['keeps the smallest doubles', [5e-324, 5e-324, 1, -1], 1e-323],
    ['goes by what is far below a tie', [2 ** 53, 1, 5e-324], 2 ** 53 + 2],
    ['rounds a tie to even', [2 ** 53, 1], 2 ** 53],
    ['of a huge term and its opposites leaves the small', [2 ** 970, -(2 ** 969), -(2 ** 969), 5e-324], 5e-324],
    ['with a NaN is NaN', [1, Number.NaN, Number.POSITIVE_INFINITY], Number.NaN],
    ['with an infinity is infinite', [1e308, Number.NEGATIVE_INFINITY, 1e308, 1e308], Number.NEGATIVE_INFINITY],
    ['with both infinities is NaN', [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], Number.NaN],
  ])('%s', (_, values, expected) => {
    expect(sumOf(values)).toBe(expected)
    expect(sumOf(values.toReversed())).toBe(expected)
  })

  property.prop([terms], { numRuns: 500 })('is the double nearest to the exact sum', (values) => {
    expect(isNearest(sumOf(values), values)).toBe(true)
  })

  property.prop([terms, fc.array(notFinite, { maxLength: 2 }), fc.infiniteStream(fc.nat()), fc.nat()], {
    numRuns: 500,
  })('has one encoded form and one value for any order and any split', (finite, others, random, cut) => {
    const values = [...finite, ...others]
    const shuffled = values
      .map((term) => [random.next().value ?? 0, term] as const)
      .sort(([left], [right]) => left - right)
      .map(([, term]) => term)
    const at = values.length === 0 ? 0 : cut % values.length
    const firstPart = summed(shuffled.slice(0, at))
    const wholeInParts = decodeSum(JSON.parse(JSON.stringify(encodeSum(firstPart))))
    for (const term of shuffled.slice(at)) addTo(wholeInParts, term)

    const whole = summed(values)
    expect(encodeSum(wholeInParts)).toEqual(encodeSum(whole))
    expect(roundedSum(wholeInParts)).toBe(roundedSum(whole))
  })

  property.prop([terms], { numRuns: 500 })('comes back from its encoded form exactly', (values) => {
    const encoded = encodeSum(summed(values))
    const again = decodeSum(JSON.parse(JSON.stringify(encoded)))
    expect(encodeSum(again)).toEqual(encoded)
    const out = new TextWriter()
    writeSum(summed(values), out)
    expect(out.finish()).toBe(JSON.stringify(encoded))
    // Exactly: what is left after taking every term off again is nothing.
    for (const term of values) addTo(again, -term)
    expect(encodeSum(again)).toEqual([[0], 0])
  })

  test('is short in its usual encoded form', () => {
    expect(encodeSum(summed([150.31, 151.01]))).toEqual([[301.32], 0])
    expect(encodeSum(summed([0.1, 0.2]))[0]).toHaveLength(2)
    expect(encodeSum(summed([1, 2, Number.NaN]))).toEqual([[3], 1])
  })

  test('does not take what is no encoded sum', () => {
    for (const wrong of [null, 1, [], [[0]], [['x'], 0], [0, 0]]) {
      expect(() => decodeSum(wrong)).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
    }
  })
})
