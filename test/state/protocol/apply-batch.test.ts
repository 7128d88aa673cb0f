import { describe, expect, test } from 'vitest'

import { MicrobatchError } from '../../../lib/error.ts'
import { readGroups } from '../../../lib/state/inspect.ts'
import { readProgress } from '../../../lib/state/protocol/progress-store.ts'
import { stateSession } from '../../../lib/state/protocol/session.ts'
import { memoryState } from '../../../lib/state/stores/memory.ts'
import { aBatch, aDriver, aQuery, aSession, shown } from '../tick-batches.ts'

describe('append', () => {
  test('a window comes out once the watermark has passed its end, in the same invocation', async () => {
    const { run, told } = aDriver()
    await run(aBatch({ 't-0': { from: 0, times: [1, 2] } }))
    expect(shown(told)).toEqual([])
    const outcome = await run(aBatch({ 't-0': { from: 2, times: [15] } }))
    expect(shown(told)).toEqual(['10 {t-0:0 t-0:1}'])
    expect(outcome).toMatchObject({ batchId: 2, ranWithWatermarkMs: -3, watermarkMs: 10, groupsClosed: 1 })
  })

  test('a batch that closes nothing still emits, no rows', async () => {
    const { run, told } = aDriver()
    await run(aBatch({ 't-0': { from: 0, times: [null] } }))
    expect(told.outputs).toEqual([{ mode: 'append', gen: expect.any(String), batchId: 1, rows: [] }])
    expect(told.deadLetterCalls).toBe(1)
  })

  test('the bound of closed windows moves only after the rows are acknowledged', async () => {
    const driver = aDriver()
    const store = driver.session.store
    await driver.run(aBatch({ 't-0': { from: 0, times: [1] } }))
    const { emission } = driver.told
    const rows = emission.rows
    emission.rows = async () => {
      throw new Error('the sink is down')
    }
    await expect(driver.run(aBatch({ 't-0': { from: 1, times: [30] } }))).rejects.toThrow('the sink is down')
    expect(JSON.parse((await store.get({ pk: 'q#ticks', sk: 'progress' }))?.body ?? '')).toMatchObject({
      watermarkMs: 25,
      closedMs: null,
    })
    emission.rows = rows
    await driver.run(aBatch({ 't-0': { from: 1, times: [30] } }))
    expect(shown(driver.told)).toEqual(['10 {t-0:0}'])
    expect(JSON.parse((await store.get({ pk: 'q#ticks', sk: 'progress' }))?.body ?? '')).toMatchObject({ closedMs: 25 })
  })
})

describe('late rows', () => {
  test('a row whose window was closed is late: reported with its window, counted once, also when it comes again', async () => {
    const { run, told } = aDriver()
    await run(aBatch({ 't-0': { from: 0, times: [1, 40] } }))
    const batch = aBatch({ 't-0': { from: 2, times: [3] } })
    const first = await run(batch)
    const again = await run(batch)
    expect(told.late.map(({ tp, offset, groups }) => ({ tp, offset, groups }))).toEqual([
      { tp: 't-0', offset: 2, groups: [{ key: 'a', windowEndMs: 10 }] },
      { tp: 't-0', offset: 2, groups: [{ key: 'a', windowEndMs: 10 }] },
    ])
    expect([first.lateRowsTotal, again.lateRowsTotal]).toEqual([1, 1])
  })

  test('a record of several sliding windows is one late row that names those it missed', async () => {
    const { run, told } = aDriver(aQuery({ windows: { everyMs: 5, phaseMs: 0 } }))
    await run(aBatch({ 't-0': { from: 0, times: [26] } }, 5))
    const outcome = await run(aBatch({ 't-0': { from: 1, times: [16, 7] } }, 5))
    expect(told.late.map(({ offset, groups }) => [offset, groups.map(({ windowEndMs }) => windowEndMs)])).toEqual([
      [1, [20]],
      [2, [15, 10]],
    ])
    expect(outcome.lateRowsTotal).toBe(2)
  })

  test('in complete mode nothing is late and every batch gives the whole table', async () => {
    const { run, told } = aDriver(aQuery({ outputMode: 'complete' }))
    await run(aBatch({ 't-0': { from: 0, times: [1, 40] } }))
    const outcome = await run(aBatch({ 't-0': { from: 2, times: [3] } }))
    expect(shown(told)).toEqual(['10 {t-0:0 t-0:2}', '50 {t-0:1}'])
    expect(outcome).toMatchObject({ groupsTotal: 2, lateRowsTotal: 0 })
  })
})

describe('update', () => {
  test('gives the groups that hold rows of the batch, with a version that grows', async () => {
    const { run, told } = aDriver(aQuery({ outputMode: 'update' }))
    await run(aBatch({ 't-0': { from: 0, times: [1, 12] } }))
    await run(aBatch({ 't-0': { from: 2, times: [13] } }))
    expect(shown(told)).toEqual(['20 {t-0:1 t-0:2}'])
    expect(told.outputs.map(({ rows }) => rows.map(({ version }) => version))).toEqual([[1, 1], [2]])
  })

  test('a redelivered batch gives its groups again, as they now are, from another container too', async () => {
    const store = memoryState()
    const one = aDriver(aQuery({ outputMode: 'update' }), aSession(store))
    const two = aDriver(aQuery({ outputMode: 'update' }), aSession(store))
    const batch = aBatch({ 't-0': { from: 0, times: [1] } })
    await one.run(batch)
    await two.run(aBatch({ 't-0': { from: 1, times: [2] } }))
    await one.run(batch)
    expect(shown(one.told)).toEqual(['10 {t-0:0 t-0:1}'])
  })
})

describe('the watermark', () => {
  const partitions = ['t-0', 't-1']

  test('with min, waits for the partition nobody has heard of, and says so', async () => {
    const { run } = aDriver(aQuery({ watermark: { policy: 'min', delayMs: 5, partitions } }))
    const alone = await run(aBatch({ 't-0': { from: 0, times: [100] } }))
    expect(alone).toMatchObject({ watermarkMs: null, heldBackBy: { partition: 't-1', time: null } })
    const both = await run(aBatch({ 't-1': { from: 0, times: [50] } }))
    expect(both).toMatchObject({ watermarkMs: 45, heldBackBy: { partition: 't-1', time: 50 } })
  })

  test('with an idle timeout, passes a partition that is silent, but not after the whole query was down', async () => {
    const watermark = { policy: 'min', delayMs: 5, partitions, idleTimeoutMs: 100 } as const
    const { run } = aDriver(aQuery({ watermark }))
    await run(aBatch({ 't-0': { from: 0, times: [10] }, 't-1': { from: 0, times: [10] } }), 1000)
    const down = await run(aBatch({ 't-0': { from: 1, times: [90] } }), 5000)
    expect(down.watermarkMs).toBe(5)
    const soon = await run(aBatch({ 't-0': { from: 2, times: [95] } }), 5080)
    expect(soon.watermarkMs).toBe(5)
    const idle = await run(aBatch({ 't-0': { from: 3, times: [99] } }), 5150)
    expect(idle.watermarkMs).toBe(94)
  })

  test('a partition that fails before every commit is heard of, and does not look idle', async () => {
    const watermark = { policy: 'min', delayMs: 5, partitions, idleTimeoutMs: 100 } as const
    const store = memoryState()
    const { run } = aDriver(aQuery({ watermark }), aSession(store))
    const failing = aDriver(
      aQuery({
        watermark,
        fold: () => {
          throw new Error('this partition is poisoned')
        },
      }),
      aSession(store),
    )
    await run(aBatch({ 't-0': { from: 0, times: [10] }, 't-1': { from: 0, times: [10] } }), 1000)
    await run(aBatch({ 't-0': { from: 1, times: [50] } }), 1060)
    await expect(failing.run(aBatch({ 't-1': { from: 1, times: [11] } }), 1080)).rejects.toThrow('poisoned')
    const outcome = await run(aBatch({ 't-0': { from: 2, times: [60] } }), 1150)
    expect(outcome.watermarkMs).toBe(5)
  })

  test('an event without records closes nothing new, and hears nobody', async () => {
    const { run, told, session } = aDriver(aQuery({ watermark: { policy: 'min', delayMs: 5, partitions } }))
    await run(aBatch({ 't-0': { from: 0, times: [3] } }), 1000)
    const before = await readProgress(session, aQuery())
    await run({ partitions: new Map(), groups: [] }, 9000)
    expect(shown(told)).toEqual([])
    expect(await readProgress(session, aQuery())).toEqual({ ...before, rev: expect.any(String), n: 2 })
  })
})

test('what is kept can be looked at: progress, and every group', async () => {
  const { run, session } = aDriver()
  expect(await readProgress(session, aQuery())).toBeUndefined()
  expect(await readGroups(session.store, aQuery())).toEqual([])
  await run(aBatch({ 't-0': { from: 0, times: [1, 40] } }))
  expect(await readProgress(session, aQuery())).toMatchObject({ n: 1, watermarkMs: 35, next: new Map([['t-0', 2]]) })
  const groups = await readGroups(session.store, aQuery())
  expect(groups.map(({ windowEndMs, sealed }) => [windowEndMs, sealed])).toEqual([
    [10, true],
    [50, false],
  ])
})

test('settings under which rows would be lost are refused', async () => {
  const batch = aBatch({ 't-0': { from: 0, times: [1] } })
  const min = { policy: 'min', delayMs: 5, partitions: ['t-0'] } as const
  const refused = [
    aQuery({ shards: 0 }),
    aQuery({ watermark: { ...min, partitions: [] } }),
    aQuery({ watermark: { ...min, idleTimeoutMs: 0 } }),
  ]
  for (const query of refused) await expect(aDriver(query).run(batch)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

describe('state that is not this query’s', () => {
  test('is refused, naming what differs and a way out', async () => {
    const store = memoryState()
    await aDriver(aQuery(), aSession(store)).run(aBatch({ 't-0': { from: 0, times: [1] } }))
    const other = aDriver(aQuery({ fingerprint: { grouping: 'window(timestamp, 60)' } }), aSession(store))
    await expect(other.run(aBatch({ 't-0': { from: 1, times: [2] } }))).rejects.toMatchObject({
      code: 'STATE_INCOMPATIBLE',
      message: expect.stringMatching(/grouping was window\(timestamp, 10\), is now window\(timestamp, 60\).*--fresh/),
    })
    const mode = aDriver(aQuery({ outputMode: 'update' }), aSession(store))
    await expect(mode.run(aBatch({ 't-0': { from: 1, times: [2] } }))).rejects.toThrow('outputMode was append')
  })

  test('of another layout is refused', async () => {
    const { run, session } = aDriver()
    await run(aBatch({ 't-0': { from: 0, times: [1] } }))
    const item = await session.store.get({ pk: 'q#ticks', sk: 'progress' })
    if (item === undefined) throw new TypeError('there is no progress')
    await session.store.put({ ...item, body: item.body.replace('"layout":1', '"layout":2') }, item.rev)
    await expect(run(aBatch({ 't-0': { from: 1, times: [2] } }))).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' })
  })

  test('a topic that was made again under kept state is refused; its redelivery is not', async () => {
    const { run } = aDriver()
    const batch = aBatch({ 't-0': { from: 0, times: [1, 2] } })
    await run(batch)
    await expect(run(batch)).resolves.toBeDefined()
    const part = batch.partitions.get('t-0')
    if (part === undefined) throw new TypeError('there is no partition')
    const records = part.records.map((record) => ({ ...record, timestamp: record.timestamp + 1 }))
    await expect(run({ ...batch, partitions: new Map([['t-0', { ...part, records }]]) })).rejects.toMatchObject({
      code: 'STATE_INCOMPATIBLE',
      message: expect.stringContaining('the topic was re-created'),
    })
  })

  test('a batch wholly below what was processed, after a long silence, is warned about', async () => {
    const { run } = aDriver()
    await run(aBatch({ 't-0': { from: 0, times: [1, 2, 3] } }), 1000)
    const hoursLater = 1000 + 5 * 3_600_000
    const { warnings } = await run(aBatch({ 't-0': { from: 0, times: [1] } }), hoursLater)
    expect(warnings).toEqual([expect.stringContaining('was the topic re-created?')])
  })
})

describe('a store that does not answer', () => {
  test('fails the batch after a bounded number of tries, with the cause', async () => {
    const memory = memoryState()
    const cause = new Error('timed out')
    const store = { ...memory, put: () => Promise.reject(cause) }
    const waits: number[] = []
    const sleep = async (ms: number): Promise<void> => void waits.push(ms)
    const session = stateSession(store, { sleep, random: () => 1, maxTries: 8 })
    await expect(aDriver(aQuery(), session).run(aBatch({ 't-0': { from: 0, times: [1] } }))).rejects.toMatchObject({
      code: 'STATE_CONFLICT',
      cause,
    })
    expect(waits).toEqual([40, 80, 160, 320, 640, 1000, 1000])
  })

  test('a group that outgrew its item fails at once', async () => {
    const memory = memoryState()
    const tooLarge = new MicrobatchError('STATE_TOO_LARGE', 'too large')
    const store = {
      ...memory,
      put: async (...put: Parameters<typeof memory.put>) => {
        if (put[0].sk !== 'progress') throw tooLarge
        return memory.put(...put)
      },
    }
    await expect(aDriver(aQuery(), aSession(store)).run(aBatch({ 't-0': { from: 0, times: [1] } }))).rejects.toBe(
      tooLarge,
    )
  })
})
