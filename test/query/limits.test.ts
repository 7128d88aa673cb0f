// Limits are a record's, and not a stream's: what is too large for state is set aside, and what the built-in aggregates keep of
// all that is let through fits into a group's place in the log.

import { expect, test } from 'vitest'
import {
  approxCountDistinct,
  collectList,
  collectSet,
  consoleSink,
  count,
  countDistinct,
  double,
  first,
  json,
  max,
  mode,
  percentile,
  percentileApprox,
  stream,
  string,
  struct,
  timestamp,
  window,
} from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { keepingSink } from '../builders.ts'

/** Texts that no compression makes shorter, the same in each run. */
function randomTexts(from: number, to: number) {
  let state = 7
  const next = (): number => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    return (state >>> 8) % (to - from)
  }
  return (length: number): string => Array.from({ length }, () => String.fromCharCode(from + next())).join('')
}
const han = randomTexts(0x4e00, 0x9fff)
const ascii = randomTexts(0x23, 0x5b)

const Visit = struct({ host: string(), path: string(), user: string(), note: string() })
const visits = stream('visits')
  .readKafka({ topic: 't' })
  .decode(json(Visit))
  .groupBy('host', 'path')
  .agg({
    visits: count(),
    users: countDistinct('user'),
    about: approxCountDistinct('user'),
    longest: max('note'),
    first: first('note'),
  })
  .writeStream({ outputMode: 'update', sinks: [keepingSink()] })

test('the longest keys and values, and as many different ones as are counted exactly, fit into one group', {
  timeout: 120_000,
}, async () => {
  const group = { host: han(8_192), path: han(8_192) }
  const note = han(10_922)
  const driver = testDriver(visits)
  for (const user of [() => ascii(22), () => han(40)]) {
    const records = Array.from({ length: 6_000 }, () => ({ value: JSON.stringify({ ...group, user: user(), note }) }))
    const { rows, deadLetters } = await driver.addRecords(records)
    expect(deadLetters).toEqual([])
    expect(rows).toHaveLength(1)
  }
  await driver.restart()
  const [row] = (await driver.addRecords([{ value: JSON.stringify({ ...group, user: 'one more', note }) }])).rows
  expect(row).toMatchObject({ visits: 12_001, longest: note, first: note })
  expect(Math.abs((row?.users ?? 0) / 12_001 - 1)).toBeLessThan(0.03)
  expect(Math.abs((row?.about ?? 0) / 12_001 - 1)).toBeLessThan(0.2)
})

test('the last window of the calendar prints as Spark prints it', async () => {
  const printed: string[] = []
  const bars = stream('bars')
    .readKafka({ topic: 't' })
    .decode(json(struct({ at: timestamp() })))
    .groupBy(window('at', '1 minute'))
    .count()
    .writeStream({
      outputMode: 'complete',
      sinks: [consoleSink({ truncate: false, write: (text) => printed.push(text) })],
      maxFuture: 'off',
    })
  await testDriver(bars).addRecords([{ value: '{"at":253402300799999}' }])
  expect(printed.join()).toContain('|{9999-12-31 23:59:00, +10000-01-01 00:00:00}|1    |')
})

test('a key is bound by its columns together, a value by its bytes', async () => {
  const visit = (change: object) => ({
    value: JSON.stringify({ host: 'h', path: '/', user: 'u', note: 'n', ...change }),
  })
  const { rows, deadLetters } = await testDriver(visits).addRecords([
    visit({ host: 'x'.repeat(8_000), path: 'y'.repeat(8_385) }),
    visit({ note: 'é'.repeat(16_385) }),
    visit({ user: 'z'.repeat(500_000) }),
    visit({}),
  ])
  expect(rows).toMatchObject([{ host: 'h', visits: 2, users: 2 }])
  expect(deadLetters.map(({ reason, detail }) => `${reason} ${detail}`)).toEqual([
    'KEY_TOO_LONG columns host, path: 16385, allowed: 16384',
    'VALUE_TOO_LONG column note: 32770, allowed: 32768',
  ])
})

const Order = struct({ shop: string(), customer: string(), amount: double() })
const orders = stream('orders')
  .readKafka({ topic: 't' })
  .decode(json(Order))
  .groupBy('shop')
  .agg({ n: count(), customers: collectSet('customer'), amounts: collectList('amount') })

test('a group with more values than it has room for is set aside, by its name, and the others go on', async () => {
  const order = (shop: string, i: number) => ({ value: JSON.stringify({ shop, customer: `c${i}`, amount: i }) })
  const query = orders.writeStream({ outputMode: 'update', sinks: [keepingSink()] })
  const driver = testDriver(query)
  const many = Array.from({ length: 5_001 }, (_, i) => order('large', i))
  const first = await driver.addRecords([...many, order('small', 1)])
  await driver.restart()
  const second = await driver.addRecords([order('large', 1), order('small', 2)])
  const third = await driver.addRecords([order('small', 3)])
  expect([first, second, third].map(({ rows }) => rows)).toMatchObject([
    [{ shop: 'small', n: 1, amounts: [1] }],
    [{ shop: 'small', n: 2, amounts: [1, 2] }],
    [{ shop: 'small', n: 3, customers: ['c1', 'c2', 'c3'] }],
  ])
  const letters = [first, second, third].map(({ deadLetters }) => deadLetters.map(({ reason, id }) => [reason, id]))
  const letter = ['TOO_MANY_VALUES', 'orders/~#["large"]']
  expect(letters).toEqual([[letter], [letter], []])
  expect(first.deadLetters[0]?.detail).toBe(
    'collectSet(customer): the group has more values than the 5000, or 100000 bytes, that it can keep. ' +
      'Group by less, a window for one, or use an aggregate that keeps less.',
  )
  expect(first.progress.numDeadLetters).toBe(1)
  // Values that are not kept take no room.
  expect(second.progress.stateOperators[0]?.memoryUsedBytes).toBeLessThan(10_000)
})

test('in batch mode such a group ends the batch, since there is nowhere to set it aside', () => {
  const rows = Array.from({ length: 5_001 }, (_, i) => ({ shop: 's', customer: 'c', amount: i }))
  expect(() => orders.runBatch(rows)).toThrow(
    'orders: a group is bad (TOO_MANY_VALUES: collectList(amount): the group has more values than the 5000',
  )
})

test('all that the aggregates of a group can keep of many rows fits into it, beside the longest key and value', async () => {
  const Wide = struct({ host: string(), path: string(), user: string(), note: string(), cost: double() })
  const query = stream('wide')
    .readKafka({ topic: 't' })
    .decode(json(Wide))
    .groupBy('host', 'path')
    .agg({
      ...{ longest: max('note'), first: first('note'), users: countDistinct('user'), usual: mode('user') },
      ...{ list: collectList('user'), middle: percentile('cost', 0.5), about: percentileApprox('cost', 0.9, 5_000) },
    })
    .writeStream({ outputMode: 'update', sinks: [keepingSink()] })
  const group = { host: han(8_192), path: han(8_192), note: han(5_461) }
  const driver = testDriver(query)
  // Each of the five has room for 40,000 bytes: a user takes some 35, with its place or its count.
  const values = Array.from({ length: 1_100 }, (_, i) => ({ user: han(8), cost: (i + 1) / 7 }))
  for (let round = 0; round < 2; round += 1) {
    const { rows, deadLetters } = await driver.addRecords(
      values.slice(round * 550, round * 550 + 550).map((value) => ({ value: JSON.stringify({ ...group, ...value }) })),
    )
    expect(deadLetters).toEqual([])
    expect(rows).toHaveLength(1)
  }
})
