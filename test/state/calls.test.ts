// What a batch costs at the store, beside the cost line of docs/state-protocol.md: progress read and written, the head, now and
// then a segment; three calls more where windows close; whatever the number of groups.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'

import type { OutputMode } from '../../lib/aggregate/output-mode.ts'
import { memoryState } from '../../lib/state/stores/memory.ts'
import { idsOperator } from './schedule/topic.ts'
import { aBatch, aContainer, aDriver, aQuery, type Driver, tumbling } from './tick-batches.ts'

/** Accumulators that do not grow: what is measured is the log. */
const counting = {
  ...idsOperator(tumbling),
  add: (acc: string[]) => [String(Number(acc[0] ?? 0) + 1)],
}
const aCount = (given: Parameters<typeof aQuery>[0] = {}) => aQuery({ shards: 1, operator: counting, ...given })

/** Keys that hardly compress. */
const keys = Array.from({ length: 20_000 }, (_, i) => createHash('sha1').update(`${i}`).digest('base64'))

/** A batch of one partition that touches so many groups of one window: a key each. */
function touching(from: number, groups: number, time: number) {
  const [part] = aBatch({ 't-0': { from, times: Array.from({ length: groups }, () => time) } }).partitions
  if (part === undefined) throw new TypeError('there is no partition')
  const rows = part.rows.map((row, i) => ({ ...row, key: keys[i] ?? '' }))
  return { partitions: [{ ...part, rows, at: rows }] }
}

async function callsOf(driver: Driver, batches: readonly ReturnType<typeof touching>[]): Promise<readonly number[]> {
  const calls: number[] = []
  for (const batch of batches) calls.push((await driver.run(batch)).usage.calls)
  return calls
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0) / numbers.length

test.each([
  { groups: 10, outputMode: 'update' },
  { groups: 100, outputMode: 'append' },
  { groups: 1000, outputMode: 'update' },
  { groups: 1000, outputMode: 'append' },
  { groups: 10_000, outputMode: 'update' },
] as const)(
  '$groups groups, $outputMode, one warm shard: 100 batches make at most four calls each',
  async ({ groups, outputMode }) => {
    const driver = aDriver(aCount({ outputMode }), aContainer(memoryState()))
    const batches = Array.from({ length: 101 }, (_, i) => touching(i * groups, groups, 91))
    const [first, ...calls] = await callsOf(driver, batches)
    // The first batch of all creates progress; in append mode it closes what ended before the first watermark.
    expect(first).toBeLessThanOrEqual(9)
    // Changes of 3 kB and less go into the head. Larger ones are a segment each, and now and then a snapshot in its place.
    expect(Math.max(...calls)).toBe(4)
    expect(Math.min(...calls)).toBe(groups < 1000 ? 3 : 4)
  },
)

test('a batch that touches a tenth of 20,000 groups makes four calls, also where it writes all of them anew', async () => {
  const groups = 20_000
  const driver = aDriver(aCount({ outputMode: 'update' }), aContainer(memoryState(), { maxSegments: 10 }))
  await driver.run(touching(0, groups, 91))
  const batches = Array.from({ length: 100 }, (_, i) => touching(groups + i * 2000, 2000, 91))
  expect(new Set(await callsOf(driver, batches))).toEqual(new Set([4]))
})

test('one that closes windows each tenth batch makes three calls more each tenth time', async () => {
  const driver = aDriver(aCount(), aContainer(memoryState()))
  await driver.run(touching(0, 1000, 91))
  const batches = Array.from({ length: 100 }, (_, i) => touching(1000 + i * 1000, 1000, 91 + i))
  const calls = await callsOf(driver, batches)
  expect(mean(calls)).toBeLessThanOrEqual(4 + 3 / 10)
  expect(new Set(calls)).toEqual(new Set([4, 7]))
})

test('a batch that closes windows makes three calls more: it binds the shard, looks again, and moves the closed bound', async () => {
  const driver = aDriver(aCount(), aContainer(memoryState()))
  await driver.run(touching(0, 5, 91))
  const [before, closing, after] = await callsOf(driver, [
    touching(5, 5, 92),
    touching(10, 5, 116),
    touching(15, 5, 116),
  ])
  expect(before).toBe(3)
  expect(closing).toBe(3 + 3)
  expect(after).toBe(3)
})

test.each(['append', 'update', 'complete'] as const)(
  '%s: a cold container reads the head and its segments once',
  async (outputMode: OutputMode) => {
    const store = memoryState()
    const query = aCount({ outputMode })
    await aDriver(query, aContainer(store, { maxTailBytes: 0 })).run(touching(0, 50, 91))
    const { usage } = await aDriver(query, aContainer(store)).run(touching(50, 50, 91))
    // Progress, head and one segment are read; head and progress written; complete reads the head once more.
    expect(usage.calls).toBeLessThanOrEqual(outputMode === 'complete' ? 6 : 5)
  },
)

test('an idle timeout adds a write where a partition was not heard of for half of it', async () => {
  const watermark = { policy: 'min', delayMs: 5, partitions: ['t-0'], idleTimeoutMs: 100 } as const
  const driver = aDriver(aQuery({ watermark, shards: 1 }))
  await driver.run(aBatch({ 't-0': { from: 0, times: [11] } }), 1000)
  const soon = await driver.run(aBatch({ 't-0': { from: 1, times: [12] } }), 1040)
  const later = await driver.run(aBatch({ 't-0': { from: 2, times: [13] } }), 1100)
  expect([soon.usage.calls, later.usage.calls]).toEqual([3, 4])
})
