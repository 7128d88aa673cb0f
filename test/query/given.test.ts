// What callers give whose types are not checked, as from JavaScript: it is refused in words, never by a TypeError.

import { expect, test } from 'vitest'
import { count, json, MicrobatchError, stream, string, struct, sum, timestamp, window } from '../../lib/index.ts'

const Tick = struct({ symbol: string(), at: timestamp() })
const ticks = stream('q').rows(Tick)
const kafka = stream('q').readKafka({ topic: 't' })
const grouped = ticks.groupBy('symbol')
/** Anything, where the types ask for something else. */
const given = (value?: unknown) => value as never

test.each<[string, () => unknown, string]>([
  ['a codec without a schema', () => json(given()), 'json: expected a schema, got nothing'],
  ['a codec of columns that are no schema', () => json(given({})), 'json: expected a schema'],
  ['rows without a schema', () => stream('q').rows(given()), 'q: rows: expected a schema, got nothing'],
  ['a schema of no columns', () => struct(given()), 'struct: expected columns by their names'],
  ['a column that is a text', () => struct(given({ a: 'string' })), '`a` is "string", and no column'],
  ['no codec', () => kafka.decode(given()), 'decode takes a codec, and was given nothing'],
  ['a schema for a codec', () => kafka.decode(given(Tick)), 'decode takes a codec'],
  ['no topic', () => stream('q').readKafka(given()), 'names no topic'],
  ['no name of a topic', () => stream('q').readKafka(given({})), 'names no topic'],
  ['a number for an interval', () => window('at', given(10_000)), 'Unable to parse 10000.'],
  ['no interval', () => ticks.withWatermark('at', given()), 'Unable to parse undefined.'],
  ['a window of no column', () => ticks.groupBy(window(given(), '1 second')).count(), '`undefined` cannot be resolved'],
  ['a grouping by a number', () => ticks.groupBy(given(5)).count(), 'groupBy takes columns and windows'],
  ['no aggregates', () => grouped.agg(given()), 'agg takes aggregates by the names of their columns'],
  ['an aggregate that is a text', () => grouped.agg(given({ n: 'count' })), '`n` of agg is "count", and no aggregate'],
  ['an aggregate of a missing column', () => grouped.agg(given({ n: sum('amount') })), '[`symbol`, `at`]'],
  ['a condition that is a text', () => ticks.where(given('symbol = 1')), 'where takes a function of the row'],
  ['a column of a number', () => ticks.withColumn('x', given(5)), 'withColumn takes a function of the row'],
  ['rows of no function', () => ticks.flatMap(given()), 'flatMap takes a function of the row'],
  ['a list of columns', () => ticks.dropDuplicates(given(['symbol'])), 'cannot be resolved'],
  ['an order by nothing', () => ticks.orderBy(given()), '`undefined` cannot be resolved'],
  ['no order', () => ticks.orderBy(), 'orderBy names no column'],
  ['no number of rows', () => ticks.limit(given()), 'The limit expression must be equal to or greater than 0'],
  ['no options', () => ticks.writeStream(given()), 'writeStream has no sink'],
  ['no sinks', () => ticks.writeStream(given({})), 'writeStream has no sink'],
  ['no rows', () => ticks.runBatch(given()), 'runBatch takes rows'],
])('%s', (_, run, message) => {
  expect(run).toThrow(MicrobatchError)
  expect(run).toThrow(message)
})

test('count() needs nothing', () => {
  expect(grouped.agg({ n: count() }).runBatch([{ symbol: 'A', at: 1 }])).toEqual([{ symbol: 'A', n: 1 }])
})
