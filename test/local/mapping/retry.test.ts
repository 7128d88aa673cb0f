import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from '../../../local/mapping/retry.ts'

test('the wait doubles from 1 s to 30 s', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 5_000].map((attempt) => backoffMs(attempt, 0))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
  ])
})

test('jitter takes up to a fifth, never more, and nothing is added', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempt, random) => {
        const full = backoffMs(attempt, 0)
        expect(backoffMs(attempt, random)).toBeLessThanOrEqual(full)
        expect(backoffMs(attempt, random)).toBeGreaterThanOrEqual(full * 0.8)
      },
    ),
  )
})
