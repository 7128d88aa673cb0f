import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { domainOf, parseList } from '../../lib/aggregate/value.ts'
import type { ColumnKind } from '../../lib/decode/schema.ts'

/** Any sequence of UTF-16 units, also such that are no text. */
const anyUnits = fc
  .array(fc.oneof(fc.integer({ min: 0xd700, max: 0xe100 }), fc.integer({ min: 0, max: 0xffff })))
  .map((units) => String.fromCharCode(...units))

/** Values of each kind, chosen to be hard. */
const valuesOf: Readonly<Record<ColumnKind, fc.Arbitrary<unknown>>> = {
  string: fc.oneof(fc.string({ unit: 'binary' }), anyUnits, fc.constantFrom('', 'null', '"', '\\', 'NaN')),
  double: fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324)),
  long: fc.maxSafeInteger(),
  int: fc.integer(),
  boolean: fc.boolean(),
  timestamp: fc.maxSafeInteger(),
  binary: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
}
const kinds: readonly ColumnKind[] = ['string', 'double', 'long', 'int', 'boolean', 'timestamp', 'binary']

describe.each(kinds)('the values of kind %s', (kind) => {
  const { compare, encode, decode, canonical } = domainOf(kind)
  const values = valuesOf[kind]

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
  })

  test('do not come from what is none', () => {
    for (const wrong of [null, undefined, [], {}, kind === 'boolean' ? 1 : true]) {
      expect(() => decode(wrong)).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
    }
  })
})

describe('the order of Spark', () => {
  test('puts NaN above all numbers, equal to itself, and takes the zeros for one', () => {
    const { compare } = domainOf('double')
    expect(compare(Number.NaN, Number.POSITIVE_INFINITY)).toBeGreaterThan(0)
    expect(compare(Number.NEGATIVE_INFINITY, Number.NaN)).toBeLessThan(0)
    expect(compare(Number.NaN, Number.NaN)).toBe(0)
    expect(compare(-0, 0)).toBe(0)
  })

  property.prop([fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })])(
    'is for text that of its UTF-8 bytes',
    (left, right) => {
      expect(Math.sign(domainOf('string').compare(left, right))).toBe(
        Buffer.compare(Buffer.from(left), Buffer.from(right)),
      )
    },
  )

  test('puts a code point beyond 16 bits above one below', () => {
    expect('😀' < '｡').toBe(true)
    expect(domainOf('string').compare('😀', '｡')).toBeGreaterThan(0)
  })

  test('is for bytes without sign, the shorter first', () => {
    const { compare } = domainOf('binary')
    expect(compare(Buffer.from([0x80]), Buffer.from([0x7f]))).toBeGreaterThan(0)
    expect(compare(Buffer.from([1]), Buffer.from([1, 0]))).toBeLessThan(0)
  })
})

test('text that is no JSON array is refused as state', () => {
  for (const wrong of ['', '[', '{}', 'null', '1']) {
    expect(() => parseList(wrong)).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
  }
})
