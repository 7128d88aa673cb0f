// What never changes the sessions of a stream: how it is split into batches, how its partitions are interleaved, crashes and
// redelivery with other boundaries. And a stream that has ended says what batch mode says, and what the definition says.

import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import {
  count,
  first,
  json,
  last,
  long,
  maxBy,
  sessionWindow,
  stream,
  string,
  struct,
  sum,
  timestamp,
} from '../../lib/index.ts'
import { runSplit, splits } from './split-stream.ts'

const delayMs = 20
const Event = struct({ key: string(), gap: long(), value: long(), at: timestamp() })

interface Row {
  readonly key: string
  readonly gap: number
  readonly value: number
  readonly at: number
}

/**
 * Rows of one partition, each less behind the latest so far than the delay. One that is as far behind touches a session which ends at the
 * watermark, and is closed by it, as Spark's is.
 */
const partition = fc
  .array(
    fc.record({
      key: fc.constantFrom('a', 'b'),
      gap: fc.integer({ min: -1, max: 12 }),
      aheadMs: fc.nat({ max: 12 }),
      behindMs: fc.nat({ max: delayMs - 1 }),
      value: fc.nat({ max: 1000 }),
    }),
    { maxLength: 25 },
  )
  .map((moves) => {
    let latest = 1_767_623_400_000
    return moves.map(({ aheadMs, behindMs, ...row }): Row => {
      const isAhead = aheadMs > 6
      if (isAhead) latest += aheadMs - 6
      return { ...row, at: isAhead ? latest : latest - behindMs }
    })
  })

/** So late that it ends every session before it, and in none itself. */
const sentinel: Row = { key: 'end', gap: -1, value: 0, at: 1_767_700_000_000 }

const sessions = stream('sessions')
  .readKafka({ topic: 'events' })
  .decode(json(Event))
  .withWatermark('at', `${delayMs} milliseconds`)
  .groupBy(
    sessionWindow('at', ({ gap }) => `${gap} milliseconds`),
    'key',
  )
  .agg({
    rows: count(),
    total: sum('value'),
    from: first('value'),
    to: last('value'),
    longest: maxBy('value', 'gap'),
  })

/** Sessions by their definition: intervals in the order of time, put together while they touch. */
function defined(rows: readonly Row[]) {
  const found: { key: string; start: number; end: number; rows: number; total: number }[] = []
  for (const { key, gap, value, at } of rows.toSorted((left, right) => left.at - right.at)) {
    if (gap <= 0) continue
    const open = found.findLast((session) => session.key === key)
    if (open === undefined || at > open.end) found.push({ key, start: at, end: at + gap, rows: 1, total: value })
    else Object.assign(open, { end: Math.max(open.end, at + gap), rows: open.rows + 1, total: open.total + value })
  }
  return found
}

const sorted = <Value>(values: readonly Value[]): readonly string[] =>
  values.map((value) => JSON.stringify(value)).sort()

test.prop([fc.array(partition, { minLength: 1, maxLength: 3 }), splits, fc.constantFrom(1, 3)], {
  numRuns: 150,
})('the sessions of a stream are those of batch mode, however it is delivered', async (given, steps, shards) => {
  const partitions = given.map((rows) => [...rows, sentinel])
  const streamed = await runSplit(sessions, partitions, steps, shards)
  const rows = given.flat()
  const shown = defined(rows).map(({ key, start, end, ...totals }) => ({
    session_window: { start, end },
    key,
    ...totals,
  }))
  const bare = (row: object) => {
    const { from: _, to: __, longest: ___, ...rest } = row as Record<string, unknown>
    return rest
  }
  expect(sorted(streamed.map((row) => bare(row as object)))).toEqual(sorted(shown))
  expect(sorted(sessions.runBatch(rows).map(bare))).toEqual(sorted(shown))
})

test.prop([partition, splits], { numRuns: 100 })(
  'aggregates that go by an order see the rows of a session in that of time, in a stream as in a batch',
  async (given, steps) => {
    const streamed = await runSplit(sessions, [[...given, sentinel]], steps, 1)
    expect(sorted(streamed)).toEqual(sorted(sessions.runBatch(given)))
  },
)
