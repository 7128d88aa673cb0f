import { describe, expect, test } from 'vitest'
import { compileAggregates } from '../../../lib/aggregate/aggregation.ts'
import {
  bitAnd,
  bitOr,
  bitXor,
  boolAnd,
  boolOr,
  countIf,
  every,
  some,
} from '../../../lib/aggregate/functions/conditions.ts'
import { bigint, byte } from '../../../lib/decode/columns.ts'
import { struct } from '../../../lib/decode/schema.ts'
import { located, Row, resultOfRows } from '../row.ts'

const { MAX_SAFE_INTEGER: greatest } = Number

describe('conditions', () => {
  const conditions = {
    n: countIf('flag'),
    ...{ all: boolAnd('flag'), any: boolOr('flag') },
    ...{ every: every((row: Row) => row.flag), some: some((row: Row) => row.flag) },
  }
  test.each([
    [[null, null], { n: 0, all: null, any: null, every: null, some: null }],
    [[true, null], { n: 1, all: true, any: true, every: true, some: true }],
    [[false, null], { n: 0, all: false, any: false, every: false, some: false }],
    [[true, false, true], { n: 2, all: false, any: true, every: false, some: true }],
  ])('over %j leave nulls out', (flags, expected) => {
    expect(
      resultOfRows(
        conditions,
        flags.map((flag) => ({ flag })),
      ),
    ).toEqual(expected)
  })

  test('take nothing but booleans, in the words of Spark', () => {
    const compile = (aggregate: object) => () => compileAggregates<Row>({ x: aggregate } as never, Row.columns)
    const because = (call: string) =>
      `Cannot resolve "${call}(lots)" due to data type mismatch: Parameter 1 requires the "BOOLEAN" type, however "lots" has the type "INT".`
    expect(compile(countIf('lots'))).toThrow(because('count_if'))
    expect(compile(every('lots'))).toThrow(because('every'))
    expect(() => resultOfRows({ x: countIf((() => 1) as never) }, [{}])).toThrow(
      'The function of x gave a number. A function of the row gives a boolean or null.',
    )
  })

  test('refuse kept state that is none of theirs', () => {
    expect(() => compileAggregates<Row>({ x: boolAnd('flag') }, Row.columns).decode('[1]')).toThrow(
      expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }),
    )
  })
})

describe('bits', () => {
  const bitsOf = (volumes: readonly (number | null)[]) =>
    resultOfRows(
      { and: bitAnd('volume'), or: bitOr('volume'), xor: bitXor('volume') },
      volumes.map((volume) => ({ volume })),
    )

  test('are those of the two’s complement', () => {
    expect(bitsOf([null])).toEqual({ and: null, or: null, xor: null })
    expect(bitsOf([6, null, 3])).toEqual({ and: 2, or: 7, xor: 5 })
    expect(bitsOf([5, 3, -1])).toEqual({ and: 1, or: -1, xor: -7 })
    expect(bitsOf([2 ** 40 + 1, 2 ** 40])).toEqual({ and: 2 ** 40, or: 2 ** 40 + 1, xor: 1 })
  })

  test('that a long of numbers cannot hold are null', () => {
    expect(bitsOf([-greatest, -greatest + 1])).toEqual({ and: null, or: -greatest + 2, xor: 3 })
  })

  test('have the type of their column', () => {
    const Flags = struct({ small: byte(), large: bigint() })
    const aggregation = compileAggregates<{ readonly small: number; readonly large: bigint }>(
      { small: bitOr('small'), large: bitXor('large') },
      Flags.columns,
    )
    expect([...aggregation.columns.values()].map(({ type }) => type.sparkName)).toEqual(['TINYINT', 'BIGINT'])
    const rows = [located({ small: -128, large: 2n ** 62n }, 0, 0), located({ small: 1, large: -1n }, 0, 1)]
    const kept = aggregation.encode(aggregation.fold(aggregation.init(), rows))
    expect(aggregation.results(aggregation.decode(kept))).toEqual({ small: -127, large: -(2n ** 62n) - 1n })
    expect(() => aggregation.decode('["1",7]')).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
  })

  test('are of whole numbers only', () => {
    expect(() => compileAggregates<Row>({ x: bitAnd('price') }, Row.columns)).toThrow(
      'Cannot resolve "bit_and(price)" due to data type mismatch: Parameter 1 requires the "INTEGRAL" type, however "price" has the type "DOUBLE".',
    )
  })
})
