// Calls to the store per batch, beside the cost line of docs/state-protocol.md: "reads 1 + cold touched; writes touched + 1; per closing
// batch + sealed groups + 1 (C) and S queries; a late (window, key) costs 1 read and, the first time, 1 write."
import { expect, test } from 'vitest'

import { aBatch, aDriver, aQuery, aSession, countingStore } from './tick-batches.ts'

/** Five groups: one window per key. */
const keys = ['a', 'b', 'c', 'd', 'e']
const touching = (from: number, time: number) => {
  const parts = keys.map((key, index) => [`t-${index}`, { from, times: [time], key }] as const)
  return aBatch(Object.fromEntries(parts))
}

async function counted(work: () => Promise<unknown>, calls: ReturnType<typeof countingStore>['calls']) {
  Object.assign(calls, { reads: 0, writes: 0, queries: 0 })
  await work()
  return { ...calls }
}

test.each(['append', 'update'] as const)('%s: cold, warm, redelivered, closing, late', async (outputMode) => {
  const { store, calls } = countingStore()
  const query = aQuery({ outputMode, shards: 2 })
  // The first batch of all also creates progress.
  await aDriver(query, aSession(store)).run(touching(0, 91))
  await aDriver(query, aSession(store)).run(touching(1, 106))

  const { run } = aDriver(query, aSession(store))
  const cold = await counted(() => run(touching(2, 107)), calls)
  const warm = await counted(() => run(touching(3, 108)), calls)
  const redelivered = await counted(() => run(touching(3, 108)), calls)
  const closing = await counted(() => run(touching(4, 116)), calls)
  const firstLate = await counted(() => run(aBatch({ 't-0': { from: 5, times: [55] } })), calls)
  const nextLate = await counted(() => run(aBatch({ 't-0': { from: 6, times: [56] } })), calls)

  expect({ cold, warm, closing, firstLate, nextLate }).toEqual({
    cold: { reads: 1 + 5, writes: 5 + 1, queries: 0 },
    warm: { reads: 1, writes: 5 + 1, queries: 0 },
    // Five new groups are read and written, five old ones sealed from the scan, C moved.
    closing: { reads: 1 + 5, writes: 5 + 1 + 5 + 1, queries: 2 },
    firstLate: { reads: 1 + 1, writes: 1 + 1, queries: 0 },
    // The sealed group is warm: no read.
    nextLate: { reads: 1, writes: 1, queries: 0 },
  })
  // Update mode reads what it shows again where it wrote nothing and knew it from a warm copy.
  expect(redelivered).toEqual({ reads: outputMode === 'update' ? 1 + 5 : 1, writes: 1, queries: 0 })
})

test('complete: the table is a query per shard', async () => {
  const { store, calls } = countingStore()
  const { run } = aDriver(aQuery({ outputMode: 'complete', shards: 4 }), aSession(store))
  await run(touching(0, 101))
  expect(await counted(() => run(touching(1, 102)), calls)).toEqual({ reads: 1, writes: 5 + 1, queries: 4 })
})

test('an idle timeout adds a write where a partition was not heard of for half of it', async () => {
  const { store, calls } = countingStore()
  const partitions = ['t-0']
  const { run } = aDriver(
    aQuery({ watermark: { policy: 'min', delayMs: 5, partitions, idleTimeoutMs: 100 } }),
    aSession(store),
  )
  await run(aBatch({ 't-0': { from: 0, times: [11] } }), 1000)
  const soon = await counted(() => run(aBatch({ 't-0': { from: 1, times: [12] } }), 1040), calls)
  const later = await counted(() => run(aBatch({ 't-0': { from: 2, times: [13] } }), 1100), calls)
  expect([soon.writes, later.writes]).toEqual([2, 3])
})
