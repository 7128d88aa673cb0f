import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'

import { inParallel } from '../../lib/state/parallel.ts'

test('never more at a time than allowed, results in order', async () => {
  let running = 0
  let most = 0
  const results = await inParallel([1, 2, 3, 4, 5], 2, async (item) => {
    running += 1
    most = Math.max(most, running)
    await turn()
    running -= 1
    return item * 10
  })
  expect(results).toEqual([10, 20, 30, 40, 50])
  expect(most).toBe(2)
})

test('a failure begins nothing new and is thrown when the running work has ended', async () => {
  const ended: number[] = []
  const work = inParallel([1, 2, 3, 4], 2, async (item) => {
    if (item === 1) throw new Error('the first failed')
    await turn()
    ended.push(item)
  })
  await expect(work).rejects.toThrow('the first failed')
  expect(ended).toEqual([2])
})
