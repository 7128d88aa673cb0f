import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from '../../../mapping/retry/backoff.ts'

test('the wait is 1 s, doubling to 5 s, and none where nothing failed', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 1000].map((failures) => backoffMs(failures, 0))).toEqual([
    0, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000, 5_000,
  ])
})

test('the wait is at most a fifth shorter', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, random) => {
        const wait = backoffMs(failures, random)
        expect(wait).toBeLessThanOrEqual(backoffMs(failures, 0))
        expect(wait).toBeGreaterThanOrEqual(backoffMs(failures, 0) * 0.8)
      },
    ),
  )
})
