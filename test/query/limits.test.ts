// Limits are a record's, and not a stream's: what is too large for state is set aside, and what the built-in aggregates keep of
// all that is let through fits into a group's place in the log.

import { expect, test } from 'vitest'
import {
  approxCountDistinct,
  consoleSink,
  count,
  countDistinct,
  first,
  json,
  max,
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

test('the longest keys and values, and as many different ones as are counted exactly, fit into one group', async () => {
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
