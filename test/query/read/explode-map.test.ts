// One row for each entry of a map: Spark's explode of a MAP.

import { describe, expect, expectTypeOf, test } from 'vitest'
import { count, json, long, map, stream, string, struct, sum } from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { keepingSink } from '../../builders.ts'

const Order = struct({ id: string(), lots: map(long().nullable()).nullable() })
const orders = stream('q').readKafka({ topic: 't' }).decode(json(Order))
const sinks = [keepingSink()]
const values = ['{"id":"a","lots":{"AAPL":1,"MSFT":null}}', '{"id":"b","lots":{}}', '{"id":"c"}'].map((value) => ({
  value,
}))

describe('explode of a map', () => {
  test('makes a row of each entry, nulls among them, with the other columns and key and value', async () => {
    const exploded = orders.explode('lots').drop('lots')
    const { emitted } = await testDriver(exploded.writeStream({ sinks })).addRecords(values)
    expect(emitted.map(({ id, row }) => [id, row])).toEqual([
      ['t-0-0#0', { id: 'a', key: 'AAPL', value: 1 }],
      ['t-0-0#1', { id: 'a', key: 'MSFT', value: null }],
    ])
    const [row] = emitted
    if (row !== undefined)
      expectTypeOf(row.row).toEqualTypeOf<{
        readonly id: string
        readonly key: string
        readonly value: number | null
      }>()
  })

  test('of one that is empty or null is a row of nulls where it is the outer one', async () => {
    const exploded = orders.explodeOuter('lots', ['symbol', 'count']).select('id', 'symbol', 'count')
    const { rows } = await testDriver(exploded.writeStream({ sinks })).addRecords(values)
    expect(rows).toEqual([
      { id: 'a', symbol: 'AAPL', count: 1 },
      { id: 'a', symbol: 'MSFT', count: null },
      { id: 'b', symbol: null, count: null },
      { id: 'c', symbol: null, count: null },
    ])
  })

  test('is grouped by its keys, and its values are summed', async () => {
    const query = orders
      .explode('lots')
      .groupBy('key')
      .agg({ orders: count(), lots: sum('value') })
      .writeStream({ outputMode: 'complete', sinks })
    const { rows } = await testDriver(query).addRecords([...values, ...values])
    expect(rows).toEqual([
      { key: 'AAPL', orders: 2, lots: 2 },
      { key: 'MSFT', orders: 2, lots: null },
    ])
  })

  test('in batch mode is the same', () => {
    const rows = orders
      .explode('lots')
      .select('key')
      .runBatch([{ id: 'a', lots: new Map([['x', 1]]) }])
    expect(rows).toEqual([{ key: 'x' }])
  })

  test('of what a function made is held to the type that is said', async () => {
    const made = stream('q')
      .readKafka({ topic: 't' })
      .decode(json(struct({ id: string() })))
      .withColumn(
        'tags',
        ({ id }): ReadonlyMap<string, number> => Object(id === 'b' ? 7 : new Map([['k', id === 'c' ? 'x' : 1]])),
      )
      .explode('tags', ['tag', 'weight'], long())
      .select('tag', 'weight')
    const records = ['a', 'b', 'c'].map((id) => ({ value: JSON.stringify({ id }) }))
    const { rows, deadLetters } = await testDriver(made.writeStream({ sinks })).addRecords(records)
    expect(rows).toEqual([{ tag: 'k', weight: 1 }])
    expect(deadLetters.map(({ reason, detail }) => `${reason} ${detail}`)).toEqual([
      expect.stringContaining('WRONG_SHAPE'),
      expect.stringContaining('WRONG_SHAPE column weight: expected an integer up to 2^53 - 1, got "x"'),
    ])
  })
})

test('one name for a map, or two for a list, are refused when the query is built', () => {
  const explode = (column: string, as: unknown) => () =>
    (orders.explode as unknown as (...words: unknown[]) => void)(column, as)
  expect(explode('lots', 'entry')).toThrow(
    "q: explode of `lots`: a map makes two columns: name both, ['key', 'value'].",
  )
  expect(explode('id', ['a', 'b'])).toThrow('q: explode of `id`: it is no map')
})
