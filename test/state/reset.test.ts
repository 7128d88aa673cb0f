import { expect, test } from 'vitest'

import { wallTimeMs } from '../../lib/aggregate/time.ts'
import type { LastingQuery } from '../../lib/state/protocol/operators/stateful-query.ts'
import { resetState } from '../../lib/state/reset.ts'
import { memoryState } from '../../lib/state/stores/memory.ts'
import { aBatch, aContainer, aDriver, aQuery, shown } from './tick-batches.ts'

const update = aQuery({ outputMode: 'update', shards: 1 })
const lasting = update as unknown as LastingQuery

test('after a reset a query begins from nothing, in a warm container too, and the old items are removed', async () => {
  const driver = aDriver(update)
  const batch = aBatch({ 't-0': { from: 0, times: [1] } })
  await driver.run(batch)
  await driver.run(aBatch({ 't-0': { from: 1, times: [2] } }))
  expect(await resetState(driver.container, lasting, wallTimeMs(5000))).toBe(1)
  const outcome = await driver.run(batch)
  expect(shown(driver)).toEqual(['10 {t-0:0}'])
  expect(outcome).toMatchObject({ batchId: 1, ranWithWatermarkMs: null })
})

test('a batch that began before a reset fails, and runs on the new state when it comes again', async () => {
  const memory = memoryState()
  let resets = 0
  const driver = aDriver(
    update,
    aContainer({
      ...memory,
      put: async (item, rev) => {
        const outcome = await memory.put(item, rev)
        // Between the fold and the commit.
        if (item.sk === 'head' && resets === 0) {
          resets += 1
          await resetState(aContainer(memory), lasting, wallTimeMs(5000))
        }
        return outcome
      },
    }),
  )
  const batch = aBatch({ 't-0': { from: 0, times: [1] } })
  await expect(driver.run(batch)).rejects.toMatchObject({
    code: 'STATE_CONFLICT',
    message: expect.stringContaining('was reset'),
  })
  await driver.run(batch)
  expect(shown(driver)).toEqual(['10 {t-0:0}'])
})

test.each(['{}', 'not even JSON'])('state nobody can read any more (%s) can be reset', async (body) => {
  const driver = aDriver(update)
  const { store } = driver.container
  const batch = aBatch({ 't-0': { from: 0, times: [1] } })
  await driver.run(batch)
  const item = await store.get({ pk: 'q#ticks', sk: 'progress' })
  await store.put({ pk: 'q#ticks', sk: 'progress', rev: 'other', body: Buffer.from(body) }, item?.rev ?? null)
  await expect(driver.run(batch)).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' })
  await resetState(driver.container, lasting, wallTimeMs(5000))
  await expect(driver.run(batch)).resolves.toMatchObject({ batchId: 1 })
})
