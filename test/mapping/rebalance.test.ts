import { describe, expect, test } from 'vitest'
import { blockedFunction, started, until } from './a-started-mapping.ts'
import { memoryInvoker, offsetsOf, rowsFrom, someSettings } from './builders.ts'

describe('on a rebalance', () => {
  test('a partition that goes is neither sent again nor committed, one that stays is', async () => {
    const { invoker, release } = blockedFunction()
    const { source } = started(invoker, { settings: someSettings({ batchSize: 2 }) })
    source.join([0, 1])
    source.hand(rowsFrom(0, [0]))
    source.hand(rowsFrom(1, [0]))
    await until(() => expect(invoker.events).toHaveLength(1))
    source.hand(rowsFrom(1, [1, 2]))
    expect(source.join([0])).toEqual(new Map([[0, 1]]))
    release()
    await until(() => expect([...source.commits]).toEqual([[0, 1]]))
    source.hand(rowsFrom(0, [1, 2]))
    await until(() => expect(source.commits.get(0)).toBe(3))
    expect(invoker.events.map(offsetsOf)).toEqual([
      { 'stock-ticks-0': [0], 'stock-ticks-1': [0] },
      { 'stock-ticks-0': [1, 2] },
    ])
  })

  test('between two attempts, the next one is without the partition that was revoked', async () => {
    let failures = 1
    const { source, invoker, log } = started(
      memoryInvoker(async () => {
        failures -= 1
        if (failures >= 0) throw new Error('boom')
        return undefined
      }),
    )
    source.join([0, 1])
    source.hand(rowsFrom(0, [0]))
    source.hand(rowsFrom(1, [0, 1]))
    await until(() => expect(log.lines.join()).toContain('again in'))
    source.join([1])
    await until(() => expect([...source.commits]).toEqual([[1, 2]]))
    expect(invoker.events.map(offsetsOf)).toEqual([
      { 'stock-ticks-0': [0], 'stock-ticks-1': [0, 1] },
      { 'stock-ticks-1': [0, 1] },
    ])
  })

  test('what waits of a kept partition is sent once, and reading goes on behind it', async () => {
    const { invoker, release } = blockedFunction()
    const { source } = started(invoker)
    source.join([0])
    source.hand(rowsFrom(0, [0, 1, 2]))
    source.hand(rowsFrom(0, [3, 4]))
    await until(() => expect(invoker.events).toHaveLength(1))
    expect(source.join([0])).toEqual(new Map([[0, 5]]))
    release()
    await until(() => expect(source.commits.get(0)).toBe(5))
    expect(invoker.events.map(offsetsOf)).toEqual([{ 'stock-ticks-0': [0, 1, 2] }, { 'stock-ticks-0': [3, 4] }])
  })

  test('a partition that another member moved on begins anew at its commit, in flight or not', async () => {
    const { invoker, release } = blockedFunction()
    const { source } = started(invoker)
    source.join([0])
    source.hand(rowsFrom(0, [0, 1, 2]))
    await until(() => expect(invoker.events).toHaveLength(1))
    source.commits.set(0, 7)
    expect(source.join([0])).toEqual(new Map([[0, 7]]))
    release()
    source.hand(rowsFrom(0, [7]))
    await until(() => expect(source.commits.get(0)).toBe(8))
    expect(invoker.events.map(offsetsOf)).toEqual([{ 'stock-ticks-0': [0, 1, 2] }, { 'stock-ticks-0': [7] }])
  })
})

describe('a partition that goes and comes back', () => {
  const handledAndNotCommitted = async (committed: number | undefined) => {
    const { source, invoker, log } = started(memoryInvoker(() => undefined))
    if (committed !== undefined) source.commits.set(0, committed)
    source.join([0])
    source.failCommits(new Error('down'))
    source.hand(rowsFrom(0, [4, 5, 6]))
    await until(() => expect(log.lines.join()).toContain('did not take a commit'))
    source.join([])
    source.failCommits(undefined)
    return { source, invoker }
  }

  test.each([
    ['as it was', 4, 4],
    ['never made', undefined, undefined],
    ['made, its answer lost', 4, 6],
    ['made, its answer lost, and all of it', 4, 7],
  ])('with its commit %s goes on behind what was handled', async (_, committed, now) => {
    const { source, invoker } = await handledAndNotCommitted(committed)
    if (now !== undefined) source.commits.set(0, now)
    expect(source.join([0])).toEqual(new Map([[0, 7]]))
    await until(() => expect(source.commits.get(0)).toBe(7))
    source.hand(rowsFrom(0, [7]))
    await until(() => expect(source.commits.get(0)).toBe(8))
    expect(invoker.events.map(offsetsOf)).toEqual([{ 'stock-ticks-0': [4, 5, 6] }, { 'stock-ticks-0': [7] }])
  })

  test.each([8, 3])('with a commit that somebody moved to %i begins at that', async (moved) => {
    const { source } = await handledAndNotCommitted(4)
    source.commits.set(0, moved)
    expect(source.join([0])).toEqual(new Map([[0, moved]]))
    source.hand(rowsFrom(0, [moved]))
    await until(() => expect(source.commits.get(0)).toBe(moved + 1))
  })

  test('with a log that no longer covers its commit begins where the log does', async () => {
    const { source } = await handledAndNotCommitted(4)
    expect(source.join([0], { offset: 50, from: 'outOfRange' })).toEqual(new Map([[0, 50]]))
  })

  test('is read again from what was not handled when it went', async () => {
    const { invoker, release } = blockedFunction()
    const { source } = started(invoker)
    source.join([0])
    source.hand(rowsFrom(0, [0, 1, 2]))
    await until(() => expect(invoker.events).toHaveLength(1))
    source.join([])
    expect(source.join([0])).toEqual(new Map([[0, 0]]))
    release()
  })
})

test('a commit that kafkajs replaced by one of its own is made again, and nothing is sent twice', async () => {
  const { invoker, release } = blockedFunction()
  const { source } = started(invoker)
  source.join([0])
  source.commits.set(0, 2)
  source.join([0])
  source.hand(rowsFrom(0, [2, 3]))
  await until(() => expect(invoker.events).toHaveLength(1))
  source.mark(0)
  expect(source.join([0])).toEqual(new Map([[0, 4]]))
  release()
  await until(() => expect(source.commits.get(0)).toBe(4))
  expect(invoker.events).toHaveLength(1)
})

test('a commit that has disappeared means another topic: reading begins anew', async () => {
  const { source, invoker } = started(memoryInvoker(() => undefined))
  source.join([0])
  source.hand(rowsFrom(0, [0, 1, 2]))
  await until(() => expect(source.commits.get(0)).toBe(3))
  source.commits.delete(0)
  expect(source.join([0])).toEqual(new Map([[0, 0]]))
  source.hand(rowsFrom(0, [0, 1]))
  await until(() => expect(source.commits.get(0)).toBe(2))
  expect(invoker.events.map(offsetsOf)).toEqual([{ 'stock-ticks-0': [0, 1, 2] }, { 'stock-ticks-0': [0, 1] }])
})

test('of a topic that was not there nothing is remembered, handled or not', async () => {
  const { source, log } = started(memoryInvoker(() => undefined))
  source.join([0])
  source.failCommits(new Error('down'))
  source.hand(rowsFrom(0, [0, 1, 2]))
  await until(() => expect(log.lines.join()).toContain('did not take a commit'))
  source.lose()
  source.failCommits(undefined)
  expect(source.join([0])).toEqual(new Map([[0, 0]]))
})

test('nothing is committed while positions are looked up', async () => {
  const { invoker, release } = blockedFunction()
  const { source } = started(invoker)
  source.join([0, 1])
  source.hand(rowsFrom(0, [0, 1, 2]))
  await until(() => expect(invoker.events).toHaveLength(1))
  const finish = source.beginJoin([0, 1])
  release()
  // Time for a commit: the batch is handled, and the next begins.
  source.hand(rowsFrom(1, [0, 1, 2]))
  await until(() => expect(invoker.events).toHaveLength(2))
  expect(source.commits.size).toBe(0)
  expect(finish()).toEqual(
    new Map([
      [0, 3],
      [1, 3],
    ]),
  )
  await until(() => expect(source.commits.get(0)).toBe(3))
})

test('a commit that is not taken is made again also where no further batch comes', async () => {
  const { source, log } = started(memoryInvoker(() => undefined))
  source.join([0])
  source.failCommits(new Error('rebalancing'))
  source.hand(rowsFrom(0, [0]))
  await until(() => expect(log.lines.join()).toContain('did not take a commit'))
  source.failCommits(undefined)
  await until(() => expect(source.commits.get(0)).toBe(1))
})

test('a commit that is not taken is made again with the next batch, and said once', async () => {
  const { source, log } = started(memoryInvoker(() => undefined))
  source.join([0])
  source.failCommits(new Error('rebalancing'))
  source.hand(rowsFrom(0, [0]))
  await until(() => expect(log.lines.filter((line) => line.startsWith('warning'))).toHaveLength(1))
  source.hand(rowsFrom(0, [1]))
  source.failCommits(undefined)
  await until(() => expect(source.commits.get(0)).toBe(2))
  expect(log.lines.filter((line) => line.startsWith('warning'))).toHaveLength(1)
})
