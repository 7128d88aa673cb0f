// One record among good ones, whatever it is: the batch succeeds, and the good rows come out. A batch that failed would come
// again for ever.

import { describe, expect, test } from 'vitest'
import {
  aggregate,
  consoleSink,
  count,
  countDistinct,
  first,
  json,
  last,
  max,
  maxBy,
  min,
  minBy,
  type Sink,
  stream,
  string,
  struct,
  timestamp,
  window,
} from '../../lib/index.ts'
import { testDriver } from '../../lib/testing/index.ts'
import { openingBellMs } from '../builders.ts'
import { hostileValues } from '../decode/hostile-json.ts'

const Quote = struct({ symbol: string(), note: string().nullable(), at: timestamp() })
const good = JSON.stringify({ symbol: 'AAPL', note: 'good', at: openingBellMs })

/** The value as a whole record, and as a field of one that is read. */
const recordsWith = (value: string): readonly { readonly value: string }[] =>
  [
    good,
    value,
    `{"symbol":"B","at":${openingBellMs},"note":${value}}`,
    `{"symbol":"C","at":${openingBellMs},"x":${value}}`,
  ]
    .concat(good)
    .map((text) => ({ value: text }))

const widest = { text: '' }
const printing = (truncate: boolean): Sink<object> =>
  consoleSink({
    truncate,
    write: (text) => {
      widest.text = text
    },
  })
const sinks = [printing(true), printing(false)]

const quotes = (malformed: 'deadLetter' | 'null') => {
  const source = stream('quotes').readKafka({ topic: 't' })
  if (malformed === 'deadLetter') return source.decode(json(Quote))
  return source.decode(json(Quote, { malformed: 'null' }))
}

describe.each(['deadLetter', 'null'] as const)('under the policy %s', { timeout: 60_000 }, (policy) => {
  test.each([...hostileValues])('the tape prints what is beside %s', async (_, value) => {
    const driver = testDriver(quotes(policy).writeStream({ sinks }))
    const { rows, deadLetters } = await driver.addRecords(recordsWith(value))
    expect(rows.filter(({ symbol }) => symbol === 'AAPL')).toHaveLength(2)
    if (policy === 'deadLetter') expect(rows.length + deadLetters.length).toBe(5)
    else expect(rows).toHaveLength(5)
    expect(widest.text.length).toBeLessThan(20_000)
  })
})

/** Keeps texts as they are, as a list of them would. */
const notes = aggregate<{ readonly note: string | null }, readonly string[], string>({
  column: string(),
  version: 1,
  init: () => [],
  add: (kept, { note }) => [...kept, (note ?? '').slice(0, 10)].toSorted(),
  merge: (left, right) => [...left, ...right].toSorted(),
  result: (kept) => kept.join(),
})

describe('a bar that keeps values is made of what is beside', { timeout: 60_000 }, () => {
  test.each([...hostileValues])('%s', async (_, value) => {
    const bars = quotes('null')
      .withWatermark('at', '1 minute')
      .groupBy(window('at', '1 minute'), 'symbol')
      .agg({
        ticks: count(),
        noted: count('note'),
        first: first('note'),
        last: last('note'),
        min: min('note'),
        max: max('note'),
        earliest: minBy('note', 'at'),
        latest: maxBy('at', 'note'),
        different: countDistinct('note'),
        notes,
      })
      .writeStream({ outputMode: 'update', sinks })
    const driver = testDriver(bars)
    const { rows, deadLetters } = await driver.addRecords(recordsWith(value))
    expect(rows).toContainEqual(expect.objectContaining({ symbol: 'AAPL', ticks: 2, latest: openingBellMs }))
    for (const { reason, detail } of deadLetters) {
      expect(reason).toBe('VALUE_TOO_LONG')
      expect(detail).toMatch(/^column note: \d+, allowed: \d+$/)
    }
    await driver.restart()
    expect((await driver.redeliver()).rows).toEqual(rows)
  })
})
