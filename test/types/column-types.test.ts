import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { binaryType } from '../../lib/types/binary.ts'
import { booleanType } from '../../lib/types/boolean.ts'
import { type Column, column } from '../../lib/types/column.ts'
import type { ColumnType } from '../../lib/types/column-type.ts'
import { doubleType } from '../../lib/types/double.ts'
import { byteType, intType, longType, shortType } from '../../lib/types/integers.ts'
import { parseList } from '../../lib/types/kept-value.ts'
import { arrayType } from '../../lib/types/nested/array.ts'
import { mapType } from '../../lib/types/nested/map.ts'
import { structType } from '../../lib/types/nested/struct.ts'
import { bigintType } from '../../lib/types/numbers/bigint.ts'
import { decimalType } from '../../lib/types/numbers/decimal.ts'
import { Decimal } from '../../lib/types/numbers/decimal-value.ts'
import { floatType } from '../../lib/types/numbers/float.ts'
import { oneOfType } from '../../lib/types/one-of.ts'
import { stringType } from '../../lib/types/string.ts'
import { dateType } from '../../lib/types/times/date.ts'
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
  [shortType() as ColumnType, fc.integer({ min: -32_768, max: 32_767 })],
  [byteType() as ColumnType, fc.integer({ min: -128, max: 127 })],
  [floatType as ColumnType, fc.float()],
  [bigintType as ColumnType, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [
    decimalType(20, 3) as ColumnType,
    fc.bigInt({ min: 1n - 10n ** 20n, max: 10n ** 20n - 1n }).map((unscaled) => new Decimal(unscaled, 3)),
  ],
  [
    dateType as ColumnType,
    fc
      .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
      .map((day) => day.toISOString().slice(0, 10)),
  ],
  [oneOfType(['buy', 'sell']) as ColumnType, fc.constantFrom('buy', 'sell')],
  [
    arrayType(column(doubleType).nullable()) as ColumnType,
    fc.array(fc.option(fc.oneof(fc.double(), fc.constantFrom(0, -0))), { maxLength: 4 }),
  ],
  [
    structType(
      new Map<string, Column<unknown>>([
        ['n', column(intType)],
        ['s', column(stringType).nullable()],
        ['l', column(arrayType(column(booleanType)))],
      ]),
    ) as ColumnType,
    fc.record({
      n: fc.integer({ min: 0, max: 2 }),
      s: fc.option(fc.constantFrom('a', 'b')),
      l: fc.array(fc.boolean(), { maxLength: 2 }),
    }),
  ],
]

const quantities = mapType(column(decimalType(6, 2)).nullable())

describe.each(valuesOf)('the values of $name', (type, values) => {
  const { compare, encode, decode, canonical, isPrimitive } = type.domain

  property.prop([values])('come back from JSON as they were', (value) => {
    const again = decode(JSON.parse(JSON.stringify(encode(value))))
    if (typeof value === 'object') expect(again).toEqual(value)
    else expect(again).toBe(value)
  })

  property.prop([values, values, values])('are in one order', (a, b, c) => {
    expect(Math.sign(compare(a, b))).toBe(0 - Math.sign(compare(b, a)))
    expect(compare(a, a)).toBe(0)
    if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0)
  })

  property.prop([values, values])('are equal exactly where their canonical forms are the same', (a, b) => {
    expect(JSON.stringify(encode(canonical(a))) === JSON.stringify(encode(canonical(b)))).toBe(compare(a, b) === 0)
    expect(compare(canonical(a), a)).toBe(0)
    if (isPrimitive) expect(new Set([canonical(a), canonical(b)]).size === 1).toBe(compare(a, b) === 0)
  })

  property.prop([values])('are held as they are', (value) => {
    expect(type.hold(value)).toEqual(value === 0 && type.json.isWhole ? 0 : value)
  })

  test('do not come from what is none', () => {
    const others = type.kind === 'array' ? [] : [[]]
    for (const wrong of [null, undefined, {}, type.kind === 'boolean' ? 1 : true, ...others]) {
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

describe('what code gives for lists, maps, objects and exact numbers', () => {
  const held = (type: ColumnType<unknown>, values: readonly unknown[]): readonly unknown[] => values.map(type.hold)
  test('a decimal is a Decimal, a number or a text of one, if no digit is lost', () => {
    const texts = held(decimalType(6, 2) as ColumnType, [Decimal.of('1.5'), 19.99, '7', 3n, '1.500']).map(String)
    expect(texts).toEqual(['1.50', '19.99', '7.00', '3.00', '1.50'])
    expect(held(decimalType(6, 2) as ColumnType, [1.005, 0.1 + 0.2, 10_000, 'x', Number.NaN, {}])).toEqual(
      Array(6).fill(undefined),
    )
  })
  test('a bigint is one of 64 bits, or a number that is exact', () => {
    expect(held(bigintType as ColumnType, [5, 2n ** 63n - 1n, 2n ** 63n, 2 ** 53, 1.5, '1'])).toEqual([
      ...[5n, 2n ** 63n - 1n, undefined, undefined, undefined, undefined],
    ])
  })
  test('a date is its text, or a Date at midnight', () => {
    const days = ['2026-01-05', new Date('2026-01-05T00:00:00Z'), new Date('2026-01-05T01:00:00Z'), '2026-1-5', 20458]
    expect(held(dateType as ColumnType, days)).toEqual(['2026-01-05', '2026-01-05', undefined, undefined, undefined])
  })
  test('a list, a map and an object are held part by part', () => {
    expect(held(arrayType(column(longType)) as ColumnType, [[1, 2n], [1.5], [null], 'ab', { 0: 1 }])).toEqual([
      ...[[1, 2], undefined, undefined, undefined, undefined],
    ])
    expect(
      held(quantities as ColumnType, [new Map([['a', 1]]), { b: null }, new Map([[1, 1]]), [], new Date(0)]),
    ).toEqual([...[new Map([['a', new Decimal(100n, 2)]]), new Map([['b', null]]), undefined, undefined, undefined]])
    const point = structType(new Map<string, Column<unknown>>([['x', column(intType)]]))
    expect(held(point as ColumnType, [{ x: 1, y: 2 }, {}, { x: 'a' }, [1], null])).toEqual([
      ...[{ x: 1 }, undefined, undefined, undefined, undefined],
    ])
  })
  test('a map comes back from state in its order, and has no order among maps', () => {
    const { encode, decode, isOrderable } = quantities.domain
    const given = new Map([
      ['b', Decimal.of('1.50')],
      ['a', null],
    ])
    expect([...decode(JSON.parse(JSON.stringify(encode(given))))]).toEqual([...given])
    expect([isOrderable, arrayType(column(quantities as ColumnType)).domain.isOrderable]).toEqual([false, false])
    for (const wrong of [null, {}, [1], [['a']], [[1, null]]]) {
      expect(() => decode(wrong)).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
    }
  })
  test('they print no more than is wanted of them', () => {
    const long = arrayType(column(stringType))
    expect(long.print(Array(1e5).fill('x'.repeat(1000)), 20).length).toBeLessThan(2100)
    expect(quantities.print(new Map([['k', Decimal.of('1.5').round(2)]]), 99)).toBe('{k -> 1.50}')
  })
})

describe('the order of Spark', () => {
  test('is for lists element by element, nulls first, the shorter first', () => {
    const { compare } = arrayType(column(intType).nullable()).domain
    const inOrder = [[], [null], [null, 1], [1], [1, 2], [2]]
    for (let i = 1; i < inOrder.length; i += 1) expect(compare(inOrder[i - 1] ?? [], inOrder[i] ?? [])).toBeLessThan(0)
  })

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
