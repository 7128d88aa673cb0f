// What never changes the pairs of a join: with policy `min`, the partitions known and disorder within each partition below the delay,
// they are the same for any split into batches, any interleaving of partitions and sides, any crash and redelivery; and a stream that
// has ended says what batch mode says.

import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { type EmittedRow, int, json, type Sink, stream, string, struct, timestamp } from '../../../lib/index.ts'
import { testDriver } from '../../../lib/testing/index.ts'

const Left = struct({ key: string().nullable(), l: int(), at: timestamp() })
const Right = struct({ key: string().nullable(), r: int(), seen: timestamp() })
type Type = 'inner' | 'left' | 'right' | 'full' | 'leftSemi'

const delayMs = 10_000

/** Rows of one partition, none as far behind the latest so far as the delay. */
const rows = fc
  .array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c', null),
      aheadMs: fc.nat({ max: 8_000 }),
      behindMs: fc.nat({ max: delayMs - 1 }),
    }),
    { maxLength: 12 },
  )
  .map((moves) => {
    let latest = 1_000_000
    return moves.map(({ key, aheadMs, behindMs }) => {
      if (aheadMs > 3_000) latest += aheadMs - 3_000
      return { key, timeMs: aheadMs > 3_000 ? latest : latest - behindMs }
    })
  })

const steps = fc.array(
  fc.record({
    take: fc.array(fc.nat({ max: 4 }), { minLength: 4, maxLength: 4 }),
    crashes: fc.boolean(),
    restarts: fc.boolean(),
  }),
  { maxLength: 12 },
)

const sentinelMs = 10_000_000

function joinOf(type: Type, isEqualTime: boolean) {
  // Times that are rounded are so much further behind.
  const delay = isEqualTime ? '14 seconds' : '10 seconds'
  const left = stream('join').readKafka({ topic: 'left' }).decode(json(Left)).withWatermark('at', delay)
  const right = stream('join').readKafka({ topic: 'right' }).decode(json(Right)).withWatermark('seen', delay)
  return isEqualTime
    ? left.join(right, {
        on: [
          ['key', 'key'],
          ['at', 'seen'],
        ],
        prefix: 'r_',
        type: type as 'inner',
      })
    : left.join(right, {
        on: [['key', 'key']],
        prefix: 'r_',
        type: type as 'inner',
        within: { before: '2 seconds', after: '5 seconds' },
        where: ({ l }, { r }) => (l + r) % 5 !== 0,
      })
}

const text = (row: object): string => JSON.stringify(row)
const isSentinel = (row: string): boolean => row.includes(String(sentinelMs))

test.prop(
  [
    fc.constantFrom<Type>('inner', 'left', 'right', 'full', 'leftSemi'),
    fc.boolean(),
    fc.array(rows, { minLength: 4, maxLength: 4 }),
    steps,
  ],
  { numRuns: 100 },
)('a join gives the same rows however its records come', async (type, isEqualTime, given, steps) => {
  const round = (timeMs: number): number => (isEqualTime ? timeMs - (timeMs % 4_000) : timeMs)
  let number = 0
  // Two partitions of each side; the last row of each ends all that wait.
  const partitions = given.map((own, p) => {
    const isLeft = p < 2
    return [...own, { key: 'end', timeMs: sentinelMs }].map(({ key, timeMs }) => {
      number += 1
      const time = timeMs === sentinelMs ? timeMs : round(timeMs) + (isEqualTime ? 3_999 : 0)
      return isLeft ? { key, l: number, at: time } : { key, r: number, seen: time }
    })
  })
  const plan = joinOf(type, isEqualTime)
  let crashes = false
  const sink: Sink<object> = {
    description: 'crashing',
    write: async () => {
      if (crashes) throw new Error('crash')
    },
  }
  const driver = testDriver(plan.writeStream({ sinks: [sink], maxFuture: 'off' }), { partitions: 2 })
  const done = partitions.map(() => 0)
  const emitted: EmittedRow<object>[] = []
  const deliver = async (take: readonly number[], willCrash: boolean): Promise<void> => {
    const ends = done.map((from, p) => Math.min(from + (take[p] ?? 0), partitions[p]?.length ?? 0))
    const records = partitions.flatMap((own, p) =>
      own.slice(done[p], ends[p]).map((row, i) => ({
        topic: p < 2 ? 'left' : 'right',
        partition: p % 2,
        offset: (done[p] ?? 0) + i,
        value: JSON.stringify(row),
      })),
    )
    if (records.length === 0) return
    crashes = willCrash
    try {
      const batch = await driver.addRecords(records)
      expect(batch.late).toEqual([])
      expect(batch.deadLetters).toEqual([])
      emitted.push(...batch.emitted)
      ends.forEach((end, p) => {
        done[p] = end
      })
    } catch (error) {
      if (!willCrash) throw error
    }
  }
  for (const { take, crashes, restarts } of steps) {
    if (restarts) await driver.restart()
    await deliver(take, crashes)
  }
  // The rest but for the sentinels comes together, and then those.
  await deliver(
    partitions.map((own, p) => Math.max(0, own.length - 1 - (done[p] ?? 0))),
    false,
  )
  await deliver([1, 1, 1, 1], false)

  const ids = emitted.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const ofLeft = partitions.slice(0, 2).flat()
  const ofRight = partitions.slice(2).flat()
  const batch = plan.runBatch(ofLeft as never, { sources: { right: ofRight } })
  const final = (all: readonly object[]): readonly string[] =>
    all
      .map(text)
      .filter((row) => !isSentinel(row))
      .sort()
  expect(final(emitted.map(({ row }) => row))).toEqual(final(batch))
})
