import { describe, expect, test } from 'vitest'
import { compileAggregates } from '../../../../lib/aggregate/aggregation.ts'
import { collectList } from '../../../../lib/aggregate/functions/values/collected.ts'
import { collectSet, mode, sumDistinct } from '../../../../lib/aggregate/functions/values/different.ts'
import { array, bigint, decimal, map } from '../../../../lib/decode/columns.ts'
import { double, type Infer, string, struct } from '../../../../lib/decode/schema.ts'
import { Decimal } from '../../../../lib/types/numbers/decimal-value.ts'
import { inPartition, located, Row, resultOf, resultOfRows } from '../../row.ts'

describe('collectList', () => {
  test('has the values of all rows, by partition and offset, without nulls', () => {
    const rows = [
      ...inPartition(1, [{ text: 'c' }, { text: null }, { text: 'a' }]),
      ...inPartition(0, [{ text: 'b' }, { text: 'a' }]),
    ]
    expect(resultOf({ list: collectList('text') }, rows)).toEqual({ list: ['b', 'a', 'c', 'a'] })
    expect(resultOfRows({ list: collectList('text') }, [{ text: null }])).toEqual({ list: [] })
  })

  test('takes a function, and leaves its nulls out', () => {
    const turnover = collectList((row: Row) => (row.price === null ? null : row.price * row.lots))
    expect(resultOfRows({ turnover }, [{ price: 2, lots: 3 }, { price: null }])).toEqual({ turnover: [6] })
  })
})

describe('collectSet', () => {
  test('has each value once, in the order of its type', () => {
    const rows = [{ price: 0 }, { price: 3 }, { price: -0 }, { price: Number.NaN }, { price: null }, { price: 3 }]
    expect(resultOfRows({ set: collectSet('price') }, rows)).toEqual({ set: [0, 3, Number.NaN] })
    expect(
      resultOfRows({ set: collectSet('bytes') }, [{ bytes: Buffer.from([2]) }, { bytes: Buffer.from([1]) }]),
    ).toEqual({ set: [Buffer.from([1]), Buffer.from([2])] })
  })
})

describe('mode', () => {
  test('is the most frequent value, of several the least', () => {
    expect(resultOfRows({ mode: mode('text') }, [{ text: 'b' }, { text: 'a' }, { text: 'b' }])).toEqual({ mode: 'b' })
    expect(resultOfRows({ mode: mode('price') }, [{ price: 3 }, { price: 1 }, { price: 3 }, { price: 1 }])).toEqual({
      mode: 1,
    })
    expect(resultOfRows({ mode: mode('price') }, [{ price: null }, { price: 1 }, { price: null }])).toEqual({ mode: 1 })
    expect(resultOfRows({ mode: mode('price') }, [{ price: null }])).toEqual({ mode: null })
  })
})

describe('sumDistinct', () => {
  test('adds each value once, exactly', () => {
    const rows = [{ price: 0.1 }, { price: 0.2 }, { price: 0.1 }, { price: null }, { price: 0.7 }]
    expect(resultOfRows({ sum: sumDistinct('price') }, rows)).toEqual({ sum: 1 })
    expect(resultOfRows({ sum: sumDistinct('price') }, [{ price: null }])).toEqual({ sum: null })
    expect(resultOfRows({ sum: sumDistinct((row) => row.lots) }, [{ lots: 5 }, { lots: 5 }, { lots: 3 }])).toEqual({
      sum: 8,
    })
  })
})

test('values of further types are kept as what they are, and results have Spark’s types', () => {
  const Trade = struct({
    price: decimal(10, 2),
    id: bigint(),
    fills: array(double()),
    buyer: struct({ name: string() }).nullable(),
  })
  const aggregation = compileAggregates<Infer<typeof Trade>>(
    {
      ...{
        prices: collectSet('price'),
        total: sumDistinct('price'),
        ids: sumDistinct('id'),
        lists: collectList('fills'),
      },
      ...{ usual: mode('fills'), buyers: collectSet('buyer'), buyer: mode('buyer') },
    },
    Trade.columns,
  )
  expect(Array.from(aggregation.columns.values(), ({ type }) => type.sparkName)).toEqual([
    ...['ARRAY<DECIMAL(10,2)>', 'DECIMAL(20,2)', 'BIGINT', 'ARRAY<ARRAY<DOUBLE>>', 'ARRAY<DOUBLE>'],
    ...['ARRAY<STRUCT<name: STRING>>', 'STRUCT<name: STRING>'],
  ])
  const rows = ['2.50', '1.00', '2.50'].map((price, i) =>
    located({ price: Decimal.of(price), id: BigInt(i % 2), fills: [1, i % 2], buyer: { name: `b${i % 2}` } }, 0, i),
  )
  const kept = aggregation.encode(aggregation.fold(aggregation.init(), rows))
  expect(aggregation.results(aggregation.decode(kept))).toEqual({
    prices: [Decimal.of('1.00'), Decimal.of('2.50')],
    total: Decimal.of('3.50'),
    ids: 1n,
    lists: [
      [1, 0],
      [1, 1],
      [1, 0],
    ],
    usual: [1, 0],
    buyers: [{ name: 'b0' }, { name: 'b1' }],
    buyer: { name: 'b0' },
  })
})

test('a map is in a list, but in no set, as in Spark', () => {
  const { columns } = struct({ tags: map(string()) })
  const compile = (aggregate: object) => () => compileAggregates({ x: aggregate } as never, columns)
  expect(compile(collectSet('tags'))).toThrow(
    'Cannot resolve "collect_set(tags)" due to data type mismatch: The input of `collect_set` can\'t be "MAP" type data.',
  )
  expect(compile(collectList('tags'))).not.toThrow()
})

test.each([
  [{ x: collectList('text') }, ['[7]', '[[7]]', '[["a"]]', '["a"]', '[["a",0]]']],
  [{ x: collectSet('text') }, ['[7]', '[[7]]', '[{}]']],
  [{ x: mode('text') }, ['[["a"]]', '[["a","b"]]', '["a"]']],
])('kept state of another form is refused: %j', (aggregates, all) => {
  const aggregation = compileAggregates<Row>(aggregates as never, Row.columns)
  for (const kept of all) {
    expect(() => aggregation.decode(kept)).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
  }
})
