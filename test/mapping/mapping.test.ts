import { describe, expect, test } from 'vitest'
import { maxPayloadBytes } from '../../mapping/settings/limits.ts'
import { OversizedRow } from '../../mapping/source/fetch/oversized-row.ts'
import { blockedFunction, started, until } from './a-started-mapping.ts'
import { aRow, memoryInvoker, offsetsOf, rowsFrom } from './builders.ts'

test('several partitions go into one payload, and the commit is the last offset + 1 of each', async () => {
  const { source, invoker } = started(memoryInvoker(() => undefined))
  source.join([0, 1])
  source.hand(rowsFrom(0, [0, 1]))
  source.hand(rowsFrom(1, [0]))
  await until(() =>
    expect([...source.commits]).toEqual([
      [0, 2],
      [1, 1],
    ]),
  )
  expect(invoker.events.map(offsetsOf)).toEqual([{ 'stock-ticks-0': [0, 1], 'stock-ticks-1': [0] }])
})

test('nothing is committed while the function fails, and the same records come again in order', async () => {
  let failures = 1
  const { source, invoker, recorded, log } = started(
    memoryInvoker(async () => {
      failures -= 1
      if (failures >= 0) throw new Error('boom\u001b[2J')
      return undefined
    }),
  )
  source.join([0])
  source.hand(rowsFrom(0, [0, 1, 2]))
  await until(() => expect(log.lines.join()).toContain('the same records again in 0.8 s'))
  expect(log.lines.join()).toContain('boom\\u001b[2J')
  expect(source.commits.size).toBe(0)
  source.hand(rowsFrom(0, [3]))
  await until(() => expect(source.commits.get(0)).toBe(4))
  expect(invoker.events.map(offsetsOf)).toEqual([
    { 'stock-ticks-0': [0, 1, 2] },
    { 'stock-ticks-0': [0, 1, 2] },
    { 'stock-ticks-0': [3] },
  ])
  expect(recorded.map(offsetsOf)).toEqual([{ 'stock-ticks-0': [0, 1, 2] }, { 'stock-ticks-0': [3] }])
})

test.each(['throttled', 'unavailable'] as const)('%s is waited out as a function error is', async (kind) => {
  let isFirst = true
  const { source, invoker } = started(
    memoryInvoker(async () => {
      const outcome = isFirst ? ({ kind, message: 'not now' } as const) : undefined
      isFirst = false
      return outcome
    }),
  )
  source.join([0])
  source.hand(rowsFrom(0, [0]))
  await until(() => expect(source.commits.get(0)).toBe(1))
  expect(invoker.events).toHaveLength(2)
})

test('reading goes on while an invocation runs, and one is in flight at a time', async () => {
  const { invoker, release } = blockedFunction()
  const { source } = started(invoker)
  source.join([0])
  for (let offset = 0; offset < 9; offset += 1) source.hand(rowsFrom(0, [offset]))
  await until(() => expect(invoker.events).toHaveLength(1))
  release()
  await until(() => expect(source.commits.get(0)).toBe(9))
  expect(invoker.peakInFlight()).toBe(1)
  expect(invoker.events.flatMap((event) => offsetsOf(event)['stock-ticks-0'])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
})

test('a record too large for any payload is dropped with a line, and committed past only in its turn', async () => {
  const { invoker, release } = blockedFunction()
  const { source, log } = started(invoker)
  source.join([0])
  const tooLarge = aRow({ offset: 1, value: Buffer.alloc((maxPayloadBytes * 3) / 4) })
  source.hand([aRow({ offset: 0 }), tooLarge, aRow({ offset: 2 })])
  await until(() => expect(invoker.events.map(offsetsOf)).toEqual([{ 'stock-ticks-0': [0, 2] }]))
  expect(log.lines.filter((line) => line.startsWith('error: stock-ticks-0 offset 1: '))).toHaveLength(1)
  expect(source.commits.size).toBe(0)
  release()
  await until(() => expect(source.commits.get(0)).toBe(3))
})

test('a batch that expands to too much is told by its offsets, given up as too large, and committed past', async () => {
  const { source, log, invoker } = started(memoryInvoker(() => undefined))
  source.join([0])
  const bomb = new OversizedRow(1, 7, 1_700_000_000_000, 7)
  source.hand([aRow({ offset: 0 }), bomb, aRow({ offset: 8 })])
  await until(() => expect(source.commits.get(0)).toBe(9))
  expect(invoker.events.map(offsetsOf)).toEqual([{ 'stock-ticks-0': [0, 8] }])
  expect(log.lines).toContain(
    'error: stock-ticks-0 offsets 1 to 7: a compressed batch of 7 records expands to more than 134217728 bytes: not read',
  )
})

test('what Kafka filtered is committed past without an invocation', async () => {
  const { source, invoker } = started(memoryInvoker(() => undefined))
  source.join([0])
  source.hand([], 6)
  await until(() => expect(source.commits.get(0)).toBe(6))
  expect(invoker.events).toHaveLength(0)
})

test('a LATEST start is committed at once, so that a rebalance does not look it up later', async () => {
  const { source } = started(memoryInvoker(() => undefined))
  source.join([0], { offset: 40, pinned: true })
  await until(() => expect(source.commits.get(0)).toBe(40))
})

test('a topic made anew under the same name is read from its beginning', async () => {
  const { source, invoker, log } = started(memoryInvoker(() => undefined))
  source.join([0])
  source.hand(rowsFrom(0, [10, 11]))
  await until(() => expect(source.commits.get(0)).toBe(12))
  source.hand(rowsFrom(0, [0, 1]))
  await until(() => expect(invoker.events).toHaveLength(2))
  expect(log.lines.join()).toContain('reading went back to offset 0')
  await until(() => expect(source.commits.get(0)).toBe(2))
})

describe('stopping', () => {
  test('lets the batch in flight end and commits it, and begins no other', async () => {
    const { invoker, release } = blockedFunction()
    const { source, mapping } = started(invoker)
    source.join([0])
    source.hand(rowsFrom(0, [0, 1, 2, 3]))
    await until(() => expect(invoker.events).toHaveLength(1))
    const stopped = mapping.stop(new AbortController().signal)
    expect(source.isClosed()).toBe(false)
    release()
    await stopped
    expect(source.isClosed()).toBe(true)
    expect([...source.commits]).toEqual([[0, 3]])
    expect(invoker.events).toHaveLength(1)
  })

  test('aborted does not wait for the function, and does not commit its batch', async () => {
    const { invoker } = blockedFunction()
    const { source, mapping } = started(invoker)
    source.join([0])
    source.hand(rowsFrom(0, [0, 1, 2]))
    await until(() => expect(invoker.events).toHaveLength(1))
    const abort = new AbortController()
    const stopped = mapping.stop(abort.signal)
    abort.abort()
    await stopped
    expect(source.commits.size).toBe(0)
  })

  test('between two attempts commits nothing of the batch', async () => {
    const { source, mapping, log } = started(memoryInvoker(() => Promise.reject(new Error('boom'))))
    source.join([0])
    source.hand(rowsFrom(0, [0]))
    await until(() => expect(log.lines.join()).toContain('again in'))
    await mapping.stop(new AbortController().signal)
    expect(source.commits.size).toBe(0)
  })
})
