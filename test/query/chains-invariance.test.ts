// What never changes the rows of a chain of operators: how the stream is split into batches, how its partitions are interleaved,
// crashes and redelivery with other boundaries. And a stream that has ended says what batch mode says.

import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { count, json, long, max, type Stream, stream, string, struct, sum, timestamp, window } from '../../lib/index.ts'
import { runSplit, splits } from './split-stream.ts'

const delayMs = 20
const Event = struct({ key: string(), value: long(), at: timestamp() })
interface Row {
  readonly key: string
  readonly value: number
  readonly at: number
}

/** Rows of one partition, none of which is as far behind the latest so far as the delay: none is late. */
const partition = fc
  .array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      aheadMs: fc.nat({ max: 12 }),
      behindMs: fc.nat({ max: delayMs - 1 }),
      value: fc.nat({ max: 3 }),
    }),
    { maxLength: 25 },
  )
  .map((moves) => {
    let latest = 1_767_623_400_000
    return moves.map(({ aheadMs, behindMs, key, value }): Row => {
      const isAhead = aheadMs > 6
      if (isAhead) latest += aheadMs - 6
      return { key, value, at: isAhead ? latest : latest - behindMs }
    })
  })

/** So late that it ends every window before it. */
const sentinel: Row = { key: 'end', value: 0, at: 1_767_700_000_000 }

const events = stream('chain')
  .readKafka({ topic: 'events' })
  .decode(json(Event))
  .withWatermark('at', `${delayMs} milliseconds`)
const bars = events
  .groupBy(window('at', '5 milliseconds'), 'key')
  .agg({ rows: count(), total: sum('value'), high: max('value') })

/** Each with what its rows have of the event time, which tells those of the sentinel. */
const chains: readonly (readonly [string, Stream<object, Row>])[] = [
  [
    'a window of windows',
    bars.groupBy(window('window', '20 milliseconds')).agg({ bars: count(), total: sum('total') }),
  ],
  [
    'a window of windows of windows',
    bars
      .groupBy(window('window', '10 milliseconds'), 'key')
      .agg({ total: sum('total') })
      .groupBy(window('window', '40 milliseconds', '20 milliseconds'))
      .agg({ parts: count(), total: sum('total') }),
  ],
  [
    'duplicates, then windows',
    events
      .dropDuplicates('key', 'value', 'at')
      .groupBy(window('at', '10 milliseconds'), 'key')
      .agg({ rows: count(), total: sum('value') }),
  ],
  [
    'windows, a condition on them, then duplicates',
    bars
      .where(({ total }) => total > 2)
      .select('window')
      .dropDuplicates('window'),
  ],
]

const sorted = <Value>(values: readonly Value[]): readonly string[] =>
  values.map((value) => JSON.stringify(value)).sort()

for (const [name, chain] of chains) {
  test.prop([fc.array(partition, { minLength: 1, maxLength: 3 }), splits], { numRuns: 60 })(
    `${name}: the rows of a stream are those of batch mode, however it is delivered`,
    async (given, steps) => {
      const streamed = await runSplit(
        chain,
        given.map((rows) => [...rows, sentinel]),
        steps,
        1,
      )
      expect(sorted(streamed)).toEqual(sorted(chain.runBatch(given.flat())))
    },
  )
}
