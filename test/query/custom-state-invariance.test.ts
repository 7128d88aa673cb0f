// What never changes the rows of a stateful processor: how its stream is split into batches, crashes, redelivery with other boundaries, new
// containers. Rows of one partition come in their order, so it gives the same in a batch; and where the order of rows does not matter,
// partitions may be interleaved as they like.

import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { json, listState, long, mapState, stream, string, struct, timestamp, valueState } from '../../lib/index.ts'
import { runSplit, splits } from './split-stream.ts'

const Event = struct({ key: string(), value: long(), at: timestamp() })
const events = stream('events').readKafka({ topic: 'events' }).decode(json(Event))

const rows = fc.array(
  fc.record({ key: fc.constantFrom('a', 'b', 'c'), value: fc.nat({ max: 20 }), at: fc.nat({ max: 50 }) }),
  { maxLength: 40 },
)

/** Everything that state can be, in an order that matters. */
const story = events.groupBy('key').transformWithState({
  state: { count: valueState(long()), last: listState(struct({ value: long() })), seen: mapState(long(), string()) },
  output: struct({ key: string(), text: string() }),
  *handleInput({ key }, { value }, { state: { count, last, seen } }) {
    const before = last.get().map((one) => one.value)
    if (value === 0) count.clear()
    else count.update((count.get() ?? 0) + 1)
    if (value === 1) last.clear()
    else if (value % 5 === 0) last.put([{ value }, { value: -value }])
    else last.appendValue({ value })
    if (value === 2) seen.clear()
    else if (seen.containsKey(value)) seen.removeKey(value)
    else seen.updateValue(value, `after ${before.at(-1)}`)
    if (value === 13) throw new Error('thirteen')
    yield { key, text: `${count.get()} ${before} ${JSON.stringify([...seen.iterator()])}` }
    if (value > 15) yield { key, text: `over ${value}` }
  },
})

test.prop([rows, splits], { numRuns: 120 })(
  'a processor sees the rows of a partition in their order, once, however they are delivered',
  async (given, steps) => {
    const streamed = await runSplit(story, [given], steps, 1)
    expect(streamed).toEqual(story.runBatch(given.filter(({ value }) => value !== 13)))
  },
)

const sums = events
  .withWatermark('at', '51 milliseconds')
  .groupBy('key')
  .transformWithState({
    state: { sum: valueState(long()) },
    output: struct({ key: string(), at: timestamp(), sum: long() }),
    timeMode: 'eventTime',
    handleInput(_, { value, at }, { state: { sum }, registerTimer }) {
      sum.update((sum.get() ?? 0) + value)
      registerTimer(Math.max(at, 100))
    },
    *handleExpiredTimer({ key }, { expiryTimeMs }, { state: { sum } }) {
      yield { key, at: expiryTimeMs, sum: sum.get() ?? 0 }
      sum.clear()
    },
  })

/** Behind all timers, and nothing in itself. */
const end = { key: 'end', value: 0, at: 1_000_000 }

test.prop([fc.array(rows, { minLength: 1, maxLength: 3 }), splits, fc.constantFrom(1, 3)], { numRuns: 100 })(
  'timers fire when all rows before them have come, whatever partitions and shards those are in',
  async (given, steps, shards) => {
    const streamed = await runSplit(
      sums,
      given.map((part) => [...part, end]),
      steps,
      shards,
    )
    const expected = sums.runBatch(given.flat())
    const byKey = (all: readonly unknown[]) => all.map((row) => JSON.stringify(row)).sort()
    expect(byKey(streamed.filter((row) => (row as { key: string }).key !== 'end'))).toEqual(byKey(expected))
  },
)
