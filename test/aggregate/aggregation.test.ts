import { describe, expect, test } from 'vitest'
import { compileAggregates } from '../../lib/aggregate/aggregation.ts'
import type { Aggregates } from '../../lib/aggregate/functions/aggregate.ts'
import {
  approxCountDistinct,
  avg,
  count,
  countDistinct,
  max,
  min,
  sum,
} from '../../lib/aggregate/functions/built-in.ts'
import { first, last, maxBy, minBy } from '../../lib/aggregate/functions/selected-row.ts'
import { keepTheLaws } from './laws.ts'
import { Row, resultOfRows } from './row.ts'

/** Every aggregate over every kind of column. */
const everything: Aggregates<Row> = {
  rows: count(),
  priced: count('price'),
  large: count((row) => (row.lots > 0 ? true : null)),
  texts: countDistinct('text'),
  manyTexts: approxCountDistinct('text'),
  prices: countDistinct('price'),
  contents: countDistinct('bytes'),
  total: sum('price'),
  turnover: sum((row) => (row.price === null ? null : row.price * row.lots)),
  volume: sum('volume'),
  lots: sum('lots'),
  mean: avg('price'),
  meanVolume: avg('volume'),
  low: min('price'),
  high: max('price'),
  lowText: min('text'),
  highText: max('text'),
  early: min('at'),
  any: max('flag'),
  highBytes: max('bytes'),
  opening: first('price'),
  closing: last('text'),
  lastBytes: last('bytes'),
  open: minBy('price', 'at'),
  close: maxBy('text', 'price'),
  byFunction: maxBy(
    (row) => row.volume,
    (row) => row.lots % 2,
  ),
  ofText: minBy('bytes', 'text'),
}

describe('the same rows', () => keepTheLaws(everything))

describe('nulls are those of Spark', () => {
  const nulls = { text: null, price: null, volume: null, at: null, flag: null, bytes: null }

  test('count counts rows, count of a column what is not null', () => {
    expect(
      resultOfRows({ rows: count(), prices: count('price'), some: count((row) => row.text) }, [
        {},
        nulls,
        { price: null },
      ]),
    ).toEqual({ rows: 3, prices: 1, some: 2 })
  })

  test('sum, avg, min, max leave nulls out', () => {
    expect(
      resultOfRows({ sum: sum('price'), avg: avg('price'), min: min('price'), max: max('price') }, [
        { price: 1 },
        nulls,
        { price: 2 },
      ]),
    ).toEqual({ sum: 3, avg: 1.5, min: 1, max: 2 })
  })

  test('of nothing but nulls everything is null, but counts are 0', () => {
    const { rows, large, lots, byFunction, ...others } = resultOfRows(everything, [nulls, nulls])
    expect({ rows, large, lots, byFunction }).toEqual({ rows: 2, large: 2, lots: 2, byFunction: null })
    const { priced, texts, manyTexts, prices, contents, ...values } = others
    expect([priced, texts, manyTexts, prices, contents]).toEqual([0, 0, 0, 0, 0])
    expect(new Set(Object.values(values))).toEqual(new Set([null]))
  })

  test('first and last take nulls', () => {
    const rows = [{ price: null }, { price: 2 }, { price: null }]
    expect(resultOfRows({ first: first('price'), last: last('price') }, rows)).toEqual({ first: null, last: null })
  })

  test('minBy and maxBy leave out rows without an order, but give a value that is null', () => {
    const rows = [
      { text: 'no order', at: null },
      { text: null, at: 1 },
      { text: 'b', at: 2 },
    ]
    expect(resultOfRows({ min: minBy('text', 'at'), max: maxBy('text', 'at') }, rows)).toEqual({ min: null, max: 'b' })
    expect(resultOfRows({ min: minBy('text', 'at') }, [{ at: null }])).toEqual({ min: null })
  })
})

describe('the output columns', () => {
  test('stand in the order of the aggregates, with the types of Spark', () => {
    const { columns } = compileAggregates<Row>(everything, Row.columns)
    expect([...columns.keys()]).toEqual(Object.keys(everything))
    const typeOf = (name: string) => `${columns.get(name)?.kind}${columns.get(name)?.isNullable ? '?' : ''}`
    expect(Object.fromEntries(Object.keys(everything).map((name) => [name, typeOf(name)]))).toEqual({
      rows: 'long',
      priced: 'long',
      large: 'long',
      texts: 'long',
      manyTexts: 'long',
      prices: 'long',
      contents: 'long',
      total: 'double?',
      turnover: 'double?',
      volume: 'long?',
      lots: 'long?',
      mean: 'double?',
      meanVolume: 'double?',
      low: 'double?',
      high: 'double?',
      lowText: 'string?',
      highText: 'string?',
      early: 'timestamp?',
      any: 'boolean?',
      highBytes: 'binary?',
      opening: 'double?',
      closing: 'string?',
      lastBytes: 'binary?',
      open: 'double?',
      close: 'string?',
      byFunction: 'double?',
      ofText: 'binary?',
    })
  })
})

describe('an aggregation is refused', () => {
  const refused = (message: string) => expect.objectContaining({ code: 'QUERY_INVALID', message })
  const compile =
    (aggregates: Aggregates<Row>, columns = Row.columns) =>
    () =>
      compileAggregates<Row>(aggregates, columns)

  test('without aggregates, or with a name that is no column name', () => {
    expect(compile({})).toThrow(refused('agg({}): an aggregation needs at least one aggregate.'))
    expect(compile({ 7: count() })).toThrow(refused('agg: "7" cannot name a column. Give it a word.'))
    expect(compile({ ['__proto__']: count() })).toThrow(
      refused('agg: "__proto__" cannot name a column. Give it a word.'),
    )
    expect(compile({ '': count() })).toThrow(refused('agg: "" cannot name a column. Give it a word.'))
  })

  test('with a column that is not there, in the words of Spark', () => {
    const columns = new Map([...Row.columns].filter(([name]) => name === 'text' || name === 'at'))
    expect(compile({ x: max('price') }, columns)).toThrow(
      refused(
        'A column or function parameter with name `price` cannot be resolved. Did you mean one of the following? [`text`, `at`]',
      ),
    )
  })

  test('for a sum or mean of times, which the types cannot tell from numbers', () => {
    for (const [kind, aggregate] of [
      ['sum', sum('at')],
      ['avg', avg('at')],
    ] as const) {
      expect(compile({ x: aggregate })).toThrow(
        refused(
          `Cannot resolve "${kind}(at)" due to data type mismatch: Parameter 1 requires the "NUMERIC" type, however "at" has the type "TIMESTAMP".`,
        ),
      )
    }
  })

  test('while it runs, where a function gives what is no number', () => {
    const wrong: () => number = () => JSON.parse('"text"')
    expect(() => resultOfRows({ x: sum(wrong) }, [{}])).toThrow(
      refused('The function of x gave a string. A function of the row gives a number or null.'),
    )
  })

  test('while it restores state of another one', () => {
    const aggregation = compileAggregates<Row>({ high: max('price'), n: count() }, Row.columns)
    for (const wrong of ['', '{}', '[]', '[1]', '[1,2,3]', '["text",1]', '[1,null]']) {
      expect(() => aggregation.decode(wrong)).toThrow(expect.objectContaining({ code: 'STATE_INCOMPATIBLE' }))
    }
  })
})
