import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { binaryType } from '../../lib/types/binary.ts'
import { booleanType } from '../../lib/types/boolean.ts'
import type { ColumnType } from '../../lib/types/column-type.ts'
import { doubleType } from '../../lib/types/double.ts'
import { intType, longType } from '../../lib/types/integers.ts'
import { parseList } from '../../lib/types/kept-value.ts'
import { stringType } from '../../lib/types/string.ts'
import { timestampRangeMs, timestampType } from '../../lib/types/timestamp.ts'

/** Any sequence of UTF-16 units, also such that are no text. */
const anyUnits = fc
  .array(fc.oneof(fc.integer({ min: 0xd700, max: 0xe100 }), fc.integer({ min: 0, max: 0xffff })))
  .map((units) => String.fromCharCode(...units))

/** Values of each type, chosen to be hard. */
const valuesOf: readonly (readonly [ColumnType, fc.Arbitrary<unknown>])[] = [
  [
    stringType as ColumnType,
    fc.oneof(fc.string({ unit: 'binary' }), anyUnits, fc.constantFrom('', 'null', '"', '\\', 'NaN')),
  ],
  [
    doubleType as ColumnType,
    fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324)),
  ],
  [longType as ColumnType, fc.maxSafeInteger()],
  [intType as ColumnType, fc.integer()],
  [booleanType as ColumnType, fc.boolean()],
  [timestampType as ColumnType, fc.integer(timestampRangeMs)],
  [binaryType as ColumnType, fc.uint8Array().map((bytes) => Buffer.from(bytes))],
]

describe.each(valuesOf)('the values of $kind', (type, values) => {
  const { compare, encode, decode, canonical, isPrimitive } = type.domain

  property.prop([values])('come back from JSON as they were', (value) => {
    const again = decode(JSON.parse(JSON.stringify(encode(value))))
    expect(Buffer.isBuffer(value) ? value.equals(again as Buffer) : Object.is(again, value)).toBe(true)
  })

  property.prop([values, values, values])('are in one order', (a, b, c) => {
    expect(Math.sign(compare(a, b))).toBe(0 - Math.sign(compare(b, a)))
    expect(compare(a, a)).toBe(0)
    if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0)
  })

  property.prop([values, values])('are equal exactly where their canonical forms are the same', (a, b) => {
    expect(encode(canonical(a)) === encode(canonical(b))).toBe(compare(a, b) === 0)
    expect(compare(canonical(a), a)).toBe(0)
    if (isPrimitive) expect(new Set([canonical(a), canonical(b)]).size === 1).toBe(compare(a, b) === 0)
  })

  property.prop([values])('are held as they are', (value) => {
    expect(type.hold(value)).toEqual(value === 0 && type.json.isWhole ? 0 : value)
  })

  test('do not come from what is none', () => {
    for (const wrong of [null, undefined, [], {}, type.kind === 'boolean' ? 1 : true]) {
      expect(() => decode(wrong)).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
    }
  })
})

describe('what code gives is held to its type: taken where it is exact, else refused', () => {
  const date = new Date(1_767_623_400_000)
  const wholeNumbers: readonly (readonly [unknown, unknown])[] = [
    [1998, 1998],
    [-0, 0],
    [20n, 20],
    [19.99 * 100, undefined],
    ['20', undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [true, undefined],
    [date, undefined],
    [2n ** 53n, undefined],
    [2 ** 53, undefined],
    [{}, undefined],
    [new Number(3), undefined],
  ]
  test.each(wholeNumbers)('a long: %o', (given, held) => {
    expect(longType.hold(given)).toBe(held)
  })
  test('an int is one of 32 bits', () => {
    expect([2 ** 31 - 1, 2 ** 31, -(2 ** 31), 5n].map(intType.hold)).toEqual([2 ** 31 - 1, undefined, -(2 ** 31), 5])
  })
  test('a double is every number, and a bigint that it has exactly', () => {
    const held = [0.5, Number.NaN, 2n ** 60n, 2n ** 60n + 1n, '99.5', date].map(doubleType.hold)
    expect(held).toEqual([0.5, Number.NaN, 2 ** 60, undefined, undefined, undefined])
  })
  test('a timestamp is milliseconds, a Date, or a bigint of them; no fraction, no text, no time outside the calendar', () => {
    const ms = 1_767_623_400_000
    expect([ms, date, BigInt(ms)].map(timestampType.hold)).toEqual([ms, ms, ms])
    const none = [
      ms + 0.25,
      `${ms}`,
      date.toISOString(),
      new Date(Number.NaN),
      Number.NaN,
      ms * 1000,
      ms * 1e6,
      BigInt(ms) * 1_000_000n,
    ]
    expect(none.map(timestampType.hold)).toEqual(none.map(() => undefined))
  })
  test('bytes are those of any Uint8Array', () => {
    expect(binaryType.hold(new Uint8Array([1, 2]))).toEqual(Buffer.from([1, 2]))
    expect(['AQI=', [1, 2], new ArrayBuffer(2)].map(binaryType.hold)).toEqual([undefined, undefined, undefined])
  })
  test('a string is no other value that has a text, and a boolean nothing that only counts as one', () => {
    expect([1, Buffer.from('a'), new String('a'), null].map(stringType.hold)).toEqual(Array(4).fill(undefined))
    expect([0, 1, 'true', null].map(booleanType.hold)).toEqual(Array(4).fill(undefined))
  })
})

describe('the order of Spark', () => {
  test('puts NaN above all numbers, equal to itself, and takes the zeros for one', () => {
    const { compare } = doubleType.domain
    expect(compare(Number.NaN, Number.POSITIVE_INFINITY)).toBeGreaterThan(0)
    expect(compare(Number.NEGATIVE_INFINITY, Number.NaN)).toBeLessThan(0)
    expect(compare(Number.NaN, Number.NaN)).toBe(0)
    expect(compare(-0, 0)).toBe(0)
  })

  property.prop([fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })])(
    'is for text that of its UTF-8 bytes',
    (left, right) => {
      expect(Math.sign(stringType.domain.compare(left, right))).toBe(
        Buffer.compare(Buffer.from(left), Buffer.from(right)),
      )
    },
  )

  test('puts a code point beyond 16 bits above one below', () => {
    expect('😀' < '｡').toBe(true)
    expect(stringType.domain.compare('😀', '｡')).toBeGreaterThan(0)
  })

  test('is for bytes without sign, the shorter first', () => {
    const { compare } = binaryType.domain
    expect(compare(Buffer.from([0x80]), Buffer.from([0x7f]))).toBeGreaterThan(0)
    expect(compare(Buffer.from([1]), Buffer.from([1, 0]))).toBeLessThan(0)
  })
})

test('text that is no JSON array is refused as state', () => {
  for (const wrong of ['', '[', '{}', 'null', '1']) {
    expect(() => parseList(wrong)).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
  }
})
