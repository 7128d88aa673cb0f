// What code gives is held to the columns: a codec, the functions of a query, aggregates of one's own. A value that is none of
// its column's makes one dead letter, which names the column, the value and who made it; the other records go on.

import { describe, expect, test } from 'vitest'
import {
  aggregate,
  avg,
  type Codec,
  count,
  countIf,
  deadLetter,
  decoded,
  double,
  int,
  json,
  long,
  max,
  min,
  stream,
  string,
  struct,
  sum,
  timestamp,
  topicBatch,
  window,
} from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { aRecord, keepingSink, openingBellMs } from '../builders.ts'

const at = openingBellMs
const sinks = [keepingSink()]
const Raw = struct({ data: string() })
const raw = (data: object) => ({ value: JSON.stringify({ data: JSON.stringify(data) }) })
const kafka = stream('q').readKafka({ topic: 't' })

/** Trades whose function gives what JSON.parse gave: any. */
const trades = kafka.decode(json(Raw), ({ data }) => JSON.parse(data), {
  symbol: string(),
  price: double(),
  at: timestamp(),
})
const trade = (change: object = {}) => raw({ symbol: 'ABC', price: 100.5, at, ...change })
const lettersOf = async (
  query: Parameters<typeof testDriver>[0],
  records: Parameters<ReturnType<typeof testDriver>['addRecords']>[0],
) => {
  const { rows, deadLetters } = await testDriver(query).addRecords(records)
  return { rows, letters: deadLetters.map(({ offset, reason, detail }) => `${offset} ${reason} ${detail}`) }
}

describe('the function of decode', () => {
  const query = trades
    .withWatermark('at', '10 seconds')
    .groupBy(window('at', '10 seconds'), 'symbol')
    .agg({ n: count(), total: sum('price'), high: max('price') })
    .writeStream({ outputMode: 'update', sinks })

  test.each([
    ['a price that is text', { price: '99.5' }, 'WRONG_SHAPE column price: expected a number, got "99.5"'],
    ['no price', { price: undefined }, 'WRONG_SHAPE column price: expected a number, got nothing'],
    ['a price that is null', { price: null }, 'WRONG_SHAPE column price: expected a number, got null'],
    [
      'a time that is text',
      { at: String(at) },
      `WRONG_SHAPE column at: expected integer epoch milliseconds, or a Date, of the years 1 to 9999, got "${at}"`,
    ],
    [
      'a time in microseconds',
      { at: at * 1000 },
      `EVENT_TIME_INVALID column at: expected integer epoch milliseconds, or a Date, of the years 1 to 9999, got ${at * 1000}`,
    ],
    ['a symbol that is a number', { symbol: 42 }, 'WRONG_SHAPE column symbol: expected a string, got 42'],
    ['a symbol that is an object', { symbol: { a: 1 } }, 'WRONG_SHAPE column symbol: expected a string, got {"a":1}'],
  ])('%s among good trades', async (_, change, letter) => {
    const { rows, letters } = await lettersOf(query, [trade(), trade(change), trade()])
    expect(rows).toMatchObject([{ symbol: 'ABC', n: 2, total: 201, high: 100.5 }])
    expect(letters).toEqual([`1 ${letter} from the function of decode`])
  })

  test('what is no row at all', async () => {
    for (const [what, shown] of [
      [null, 'null'],
      [7, '7'],
      [[1, 2], '[1,2]'],
      [Promise.resolve({}), 'a Promise'],
    ] as const) {
      const broken = kafka.decode(json(Raw), () => what as never).writeStream({ sinks })
      const { rows, letters } = await lettersOf(broken, [raw({})])
      expect(rows).toEqual([])
      expect(letters).toEqual([`0 WRONG_SHAPE expected a row, got ${shown} from the function of decode`])
    }
  })

  test('leaves a record out by undefined, and sets one aside by deadLetter, with a reason of its own', async () => {
    const positive = kafka
      .decode(json(struct({ price: double() })), (quote) => {
        if (quote.price === 0) return undefined
        return quote.price > 0 ? quote : deadLetter('NO_PRICE', `the price is ${quote.price}`)
      })
      .writeStream({ sinks })
    const { rows, letters } = await lettersOf(
      positive,
      [0, 1, -1].map((price) => ({ value: JSON.stringify({ price }) })),
    )
    expect(rows).toEqual([{ price: 1 }])
    expect(letters).toEqual(['2 NO_PRICE the price is -1'])
  })

  test('a column of the codec keeps its type where it is not declared anew; it may be null, or left out', async () => {
    const Quote = struct({ symbol: string(), price: string() })
    const quotes = (price: unknown) =>
      kafka.decode(json(Quote), (quote) => ({ symbol: quote.symbol, price }) as never).writeStream({ sinks })
    const one = [{ value: '{"symbol":"A","price":"7"}' }]
    expect((await lettersOf(quotes(7), one)).letters).toEqual([
      '0 WRONG_SHAPE column price: expected a string or null, got 7 from the function of decode',
    ])
    expect((await lettersOf(quotes(null), one)).rows).toEqual([{ symbol: 'A', price: null }])
    expect((await lettersOf(quotes(undefined), one)).rows).toEqual([{ symbol: 'A', price: undefined }])
  })

  test('a column that nobody declared has the form of its first value', async () => {
    const open = kafka.decode(json(Raw), ({ data }) => JSON.parse(data) as { x: unknown }).writeStream({ sinks })
    const { rows, letters } = await lettersOf(open, [raw({ x: null }), raw({ x: 1 }), raw({ x: 'two' }), raw({ x: 3 })])
    expect(rows).toEqual([{ x: null }, { x: 1 }, { x: 3 }])
    expect(letters).toEqual([
      '2 WRONG_SHAPE column x: expected a number, as its first value was (give the column its type), got "two" from the function of decode',
    ])
  })

  test('columns without a type are so many at most: their names may come from records', async () => {
    const open = kafka.decode(json(Raw), ({ data }) => JSON.parse(data) as object).writeStream({ sinks })
    const many = (from: number) => raw(Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`c${from + i}`, 1])))
    const { rows, letters } = await lettersOf(open, [many(0), many(600), many(0)])
    expect(rows).toHaveLength(2)
    expect(letters).toEqual(['1 WRONG_SHAPE more than 1000 columns without a type from the function of decode'])
  })
})

const Reading = struct({ sensor: string(), value: long(), at: timestamp() })
/** A codec that gives what its author made of the JSON. */
const own = (
  change: (reading: Record<string, unknown>) => unknown,
  malformed: Codec<never>['malformed'] = 'deadLetter',
) =>
  ({
    schema: Reading,
    malformed,
    decode: ({ value }) => decoded(change(JSON.parse(String(value)))),
  }) as Codec<{ readonly sensor: string; readonly value: number; readonly at: number }>
const reading = (value: number) => ({ value: JSON.stringify({ sensor: 's1', value, at }) })
const sensors = (codec: ReturnType<typeof own>) =>
  kafka
    .decode(codec)
    .withWatermark('at', '10 seconds')
    .groupBy(window('at', '10 seconds'), 'sensor')
    .agg({ n: count(), high: max('value') })
    .writeStream({ outputMode: 'update', sinks })

describe('a codec of one’s own', () => {
  test('may give a Date for a time, a bigint for a whole number, an object of any class', async () => {
    class Message {
      sensor = 's1'
      at: Date
      #value: number
      constructor(value: number) {
        this.#value = value
        this.at = new Date(at)
      }
      get value(): bigint {
        return BigInt(this.#value)
      }
    }
    const codec = own(({ value }) => new Message(Number(value)))
    const { rows, letters } = await lettersOf(sensors(codec), [reading(20), reading(3)])
    expect(letters).toEqual([])
    expect(rows).toMatchObject([{ sensor: 's1', n: 2, high: 20 }])
  })

  const text = own((r) => ({ ...r, value: String(r.value) }))
  test('that gives text for a long has made no row', async () => {
    const { rows, letters } = await lettersOf(sensors(text), [reading(20)])
    expect(rows).toEqual([])
    expect(letters).toEqual(['0 WRONG_SHAPE column value: expected an integer up to 2^53 - 1, got "20" from the codec'])
    const batch = topicBatch(sensors(text))
    await batch.add([aRecord({ ...reading(20), topic: 't' })])
    expect(batch.result()).toMatchObject({ numRows: 0, numBad: 1 })
  })

  test('follows its own policy then', async () => {
    const change = (r: Record<string, unknown>) => ({ ...r, value: String(r.value) })
    const { progress } = await testDriver(sensors(own(change, 'drop'))).addRecords([reading(20)])
    expect(progress).toMatchObject({ numDroppedMalformed: 1, numDeadLetters: 0 })
    const failing = testDriver(sensors(own(change, 'fail'))).addRecords([reading(20)])
    await expect(failing).rejects.toMatchObject({ code: 'RECORD_MALFORMED', at: { topic: 't', offset: 0 } })
  })

  test('copied from json() with another decode, is checked all the same', async () => {
    const copy = { ...json(Reading), decode: () => decoded({ sensor: 's1', value: 1.5, at }) }
    expect((await lettersOf(sensors(copy), [reading(1)])).letters[0]).toContain('got 1.5 from the codec')
  })
})

const Order = struct({ account: string(), usd: double() })
const orders = kafka.decode(json(Order))
const order = (account: string, usd: number) => ({ value: JSON.stringify({ account, usd }) })

describe('withColumn', () => {
  test('cents that are no whole number are refused by name, and nothing is cut', async () => {
    const query = orders
      .withColumn('cents', ({ usd }) => usd * 100, long())
      .groupBy('account')
      .agg({ total: sum('cents'), most: max('cents') })
      .writeStream({ outputMode: 'complete', sinks })
    const { rows, letters } = await lettersOf(query, [order('a', 19.99), order('b', 1)])
    expect(rows).toEqual([{ account: 'b', total: 100, most: 100 }])
    expect(letters).toEqual([
      '0 WRONG_SHAPE column cents: expected an integer up to 2^53 - 1, got 1998.9999999999998 from the function of withColumn of `cents`',
    ])
  })

  test('without a type has the form of its first value; for an aggregate it is one of numbers', async () => {
    const given = (value: (usd: number) => unknown) => orders.withColumn('x', ({ usd }) => value(usd) as number)
    const label = (usd: number) => (usd > 1 ? 'high' : usd)
    const printed = await lettersOf(given(label).writeStream({ sinks }), [order('a', 1), order('a', 2)])
    expect(printed.rows).toHaveLength(1)
    expect(printed.letters[0]).toContain(
      'expected a number, as its first value was (give the column its type), got "high"',
    )
    const least = given(label)
      .groupBy('account')
      .agg({ least: min('x') })
    const kept = await lettersOf(least.writeStream({ outputMode: 'complete', sinks }), [order('a', 2), order('a', 1)])
    expect(kept.rows).toEqual([{ account: 'a', least: 1 }])
    expect(kept.letters[0]).toContain('column x: expected a number or null, got "high"')
  })

  test('without a type is one of booleans for an aggregate of conditions, whose functions are held to them, too', async () => {
    const query = orders
      .withColumn('isLarge', ({ usd }) => (usd === 3 ? 'yes' : usd > 1) as boolean)
      .groupBy('account')
      .agg({ large: countIf('isLarge'), small: countIf(({ usd }) => (usd === 4 ? 'no' : usd < 2) as boolean) })
      .writeStream({ outputMode: 'complete', sinks })
    const { rows, letters } = await lettersOf(
      query,
      [1, 2, 3, 4].map((usd) => order('a', usd)),
    )
    expect(rows).toEqual([{ account: 'a', large: 1, small: 1 }])
    expect(letters).toEqual([
      '2 WRONG_SHAPE column isLarge: expected true or false or null, got "yes" from the function of withColumn of `isLarge`',
      '3 WRONG_SHAPE column small: expected a boolean or null, got "no" from the function of the aggregate `small`',
    ])
  })

  test('a grouping column needs a type, since it is kept in state', () => {
    const high = orders.withColumn('band', ({ usd }) => (usd > 1 ? 'high' : 'low'))
    expect(() => high.groupBy('band').count()).toThrow("Give it one: withColumn('band', fn, string()).")
    const typed = orders.withColumn('band', ({ usd }) => (usd > 1 ? 'high' : 'low'), string())
    expect(
      typed
        .groupBy('band')
        .count()
        .runBatch([{ account: 'a', usd: 2 }]),
    ).toEqual([{ band: 'high', count: 1 }])
  })

  test('a time that is none is set aside, also without a watermark', async () => {
    const timed = kafka
      .decode(json(struct({ time: string() })))
      .withColumn('at', ({ time }) => Date.parse(time), timestamp())
      .writeStream({ sinks })
    const records = ['2026-01-05T14:30:00Z', 'not set'].map((time) => ({ value: JSON.stringify({ time }) }))
    const { rows, letters } = await lettersOf(timed, records)
    expect(rows).toHaveLength(1)
    expect(letters[0]).toContain('1 EVENT_TIME_INVALID column at: expected integer epoch milliseconds')
  })

  test('a condition that is neither true nor false keeps no row and drops none without a word', async () => {
    const query = orders.where((async () => true) as never).writeStream({ sinks })
    expect((await lettersOf(query, [order('a', 1)])).letters).toEqual([
      '0 WRONG_SHAPE expected true or false, got a Promise from the function of where',
    ])
    const nothing = orders.where((() => null) as never).writeStream({ sinks })
    expect(await lettersOf(nothing, [order('a', 1)])).toEqual({ rows: [], letters: [] })
  })
})

describe('the function of an aggregate', () => {
  const turnover = (fn: (row: { readonly usd: number }) => unknown) =>
    orders
      .groupBy('account')
      .agg({ total: sum(fn as () => number), mean: avg('usd') })
      .writeStream({ outputMode: 'complete', sinks })

  test('gives a number or null; a row on which it gives anything else is in no aggregate at all', async () => {
    const { rows, letters } = await lettersOf(
      turnover(({ usd }) => (usd > 1 ? `${usd}` : usd)),
      [order('a', 1), order('a', 2)],
    )
    expect(rows).toEqual([{ account: 'a', total: 1, mean: 1 }])
    expect(letters).toEqual([
      '1 WRONG_SHAPE column total: expected a number or null, got "2" from the function of the aggregate `total`',
    ])
  })

  test('that throws sets the row aside', async () => {
    const { rows, letters } = await lettersOf(
      turnover(({ usd }) => {
        if (usd > 1) throw new RangeError('too much')
        return usd
      }),
      [order('a', 1), order('a', 2)],
    )
    expect(rows).toEqual([{ account: 'a', total: 1, mean: 1 }])
    expect(letters[0]).toMatch(
      /^1 FUNCTION_FAILED the function of the aggregate `total` threw RangeError: too much\n +at /,
    )
  })
})

describe('after the aggregation a group is set aside, and the others go out', () => {
  const totals = orders.groupBy('account').agg({ total: sum('usd') })
  const records = [order('a', 1), order('b', 2.5)]
  const letter = { query: 'q', topic: 't', partition: -1, offset: -1, id: 'q/~#["b"]', key: Buffer.from('~#["b"]') }

  test('a column that is none of its type', async () => {
    const query = totals.withColumn('whole', ({ total }) => total, int()).writeStream({ outputMode: 'complete', sinks })
    const { rows, deadLetters, progress } = await testDriver(query).addRecords(records)
    expect(rows).toEqual([{ account: 'a', total: 1, whole: 1 }])
    expect(deadLetters).toMatchObject([
      {
        ...letter,
        reason: 'WRONG_SHAPE',
        detail: 'column whole: expected a 32-bit integer, got 2.5 from the function of withColumn of `whole`',
      },
    ])
    expect(String(deadLetters[0]?.value)).toBe('{"account":"b","total":2.5}')
    expect(progress.numDeadLetters).toBe(1)
  })

  const picky = totals.where(({ total }) => {
    if (total > 2) throw new Error('a bug')
    return true
  })
  test('a function that throws; the batch fails where the query says so', async () => {
    const { rows, deadLetters } = await testDriver(picky.writeStream({ outputMode: 'complete', sinks })).addRecords(
      records,
    )
    expect(rows).toEqual([{ account: 'a', total: 1 }])
    expect(deadLetters).toMatchObject([{ ...letter, reason: 'FUNCTION_FAILED' }])
    const strict = picky.writeStream({ outputMode: 'complete', sinks, onFunctionError: 'fail' })
    await expect(testDriver(strict).addRecords(records)).rejects.toMatchObject({
      code: 'FUNCTION_FAILED',
      message: expect.stringContaining('on the group ~#["b"] the function of where threw Error: a bug'),
    })
  })

  test('an aggregate of one’s own that gives what its column does not take', async () => {
    const odd = aggregate<{ readonly usd: number }, number, number>({
      column: long(),
      version: 1,
      init: () => 0,
      add: (total, { usd }) => total + usd,
      merge: (a, b) => a + b,
      result: (total) => total,
    })
    const query = orders.groupBy('account').agg({ odd }).writeStream({ outputMode: 'complete', sinks })
    const { rows, deadLetters } = await testDriver(query).addRecords(records)
    expect(rows).toEqual([{ account: 'a', odd: 1 }])
    expect(deadLetters).toMatchObject([{ ...letter, reason: 'FUNCTION_FAILED' }])
    expect(deadLetters[0]?.detail).toContain('result gave 2.5 where its column takes an integer up to 2^53 - 1')
  })
})

describe('rows that were decoded already', () => {
  test('what the guards refuse of the rows of a test is among the dead letters', async () => {
    const driver = testDriver(trades.withWatermark('at', '1 second').writeStream({ sinks }))
    const { rows, deadLetters } = await driver.addRows([
      { symbol: 'ABC', price: 1, at },
      { symbol: 'ABC', price: '1', at },
      { symbol: 'ABC', price: 1, at: at * 1e6 },
    ] as never)
    expect(rows).toHaveLength(1)
    expect(deadLetters).toMatchObject([
      { offset: 1, reason: 'WRONG_SHAPE', detail: expect.stringContaining('got "1"') },
      { offset: 2, reason: 'EVENT_TIME_INVALID' },
    ])
    expect(JSON.parse(String(deadLetters[0]?.value))).toEqual({ symbol: 'ABC', price: '1', at })
  })

  test('a source of plain rows is held to its schema', async () => {
    const rows = stream('rows').rows(Order)
    const { deadLetters } = await testDriver(rows.writeStream({ sinks })).addRows([{ account: 'a' } as never])
    expect(deadLetters).toMatchObject([{ detail: 'column usd: expected a number, got nothing from the source' }])
    expect(() =>
      rows.runBatch([
        { account: 'a', usd: 1 },
        { account: 'b', usd: '2' as never },
      ]),
    ).toThrow(
      expect.objectContaining({
        code: 'RECORD_MALFORMED',
        message: expect.stringContaining('rows: row 1 is bad (WRONG_SHAPE: column usd: expected a number, got "2"'),
      }),
    )
  })
})
