import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { KafkaEvent } from '../../lib/event/kafka-event.ts'
import { createPermits } from '../../mapping/dispatch/permits.ts'
import { aMapping, pass } from './a-mapping.ts'
import { aRow, offsetsOf, rowsFrom } from './builders.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const takes = (ms: number) => async (): Promise<undefined> => {
  await new Promise((resolve) => setTimeout(resolve, ms))
  return undefined
}
const partitionOf = (event: KafkaEvent) => Object.keys(offsetsOf(event)).join()

/** Each partition's records in a fetch of their own, so that a batch of 2 is of one partition. */
const backlog = (partitions: number, each: number) =>
  Array.from({ length: partitions }, (_, partition) => rowsFrom(partition, [...Array(each).keys()]))

describe('local-mapping.md 2.3: on demand', () => {
  test('as many invocations run at once as there are partitions, and never two of one partition', async () => {
    const inFlight = new Set<string>()
    const { source, events, peakInFlight } = aMapping({ batchSize: 2 }, async (event) => {
      const partition = partitionOf(event)
      expect(inFlight.has(partition)).toBe(false)
      inFlight.add(partition)
      await takes(100)()
      inFlight.delete(partition)
      return undefined
    })
    source.join([0, 1, 2, 3])
    for (const rows of backlog(4, 6)) source.hand(rows)
    await pass(401)
    expect(peakInFlight()).toBe(4)
    expect(events).toHaveLength(12)
    expect([...source.commits.values()]).toEqual([6, 6, 6, 6])
  })

  test('a start begins with two invocations and has more as they succeed', async () => {
    const { source, events } = aMapping({ batchSize: 2 }, takes(100))
    source.join([...Array(64).keys()])
    for (const rows of backlog(64, 2)) source.hand(rows)
    const begun: number[] = []
    await pass(1)
    for (let round = 0; round < 4; round += 1) {
      begun.push(events.length)
      await pass(100)
    }
    expect(begun).toEqual([2, 6, 14, 30])
  })

  test('a function that is throttled has one invocation at a time until it is not', async () => {
    let isThrottled = false
    const { source, events } = aMapping({ batchSize: 2 }, async () => {
      await takes(100)()
      return isThrottled ? { kind: 'throttled', message: 'slow down' } : undefined
    })
    source.join([...Array(8).keys()])
    for (const rows of backlog(8, 20)) source.hand(rows)
    await pass(250)
    isThrottled = true
    await pass(10_000)
    const before = events.length
    isThrottled = false
    await pass(100)
    expect(events.length - before).toBeLessThanOrEqual(2)
    await pass(20_000)
    expect([...source.commits.values()]).toEqual(Array(8).fill(20))
  })
})

describe('reservedConcurrency and the ceiling of the machine', () => {
  const permits = createPermits({ max: 3, reserved: new Map([['bars', 2]]) })

  test('two mappings of a function have together no more than it reserves, and all is handled', async () => {
    let inFlight = 0
    let peak = 0
    const handler = async () => {
      inFlight += 1
      peak = Math.max(peak, inFlight)
      await takes(100)()
      inFlight -= 1
      return undefined
    }
    const mappings = [1, 2].map(() => aMapping({ batchSize: 2 }, handler, { permits }))
    for (const { source } of mappings) {
      source.join([0, 1, 2, 3])
      for (const rows of backlog(4, 6)) source.hand(rows)
    }
    await pass(1_400)
    expect(peak).toBe(2)
    for (const { source } of mappings) expect([...source.commits.values()]).toEqual([6, 6, 6, 6])
  })

  test('all functions together have no more than the ceiling, yet each mapping has one', async () => {
    const others = ['a', 'b', 'c', 'd'].map((functionKey) => {
      const mapping = aMapping({ batchSize: 2, functionKey }, takes(100), { permits })
      mapping.source.join([0, 1, 2, 3])
      for (const rows of backlog(4, 2)) mapping.source.hand(rows)
      return mapping
    })
    await pass(1)
    expect(others.map(({ peakInFlight }) => peakInFlight())).toEqual([2, 1, 1, 1])
    await pass(1_000)
    for (const { source } of others) expect([...source.commits.values()]).toEqual([2, 2, 2, 2])
  })
})

describe('local-mapping.md 2.4: provisioned', () => {
  test('five invocations for each poller, as far as there are partitions', async () => {
    const { source, peakInFlight } = aMapping({ batchSize: 2, pollers: { min: 1, max: 1 } }, takes(100))
    source.join([0, 1, 2, 3, 4, 5, 6])
    for (const rows of backlog(7, 2)) source.hand(rows)
    await pass(1_000)
    expect(peakInFlight()).toBe(5)
    expect(source.commits.size).toBe(7)
  })
})

test('a slow partition does not hold up another', async () => {
  const { source } = aMapping({ batchSize: 2 }, async (event) =>
    takes(partitionOf(event) === 'stock-ticks-0' ? 9_000 : 10)(),
  )
  source.join([0, 1])
  for (const rows of backlog(2, 6)) source.hand(rows)
  await pass(100)
  expect([...source.commits]).toEqual([[1, 6]])
})

test('a failing partition does not hold up another', async () => {
  const { source, mapping } = aMapping({ batchSize: 2 }, async (event) => {
    if (partitionOf(event) === 'stock-ticks-0') throw new Error('poison')
    return undefined
  })
  source.join([0, 1])
  for (const rows of backlog(2, 6)) source.hand(rows)
  await pass(50_000)
  expect([...source.commits]).toEqual([[1, 6]])
  await mapping.stop(AbortSignal.abort())
})

test('a batch of several partitions that fails comes again whole, blocks them, and lets others go on', async () => {
  const { source, events, mapping } = aMapping({ batchSize: 10, windowMs: 10 }, async (event) => {
    if (partitionOf(event).includes('stock-ticks-0')) throw new Error('poison')
    return undefined
  })
  source.join([0, 1, 2])
  source.hand(rowsFrom(0, [0]))
  source.hand(rowsFrom(1, [0]))
  await pass(11)
  source.hand(rowsFrom(1, [1]))
  source.hand(rowsFrom(2, [0]))
  await pass(1_050)
  const both = { 'stock-ticks-0': [0], 'stock-ticks-1': [0] }
  expect(events.map(offsetsOf)).toEqual([both, { 'stock-ticks-2': [0] }, both])
  expect([...source.commits]).toEqual([[2, 1]])
  await mapping.stop(AbortSignal.abort())
})

test('what waits for a slow partition pauses its reading, not that of others, and reading goes on afterwards', async () => {
  const { source } = aMapping({ batchSize: 10 }, async (event) =>
    takes(partitionOf(event) === 'stock-ticks-0' ? 5_000 : 1)(),
  )
  source.join([0, 1])
  let next = 0
  const megabyte = Buffer.alloc(1_000_000)
  for (; next < 80 && !source.paused.has(0); next += 1) {
    source.hand([aRow({ partition: 0, offset: next, value: megabyte })])
    source.hand([aRow({ partition: 1, offset: next, value: megabyte })])
    await pass(10)
  }
  // 32 MB in encoded bytes.
  expect(next).toBeGreaterThan(20)
  expect(next).toBeLessThan(32)
  expect([...source.paused]).toEqual([0])
  expect(source.commits.get(1)).toBe(next)
  await pass(200_000)
  expect(source.paused.size).toBe(0)
  expect(source.commits.get(0)).toBe(next)
})

describe('local-mapping.md 5: records that are filtered out', () => {
  const evenPrices = { matches: (value: Buffer | null) => Number(value) % 2 === 0 }
  const priced = (offsets: readonly number[]) =>
    offsets.map((offset) => aRow({ offset, value: Buffer.from(String(offset)) }))

  test('are not sent, and committed with those that are', async () => {
    const { source, offsets, mapping, log } = aMapping({}, async () => undefined, { filter: evenPrices })
    source.join([0])
    source.hand(priced([1, 2, 3, 4, 5]))
    await pass(10)
    expect(offsets()).toEqual([[2, 4]])
    expect(source.commits.get(0)).toBe(6)
    expect(mapping.metrics.sums()).toMatchObject({
      PolledEventCount: 5,
      FilteredOutEventCount: 3,
      InvokedEventCount: 2,
    })
    expect(log.lines.join()).toContain('window, 3 filtered out')
  })

  test('do not count for BatchSize', async () => {
    const { source, offsets } = aMapping({ batchSize: 3, windowMs: 60_000 }, async () => undefined, {
      filter: evenPrices,
    })
    source.join([0])
    source.hand(priced([1, 2, 3, 4, 5]))
    await pass(10)
    expect(offsets()).toEqual([])
    source.hand(priced([6, 7, 8]))
    await pass(10)
    expect(offsets()).toEqual([[2, 4, 6]])
  })

  test('do not move the commit past one that is still in flight', async () => {
    const { source } = aMapping({}, takes(1_000), { filter: evenPrices })
    source.join([0])
    source.hand(priced([2, 3]))
    source.hand(priced([5, 7]))
    await pass(500)
    expect(source.commits.get(0)).toBe(2)
    await pass(600)
    expect(source.commits.get(0)).toBe(8)
  })

  test('where all were, the offsets are committed without an invocation', async () => {
    const { source, events, log } = aMapping({}, async () => undefined, { filter: evenPrices })
    source.join([0])
    source.hand(priced([1, 3]))
    await pass(10)
    expect(events).toEqual([])
    expect(source.commits.get(0)).toBe(4)
    expect(log.lines.join()).toContain('bars <- stock-ticks 0:1-3 | 2 filtered out, none to send')
  })
})

test('lags are those between commit and the end of the log', async () => {
  const { source, mapping } = aMapping({}, takes(1_000))
  source.join([0])
  source.hand(rowsFrom(0, [0, 1, 2]))
  await pass(10)
  expect(mapping.lags()).toEqual(new Map([[0, 3]]))
  await pass(1_000)
  expect(mapping.lags()).toEqual(new Map([[0, 0]]))
})
