// What comes behind a join whose rows are behind the watermark: sessions and a processor of one's own give the same however the records
// of both sides come, and what batch mode gives.

import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import {
  count,
  int,
  json,
  long,
  type StreamingQuery,
  sessionWindow,
  stream,
  string,
  struct,
  sum,
  timestamp,
  valueState,
} from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'

const Left = struct({ key: string(), l: int(), at: timestamp() })
const Right = struct({ id: string(), r: int(), seen: timestamp() })
const delayMs = 5_000

const joined = stream('join')
  .readKafka({ topic: 'left' })
  .decode(json(Left))
  .withWatermark('at', '5 seconds')
  .join(stream('join').readKafka({ topic: 'right' }).decode(json(Right)).withWatermark('seen', '5 seconds'), {
    on: [['key', 'id']],
    type: 'left',
    within: { before: '2 seconds', after: '3 seconds' },
  })

const sessions = joined
  .groupBy(sessionWindow('at', '2 seconds'), 'key')
  .agg({ rows: count(), all: sum('l'), matched: sum('r') })

const counts = joined.groupBy('key').transformWithState({
  state: { rows: valueState(long()) },
  output: struct({ key: string(), at: timestamp(), rows: long() }),
  timeMode: 'eventTime',
  eventTimeColumn: 'at',
  handleInput(_, __, { state: { rows }, registerTimer }) {
    rows.update((rows.get() ?? 0) + 1)
    registerTimer(5_000_000)
  },
  *handleExpiredTimer({ key }, { expiryTimeMs }, { state: { rows } }) {
    yield { key, at: expiryTimeMs, rows: rows.get() ?? 0 }
  },
})

const rows = fc
  .array(
    fc.record({
      key: fc.constantFrom('a', 'b'),
      aheadMs: fc.nat({ max: 6_000 }),
      behindMs: fc.nat({ max: delayMs - 1 }),
    }),
    { maxLength: 15 },
  )
  .map((moves) => {
    let latest = 1_000_000
    return moves.map(({ key, aheadMs, behindMs }) => {
      if (aheadMs > 3_000) latest += aheadMs - 3_000
      return { key, timeMs: aheadMs > 3_000 ? latest : latest - behindMs }
    })
  })

const endMs = 10_000_000

test.prop(
  [
    fc.constantFrom(sessions, counts.groupBy(sessionWindow('at', '1 second'), 'key').agg({ rows: sum('rows') })),
    rows,
    rows,
    fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 }), fc.boolean()), { maxLength: 12 }),
  ],
  { numRuns: 150 },
)('rows behind a join are in time for what follows', async (plan, lefts, rights, steps) => {
  const left = [...lefts, { key: 'end', timeMs: endMs }].map(({ key, timeMs }, l) => ({ key, l, at: timeMs }))
  const right = [...rights, { key: 'end', timeMs: endMs }].map(({ key, timeMs }, r) => ({ id: key, r, seen: timeMs }))
  const sink = { description: 'nowhere', write: async () => {} }
  const query = plan.writeStream({ sinks: [sink], maxFuture: 'off' }) as StreamingQuery<object, object>
  const driver = testDriver(query, { partitions: 1 })
  const given: object[] = []
  const sides = { left: left.slice(0, -1) as object[], right: right.slice(0, -1) as object[] }
  const deliver = async (ofLeft: readonly object[], ofRight: readonly object[]): Promise<void> => {
    const recordsOf = (topic: string, own: readonly object[]) =>
      own.map((row) => ({ topic, value: JSON.stringify(row) }))
    const records = [...recordsOf('left', ofLeft), ...recordsOf('right', ofRight)]
    if (records.length === 0) return
    const batch = await driver.addRecords(records)
    expect([batch.late, batch.deadLetters]).toEqual([[], []])
    given.push(...batch.rows)
  }
  for (const [l, r, restarts] of steps) {
    await deliver(sides.left.splice(0, l), sides.right.splice(0, r))
    if (restarts) await driver.restart()
  }
  await deliver(sides.left, sides.right)
  await deliver(left.slice(-1), right.slice(-1))
  const final = (all: readonly object[]): readonly string[] =>
    all
      .map((row) => JSON.stringify(row))
      .filter((row) => !row.includes('"key":"end"'))
      .sort()
  expect(final(given)).toEqual(final(plan.runBatch(left as never, { sources: { right } })))
})
