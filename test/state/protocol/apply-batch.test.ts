import { describe, expect, test } from 'vitest'

import { MicrobatchError } from '../../../lib/error.ts'
import { stateContainer } from '../../../lib/state/protocol/container.ts'
import { readProgress } from '../../../lib/state/protocol/progress/progress-store.ts'
import { memoryState } from '../../../lib/state/stores/memory.ts'
import { idsOperator } from '../schedule/topic.ts'
import { aBatch, aContainer, aDriver, aQuery, shown, sliding, tumbling } from '../tick-batches.ts'

describe('append', () => {
  test('a window comes out once the watermark has passed its end, in the same invocation', async () => {
    const driver = aDriver()
    await driver.run(aBatch({ 't-0': { from: 0, times: [1, 2] } }))
    expect(shown(driver)).toEqual([])
    const outcome = await driver.run(aBatch({ 't-0': { from: 2, times: [15] } }))
    expect(shown(driver)).toEqual(['10 {t-0:0 t-0:1}'])
    expect(outcome).toMatchObject({ batchId: 2, ranWithWatermarkMs: -3, watermarkMs: 10, groupsClosed: 1 })
  })

  test('a batch that closes nothing still emits, no rows', async () => {
    const driver = aDriver()
    await driver.run(aBatch({ 't-0': { from: 0, times: [null] } }))
    expect(driver.outputs).toEqual([{ batchId: 1, rows: [] }])
  })

  test('the bound of closed windows moves only after the rows are acknowledged', async () => {
    const driver = aDriver()
    const { store } = driver.container
    await driver.run(aBatch({ 't-0': { from: 0, times: [1] } }))
    driver.onOutput = async () => {
      throw new Error('the sink is down')
    }
    await expect(driver.run(aBatch({ 't-0': { from: 1, times: [30] } }))).rejects.toThrow('the sink is down')
    expect(await readProgress(store, 'ticks')).toMatchObject({ watermarkMs: 25, closedMs: -4 })
    driver.onOutput = async () => {}
    await driver.run(aBatch({ 't-0': { from: 1, times: [30] } }))
    expect(shown(driver)).toEqual(['10 {t-0:0}'])
    expect(await readProgress(store, 'ticks')).toMatchObject({ closedMs: 25 })
  })
})

describe('late rows', () => {
  test('a row whose window was closed is late: reported with its window, counted once, also when it comes again', async () => {
    const driver = aDriver()
    await driver.run(aBatch({ 't-0': { from: 0, times: [1, 40] } }))
    const batch = aBatch({ 't-0': { from: 2, times: [3] } })
    const first = await driver.run(batch)
    const again = await driver.run(batch)
    expect(driver.late.map(({ tp, at, groups }) => ({ tp, offset: at.offset, groups }))).toEqual([
      { tp: 't-0', offset: 2, groups: [{ key: 'a', windowEndMs: 10 }] },
      { tp: 't-0', offset: 2, groups: [{ key: 'a', windowEndMs: 10 }] },
    ])
    expect([first.lateRowsTotal, again.lateRowsTotal]).toEqual([1, 1])
  })

  test('a record of several sliding windows is one late row that names those it missed', async () => {
    const driver = aDriver(aQuery({ windows: { everyMs: 5, phaseMs: 0 }, operator: idsOperator(sliding) }))
    await driver.run(aBatch({ 't-0': { from: 0, times: [26] } }))
    const outcome = await driver.run(aBatch({ 't-0': { from: 1, times: [16, 7] } }))
    expect(driver.late.map(({ at, groups }) => [at.offset, groups.map(({ windowEndMs }) => windowEndMs)])).toEqual([
      [1, [20]],
      [2, [15, 10]],
    ])
    expect(outcome.lateRowsTotal).toBe(2)
  })

  test('in complete mode nothing is late and every batch gives the whole table', async () => {
    const driver = aDriver(aQuery({ outputMode: 'complete' }))
    await driver.run(aBatch({ 't-0': { from: 0, times: [1, 40] } }))
    const outcome = await driver.run(aBatch({ 't-0': { from: 2, times: [3] } }))
    expect(shown(driver)).toEqual(['10 {t-0:0 t-0:2}', '50 {t-0:1}'])
    expect(outcome).toMatchObject({ groupsTotal: 2, lateRowsTotal: 0 })
  })
})

describe('update', () => {
  test('gives the groups that hold rows of the batch, with a version that grows', async () => {
    const driver = aDriver(aQuery({ outputMode: 'update' }))
    await driver.run(aBatch({ 't-0': { from: 0, times: [1, 12] } }))
    await driver.run(aBatch({ 't-0': { from: 2, times: [13] } }))
    expect(shown(driver)).toEqual(['20 {t-0:1 t-0:2}'])
    expect(driver.outputs.map(({ rows }) => rows.map(({ version }) => version))).toEqual([[1, 1], [2]])
  })

  test('a redelivered batch gives its groups again as they now are; from an old copy under a version that a sink refuses', async () => {
    const store = memoryState()
    const one = aDriver(aQuery({ outputMode: 'update' }), aContainer(store))
    const two = aDriver(aQuery({ outputMode: 'update' }), aContainer(store))
    const batch = aBatch({ 't-0': { from: 0, times: [1] } })
    await one.run(batch)
    await two.run(aBatch({ 't-0': { from: 1, times: [2] } }))
    await two.run(batch)
    expect(shown(two)).toEqual(['10 {t-0:0 t-0:1}'])
    await one.run(batch)
    expect(shown(one)).toEqual(['10 {t-0:0}'])
    const [old, now] = [one, two].map(({ outputs }) => outputs.at(-1)?.rows[0]?.version ?? 0)
    expect(old).toBeLessThan(now ?? 0)
  })
})

describe('the watermark', () => {
  const partitions = ['t-0', 't-1']

  test('with min, waits for the partition nobody has heard of, and says so', async () => {
    const driver = aDriver(aQuery({ watermark: { policy: 'min', delayMs: 5, partitions } }))
    const alone = await driver.run(aBatch({ 't-0': { from: 0, times: [100] } }))
    expect(alone).toMatchObject({ watermarkMs: null, heldBackBy: { partition: 't-1', time: null } })
    const both = await driver.run(aBatch({ 't-1': { from: 0, times: [50] } }))
    expect(both).toMatchObject({ watermarkMs: 45, heldBackBy: { partition: 't-1', time: 50 } })
  })

  test('with an idle timeout, passes a partition that is silent, but not after the whole query was down', async () => {
    const watermark = { policy: 'min', delayMs: 5, partitions, idleTimeoutMs: 100 } as const
    const driver = aDriver(aQuery({ watermark }))
    await driver.run(aBatch({ 't-0': { from: 0, times: [10] }, 't-1': { from: 0, times: [10] } }), 1000)
    const down = await driver.run(aBatch({ 't-0': { from: 1, times: [90] } }), 5000)
    expect(down.watermarkMs).toBe(5)
    const soon = await driver.run(aBatch({ 't-0': { from: 2, times: [95] } }), 5080)
    expect(soon.watermarkMs).toBe(5)
    const idle = await driver.run(aBatch({ 't-0': { from: 3, times: [99] } }), 5150)
    expect(idle.watermarkMs).toBe(94)
  })

  test('a partition that fails before every commit is heard of, and does not look idle', async () => {
    const watermark = { policy: 'min', delayMs: 5, partitions, idleTimeoutMs: 100 } as const
    const store = memoryState()
    const driver = aDriver(aQuery({ watermark }), aContainer(store))
    const failing = aDriver(
      aQuery({
        watermark,
        operator: {
          ...idsOperator(tumbling),
          add: () => {
            throw new Error('this partition is poisoned')
          },
        },
      }),
      aContainer(store),
    )
    await driver.run(aBatch({ 't-0': { from: 0, times: [10] }, 't-1': { from: 0, times: [10] } }), 1000)
    await driver.run(aBatch({ 't-0': { from: 1, times: [50] } }), 1060)
    await expect(failing.run(aBatch({ 't-1': { from: 1, times: [11] } }), 1080)).rejects.toThrow('poisoned')
    const outcome = await driver.run(aBatch({ 't-0': { from: 2, times: [60] } }), 1150)
    expect(outcome.watermarkMs).toBe(5)
  })

  test('a flush closes what an idle partition held back, once', async () => {
    const watermark = { policy: 'min', delayMs: 5, partitions, idleTimeoutMs: 100 } as const
    const driver = aDriver(aQuery({ watermark }))
    await driver.run(aBatch({ 't-0': { from: 0, times: [3] }, 't-1': { from: 0, times: [3] } }), 1000)
    await driver.run(aBatch({ 't-0': { from: 1, times: [30] } }), 1080)
    expect(shown(driver)).toEqual([])
    await driver.run({ partitions: [] }, 1120)
    expect(shown(driver)).toEqual(['10 {t-0:0 t-1:0}'])
    await driver.run({ partitions: [] }, 1130)
    expect(shown(driver)).toEqual([])
  })
})

test('what is kept can be looked at: progress', async () => {
  const driver = aDriver()
  const { store } = driver.container
  expect(await readProgress(store, 'ticks')).toBeUndefined()
  await driver.run(aBatch({ 't-0': { from: 0, times: [1, 40] } }))
  expect(await readProgress(store, 'ticks')).toMatchObject({ n: 1, watermarkMs: 35, next: new Map([['t-0', 2]]) })
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
    await aDriver(aQuery(), aContainer(store)).run(aBatch({ 't-0': { from: 0, times: [1] } }))
    const other = aDriver(aQuery({ fingerprint: { grouping: 'window(timestamp, 60)' } }), aContainer(store))
    await expect(other.run(aBatch({ 't-0': { from: 1, times: [2] } }))).rejects.toMatchObject({
      code: 'STATE_INCOMPATIBLE',
      message: expect.stringMatching(/grouping was window\(timestamp, 10\), is now window\(timestamp, 60\).*--fresh/),
    })
    const mode = aDriver(aQuery({ outputMode: 'complete' }), aContainer(store))
    await expect(mode.run(aBatch({ 't-0': { from: 1, times: [2] } }))).rejects.toThrow('outputMode was append')
  })

  test.each(['{"layout":1,"gen":"g"}', '', 'no JSON'])(
    'of another layout (%s) is refused, with the ways out',
    async (text) => {
      const driver = aDriver()
      const { store } = driver.container
      await driver.run(aBatch({ 't-0': { from: 0, times: [1] } }))
      const item = await store.get({ pk: 'q#ticks', sk: 'progress' })
      if (item === undefined) throw new TypeError('there is no progress')
      await store.put({ ...item, body: Buffer.from(text) }, item.rev)
      await expect(driver.run(aBatch({ 't-0': { from: 1, times: [2] } }))).rejects.toMatchObject({
        code: 'STATE_INCOMPATIBLE',
        message: expect.stringMatching(/--fresh.*resetState/),
      })
    },
  )

  test('a log that somebody has cut is refused, naming the segment', async () => {
    const store = memoryState()
    const options = { maxTailBytes: 0 }
    await aDriver(aQuery({ shards: 1 }), aContainer(store, options)).run(aBatch({ 't-0': { from: 0, times: [1] } }))
    for await (const page of store.range('nothing', 'a', 'b')) expect(page).toEqual([])
    const progress = await readProgress(store, 'ticks')
    const pk = `ticks#${progress?.gen}#0`
    for await (const page of store.range(pk, 'seg#', 'seg$')) await store.exchange([], page)
    const other = aDriver(aQuery({ shards: 1 }), aContainer(store, options))
    await expect(other.run(aBatch({ 't-0': { from: 1, times: [2] } }))).rejects.toMatchObject({
      code: 'STATE_INCOMPATIBLE',
      message: expect.stringMatching(/segment seg#1#.*not in the table/),
    })
  })

  test('a topic that was made again under kept state is refused; its redelivery is not', async () => {
    const driver = aDriver()
    const batch = aBatch({ 't-0': { from: 0, times: [1, 2] } })
    await driver.run(batch)
    await expect(driver.run(batch)).resolves.toBeDefined()
    const other = batch.partitions.map((part) => ({
      ...part,
      records: part.records.map((record) => ({ ...record, timestamp: record.timestamp + 1 })),
    }))
    await expect(driver.run({ partitions: other })).rejects.toMatchObject({
      code: 'STATE_INCOMPATIBLE',
      message: expect.stringMatching(/the topic was re-created .*, or an event invoked by hand/),
    })
  })

  test('a batch wholly below what was processed, after a long silence, is warned about', async () => {
    const driver = aDriver()
    await driver.run(aBatch({ 't-0': { from: 0, times: [1, 2, 3] } }), 1000)
    const hoursLater = 1000 + 5 * 3_600_000
    const { warnings } = await driver.run(aBatch({ 't-0': { from: 0, times: [1] } }), hoursLater)
    expect(warnings).toEqual([expect.stringContaining('was the topic re-created, or')])
  })
})

describe('a store that does not answer', () => {
  test('fails the batch after a bounded number of tries, with the cause', async () => {
    const memory = memoryState()
    const cause = new Error('timed out')
    const store = { ...memory, put: () => Promise.reject(cause) }
    const waits: number[] = []
    const sleep = async (ms: number): Promise<void> => void waits.push(ms)
    const container = stateContainer(store, { sleep, random: () => 1, maxTries: 8 })
    await expect(aDriver(aQuery(), container).run(aBatch({ 't-0': { from: 0, times: [1] } }))).rejects.toMatchObject({
      code: 'STATE_CONFLICT',
      cause,
    })
    expect(waits).toEqual([20, 40, 80, 160, 320, 640, 1000])
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
    await expect(aDriver(aQuery(), aContainer(store)).run(aBatch({ 't-0': { from: 0, times: [1] } }))).rejects.toBe(
      tooLarge,
    )
  })
})
