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
  type Sink,
  sessionWindow,
  stream,
  string,
  struct,
  sum,
  timestamp,
} from '../../lib/index.ts'
import { type TestRecord, testDriver } from '../../lib/testing/index.ts'

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

async function runStream(partitions: readonly (readonly Row[])[], steps: readonly Step[], shards: number) {
  let crashes = false
  const sink: Sink<object> = {
    description: 'crashing',
    write: async () => {
      if (crashes) throw new Error('crash')
    },
  }
  const query = sessions.writeStream({ sinks: [sink], maxFuture: 'off' })
  const driver = testDriver(query, { partitions: partitions.length, shards })
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
    if (outcome instanceof Error) return expect(outcome.message).toBe('crash')
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
  await deliver(partitions.map(({ length }) => length))
  await deliver(partitions.map(({ length }) => length))
  return [...emitted.values()]
}

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

test.prop(
  [fc.array(partition, { minLength: 1, maxLength: 3 }), fc.array(step, { maxLength: 12 }), fc.constantFrom(1, 3)],
  {
    numRuns: 150,
  },
)('the sessions of a stream are those of batch mode, however it is delivered', async (given, steps, shards) => {
  const partitions = given.map((rows) => [...rows, sentinel])
  const streamed = await runStream(partitions, steps, shards)
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

test.prop([partition, fc.array(step, { maxLength: 12 })], { numRuns: 100 })(
  'aggregates that go by an order see the rows of a session in that of time, in a stream as in a batch',
  async (given, steps) => {
    const streamed = await runStream([[...given, sentinel]], steps, 1)
    expect(sorted(streamed)).toEqual(sorted(sessions.runBatch(given)))
  },
)
