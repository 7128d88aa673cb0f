// What never changes the rows of a chain of operators: how the stream is split into batches, how its partitions are interleaved,
// crashes and redelivery with other boundaries. And a stream that has ended says what batch mode says.

import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import {
  count,
  json,
  long,
  max,
  type Sink,
  type Stream,
  stream,
  string,
  struct,
  sum,
  timestamp,
  window,
} from '../../lib/index.ts'
import { type TestRecord, testDriver } from '../../lib/testing/index.ts'

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

interface Step {
  /** How many records of each partition come, at the most. */
  readonly take: readonly number[]
  /** The batch fails at its sink, and what is delivered next may be cut otherwise. */
  readonly crashes: boolean
  readonly restarts: boolean
}
const step: fc.Arbitrary<Step> = fc.record({
  take: fc.array(fc.nat({ max: 6 }), { minLength: 3, maxLength: 3 }),
  crashes: fc.boolean(),
  restarts: fc.boolean(),
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

async function runStream(chain: Stream<object, Row>, partitions: readonly (readonly Row[])[], steps: readonly Step[]) {
  let crashes = false
  const sink: Sink<object> = {
    description: 'crashing',
    write: async () => {
      if (crashes) throw new Error('crash')
    },
  }
  const driver = testDriver(chain.writeStream({ sinks: [sink], maxFuture: 'off' }), { partitions: partitions.length })
  const acknowledged = partitions.map(() => 0)
  const emitted = new Map<string, unknown>()
  const deliver = async (take: readonly number[]): Promise<void> => {
    const ends = acknowledged.map((from, p) => Math.min(from + (take[p] ?? 0), partitions[p]?.length ?? 0))
    const records = partitions.flatMap((rows, p) => {
      const from = acknowledged[p] ?? 0
      return rows.slice(from, ends[p]).map((row, i): TestRecord => {
        return { partition: p, offset: from + i, value: JSON.stringify(row) }
      })
    })
    if (records.length === 0) return
    const outcome = await driver.addRecords(records).catch((error: Error) => error)
    if (outcome instanceof Error) return expect(outcome.message).toMatch(/: crash$/)
    expect(outcome.late).toEqual([])
    for (const { id, row } of outcome.emitted) {
      expect(emitted.get(id) ?? row).toEqual(row)
      emitted.set(id, row)
    }
    for (const [p, end] of ends.entries()) acknowledged[p] = end
  }
  for (const { take, crashes: crash, restarts } of steps) {
    crashes = crash
    await deliver(take)
    if (restarts) await driver.restart()
  }
  crashes = false
  for (let last = 0; last < 2; last += 1) await deliver(partitions.map(({ length }) => length))
  return [...emitted.values()]
}

const sorted = <Value>(values: readonly Value[]): readonly string[] =>
  values.map((value) => JSON.stringify(value)).sort()

for (const [name, chain] of chains) {
  test.prop([fc.array(partition, { minLength: 1, maxLength: 3 }), fc.array(step, { maxLength: 12 })], { numRuns: 60 })(
    `${name}: the rows of a stream are those of batch mode, however it is delivered`,
    async (given, steps) => {
      const streamed = await runStream(
        chain,
        given.map((rows) => [...rows, sentinel]),
        steps,
      )
      expect(sorted(streamed)).toEqual(sorted(chain.runBatch(given.flat())))
    },
  )
}
