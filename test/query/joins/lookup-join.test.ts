// Joins of a stream with a static side: what it is asked, how long its answers hold, and what becomes of a batch that gets none.

import { describe, expect, expectTypeOf, it } from 'vitest'
import { json, long, lookup, staticRows, stream, string, struct, topicBatch } from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'
import { keepingSink } from '../../builders.ts'

const Tick = struct({ symbol: string().nullable(), price: long() })
const Company = struct({ symbol: string(), name: string(), sector: string().nullable() })
const sinks = [{ description: 'nowhere', write: async () => {} }]

const apple = { symbol: 'AAPL', name: 'Apple', sector: 'tech' }
const alphabet = { symbol: 'GOOG', name: 'Alphabet', sector: null }
const ticks = () => stream('ticks').rows(Tick)
const given = ['AAPL', 'NONE', null, 'GOOG'].map((symbol, i) => ({ symbol, price: i }))

/** A lookup that notes what it was asked. */
function companies(options: { readonly maxAge?: string; readonly maxEntries?: number } = {}) {
  const asked: (readonly string[])[] = []
  const table = lookup({
    schema: Company,
    key: ['symbol'],
    load: async (keys) => {
      asked.push(keys.map(({ symbol }) => symbol))
      return [apple, alphabet].filter((row) => keys.some(({ symbol }) => symbol === row.symbol))
    },
    maxAge: '5 minutes',
    ...options,
  })
  return { asked, table }
}

describe('a join with rows in code', () => {
  const table = staticRows(Company, [apple, alphabet, { ...apple, name: 'Apple Inc.' }])

  it('gives each row with those of the table, in batch mode too', async () => {
    const query = ticks().join(table, { on: ['symbol'] })
    const rows = [
      { symbol: 'AAPL', price: 0, name: 'Apple', sector: 'tech' },
      { symbol: 'AAPL', price: 0, name: 'Apple Inc.', sector: 'tech' },
      { symbol: 'GOOG', price: 3, name: 'Alphabet', sector: null },
    ]
    expectTypeOf(query.runBatch([])).toEqualTypeOf<
      readonly {
        readonly symbol: string | null
        readonly price: number
        readonly name: string
        readonly sector: string | null
      }[]
    >()
    expect(query.runBatch(given)).toEqual(rows)
    const { emitted } = await testDriver(query.writeStream({ sinks })).addRows(given)
    expect(emitted.map(({ row }) => row)).toEqual(rows)
    expect(emitted.map(({ id }) => id)).toEqual(['rows-0-0#0', 'rows-0-0#1', 'rows-0-3#0'])
  })

  it('keeps rows without one where it is a left outer join, with nulls; or only those, or none of the table', () => {
    const left = ticks().join(table, { on: ['symbol'], type: 'left', prefix: 'c_' })
    expectTypeOf(left.runBatch([])[0]?.c_name).toEqualTypeOf<string | null | undefined>()
    expect(left.runBatch(given).slice(1, 4)).toEqual([
      { symbol: 'AAPL', price: 0, c_name: 'Apple Inc.', c_sector: 'tech' },
      { symbol: 'NONE', price: 1, c_name: null, c_sector: null },
      { symbol: null, price: 2, c_name: null, c_sector: null },
    ])
    expect(
      ticks()
        .join(table, { on: ['symbol'], type: 'leftSemi' })
        .runBatch(given),
    ).toEqual([given[0], given[3]])
    expect(
      ticks()
        .join(table, { on: ['symbol'], type: 'leftAnti' })
        .runBatch(given),
    ).toEqual([given[1], given[2]])
  })

  it('finds rows by several columns, and by another name', () => {
    const Price = struct({ ticker: string(), at: long(), note: string() })
    const notes = staticRows(Price, [{ ticker: 'AAPL', at: 0, note: 'first' }])
    const query = ticks().join(notes, {
      on: [
        ['price', 'at'],
        ['symbol', 'ticker'],
      ],
    })
    expect(query.runBatch(given)).toEqual([{ symbol: 'AAPL', price: 0, ticker: 'AAPL', at: 0, note: 'first' }])
  })
})

describe('a lookup by key', () => {
  it('is asked once for the keys of a batch that it has not been asked for, and again when an answer is too old', async () => {
    const { asked, table } = companies()
    let nowMs = 0
    const query = ticks()
      .join(table, { on: ['symbol'] })
      .writeStream({ sinks })
    const driver = testDriver(query, { now: () => nowMs })
    expect((await driver.addRows(given)).rows).toHaveLength(2)
    await driver.addRows([...given, { symbol: 'MSFT', price: 9 }])
    expect(asked).toEqual([['AAPL', 'NONE', 'GOOG'], ['MSFT']])
    nowMs = 300_001
    await driver.addRows([{ symbol: 'AAPL', price: 1 }])
    expect(asked[2]).toEqual(['AAPL'])
  })

  it('keeps so many answers, and a batch has all of its own whatever is kept', async () => {
    const { asked, table } = companies({ maxEntries: 1 })
    const driver = testDriver(
      ticks()
        .join(table, { on: ['symbol'] })
        .writeStream({ sinks }),
    )
    expect((await driver.addRows(given)).rows).toHaveLength(2)
    expect((await driver.addRows(given)).rows).toHaveLength(2)
    expect(asked).toEqual([
      ['AAPL', 'NONE', 'GOOG'],
      ['AAPL', 'NONE'],
    ])
  })

  it('goes on from what another has given', async () => {
    const Sector = struct({ sector: string(), head: string() })
    const heads = lookup({
      schema: Sector,
      key: ['sector'],
      load: () => [{ sector: 'tech', head: 'Ada' }],
      maxAge: '1 minute',
    })
    const query = ticks()
      .join(companies().table, { on: ['symbol'] })
      .where(({ sector }) => sector !== null)
      .join(heads, { on: ['sector'] })
    const { rows } = await testDriver(query.writeStream({ sinks })).addRows(given)
    expect(rows).toEqual([{ symbol: 'AAPL', price: 0, name: 'Apple', sector: 'tech', head: 'Ada' }])
  })

  it('fails the batch, which comes again, where it does not answer or gives what is no row of its schema', async () => {
    const answers = [
      () => Promise.reject(new Error('no route')),
      () => [{ symbol: 'AAPL', name: 7, sector: null } as never],
      () => [apple],
    ]
    let calls = 0
    const table = lookup({
      schema: Company,
      key: ['symbol'],
      load: () => answers[calls++]?.() ?? [],
      maxAge: '1 minute',
    })
    const driver = testDriver(
      ticks()
        .join(table, { on: ['symbol'] })
        .writeStream({ sinks }),
    )
    await expect(driver.addRows(given)).rejects.toMatchObject({
      code: 'PREPARE_FAILED',
      message: 'ticks: a lookup could not be asked for a batch, which comes again: no route',
    })
    await expect(driver.redeliver()).rejects.toThrow('the lookup: row 0 is bad (WRONG_SHAPE: column name: expected')
    expect((await driver.redeliver()).rows).toHaveLength(1)
  })

  it('is waited for over a range of a topic, and not by runBatch', async () => {
    const query = stream('ticks')
      .readKafka({ topic: 'ticks' })
      .decode(json(Tick))
      .join(companies().table, { on: ['symbol'] })
    const batch = topicBatch(query.writeStream({ sinks: [keepingSink()] }))
    const at = {
      topic: 'ticks',
      partition: 0,
      offset: 0,
      timestamp: 1,
      timestampType: 0,
      key: null,
      headers: [],
    } as const
    await batch.add([{ ...at, value: Buffer.from('{"symbol":"GOOG","price":1}') }])
    expect(batch.result().rows).toEqual([{ symbol: 'GOOG', price: 1, name: 'Alphabet', sector: null }])
    expect(() => query.runBatch(given as never)).toThrow('runBatch cannot wait for a lookup')
  })
})

it('a table that is loaded as a whole is loaded again when it is too old', async () => {
  let [loads, nowMs] = [0, 0]
  const table = lookup({
    schema: Company,
    load: () => {
      loads += 1
      return [apple]
    },
    maxAge: '1 minute',
  })
  const driver = testDriver(
    ticks()
      .join(table, { on: ['symbol'] })
      .writeStream({ sinks }),
    { now: () => nowMs },
  )
  await driver.addRows(given)
  await driver.addRows(given)
  expect(loads).toBe(1)
  nowMs = 60_001
  expect((await driver.addRows(given)).rows).toHaveLength(1)
  expect(loads).toBe(2)
})

it('what Spark refuses is refused in its words, and so is what does not fit', () => {
  const { table } = companies()
  expect(() => ticks().join(table, { on: ['symbol'], type: 'right' as 'left' })).toThrow(
    'RightOuter join with a streaming DataFrame/Dataset on the left and a static DataFrame/DataSet on the right not supported',
  )
  expect(() => ticks().join(table, { on: ['symbol'], type: 'full' as 'left' })).toThrow(
    'FullOuter joins with streaming',
  )
  expect(() => ticks().join(table, { on: [['symbol', 'name']], type: 'leftSemi' })).toThrow(
    'a lookup finds rows by its key, `symbol`',
  )
  // @ts-expect-error the stream has no such column
  expect(() => ticks().join(table, { on: ['name'] })).toThrow('cannot be resolved on the left side of the join')
  expect(() =>
    ticks()
      .dropDuplicates('symbol')
      .join(table, { on: ['symbol'] }),
  ).toThrow('is not supported here')
  // @ts-expect-error the schema has no such column
  expect(() => lookup({ schema: Company, key: ['id'], load: () => [], maxAge: '1 minute' })).toThrow('no column `id`')
})
