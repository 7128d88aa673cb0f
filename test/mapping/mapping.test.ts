import { afterEach, describe, expect, test, vi } from 'vitest'
import type { KafkaEvent } from '../../lib/event/kafka-event.ts'
import { onMappingEvent } from '../../mapping/events/channel.ts'
import { Mapping, type MappingOptions } from '../../mapping/mapping.ts'
import { maxPayloadBytes } from '../../mapping/settings/limits.ts'
import {
  aRow,
  eventsInto,
  type MemoryInvoker,
  memoryInvoker,
  memoryLog,
  offsetsOf,
  rowsFrom,
  someSettings,
} from './builders.ts'
import { memorySource } from './memory-source.ts'

const running: Mapping[] = []
afterEach(async () => {
  for (const mapping of running.splice(0)) await mapping.stop(AbortSignal.abort())
})

function started(invoker: MemoryInvoker, more: Partial<MappingOptions> = {}) {
  const source = memorySource()
  const log = memoryLog()
  const recorded: KafkaEvent[] = []
  const events = eventsInto(log, someSettings())
  onMappingEvent((event) => {
    if (event.kind === 'handled') recorded.push(event.payload.event)
  }, events.mapping)
  const mapping = new Mapping({
    settings: someSettings(),
    origin: { eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' },
    functionName: 'demo-dev-bars',
    functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:demo-dev-bars',
    filter: undefined,
    destination: undefined,
    epochMs: () => Date.now(),
    source,
    invoker,
    events,
    nowMs: () => performance.now(),
    random: () => 0.999,
    ...more,
  })
  mapping.start()
  running.push(mapping)
  return { source, log, recorded, mapping, invoker }
}

/** A function that answers when the test lets it. */
function blockedFunction() {
  let release = () => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const invoker = memoryInvoker(async (_event, signal) => {
    const aborted = new Promise<'aborted'>((resolve) => signal.addEventListener('abort', () => resolve('aborted')))
    if ((await Promise.race([gate, aborted])) === 'aborted') return { kind: 'unavailable', message: 'aborted' }
    return undefined
  })
  return { invoker, release: () => release() }
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 3_000, interval: 5 })

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

  test('between two tries, the next try is without the partition that went', async () => {
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
    source.failCommits(new Error('away'))
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

test('a commit that is gone means another topic: reading begins anew', async () => {
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
  source.failCommits(new Error('away'))
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

  test('in a hurry does not wait for the function, and does not commit its batch', async () => {
    const { invoker } = blockedFunction()
    const { source, mapping } = started(invoker)
    source.join([0])
    source.hand(rowsFrom(0, [0, 1, 2]))
    await until(() => expect(invoker.events).toHaveLength(1))
    const hurry = new AbortController()
    const stopped = mapping.stop(hurry.signal)
    hurry.abort()
    await stopped
    expect(source.commits.size).toBe(0)
  })

  test('between two tries commits nothing of the batch', async () => {
    const { source, mapping, log } = started(memoryInvoker(() => Promise.reject(new Error('boom'))))
    source.join([0])
    source.hand(rowsFrom(0, [0]))
    await until(() => expect(log.lines.join()).toContain('again in'))
    await mapping.stop(new AbortController().signal)
    expect(source.commits.size).toBe(0)
  })
})
