import { expect, test } from 'vitest'

import { wallTimeMs } from '../../lib/aggregate/time.ts'
import { resetState } from '../../lib/state/reset.ts'
import { aBatch, aDriver, aQuery, shown } from './tick-batches.ts'

const update = aQuery({ outputMode: 'update' })

test('after a reset a query begins from nothing, in a warm container too', async () => {
  const { run, told, session } = aDriver(update)
  const batch = aBatch({ 't-0': { from: 0, times: [1] } })
  await run(batch)
  await run(aBatch({ 't-0': { from: 1, times: [2] } }))
  expect(await resetState(session, update, wallTimeMs(5000))).toBe(1)
  const outcome = await run(batch)
  expect(shown(told)).toEqual(['10 {t-0:0}'])
  expect(outcome).toMatchObject({ batchId: 1, ranWithWatermarkMs: null })
})

test('a batch that began before a reset fails, and runs on the new state when it comes again', async () => {
  const { session } = aDriver(update)
  let resets = 0
  const query = aQuery({
    outputMode: 'update',
    fold: (_, inputs) => inputs.map(({ offset }) => offset).join(' '),
  })
  const { run, told } = aDriver(query, {
    ...session,
    store: {
      ...session.store,
      put: async (item, rev) => {
        // Between the fold and the commit.
        if (item.sk !== 'progress' && resets === 0) {
          resets += 1
          const outcome = await session.store.put(item, rev)
          await resetState(session, query, wallTimeMs(5000))
          return outcome
        }
        return session.store.put(item, rev)
      },
    },
  })
  const batch = aBatch({ 't-0': { from: 0, times: [1] } })
  await expect(run(batch)).rejects.toMatchObject({
    code: 'STATE_CONFLICT',
    message: expect.stringContaining('was reset'),
  })
  await run(batch)
  expect(shown(told)).toEqual(['10 {0}'])
})

test.each(['{}', 'not even JSON'])('state nobody can read any more (%s) can be reset', async (body) => {
  const { run, session } = aDriver(update)
  const batch = aBatch({ 't-0': { from: 0, times: [1] } })
  await run(batch)
  const item = await session.store.get({ pk: 'q#ticks', sk: 'progress' })
  await session.store.put({ pk: 'q#ticks', sk: 'progress', rev: 'other', expiresAtSec: null, body }, item?.rev ?? null)
  await expect(run(batch)).rejects.toMatchObject({ code: 'STATE_INCOMPATIBLE' })
  await resetState(session, update, wallTimeMs(5000))
  await expect(run(batch)).resolves.toMatchObject({ batchId: 1 })
})
