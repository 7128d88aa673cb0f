import fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterSetback, backoffMs, type Piece } from '../../../mapping/invoke/retry.ts'

test('the wait is 1 s, doubling to 5 s, and none where nothing failed', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7, 1000].map((setbacks) => backoffMs(setbacks, 0))).toEqual([
    0, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000, 5_000, 5_000,
  ])
})

test('the wait is at most a fifth shorter', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (setbacks, random) => {
        const wait = backoffMs(setbacks, random)
        expect(wait).toBeLessThanOrEqual(backoffMs(setbacks, 0))
        expect(wait).toBeGreaterThanOrEqual(backoffMs(setbacks, 0) * 0.8)
      },
    ),
  )
})

test('by halving and a retry limit exactly the bad records are discarded, and each good one succeeds once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.array(fc.nat(59)), fc.nat(3), (size, bad, maxRetries) => {
      const isBad = (row: number) => bad.includes(row)
      const handled: number[] = []
      const discarded: number[] = []
      const tries = new Map<number, number>()
      const pending: Piece<number>[] = [{ rows: [...Array(size).keys()], failures: 0, setbacks: 0 }]
      for (let piece = pending.shift(); piece !== undefined; piece = pending.shift()) {
        if (!piece.rows.some(isBad)) {
          handled.push(...piece.rows)
          continue
        }
        const [only] = piece.rows
        if (piece.rows.length === 1 && only !== undefined) tries.set(only, (tries.get(only) ?? 0) + 1)
        const verdict = afterSetback(piece, { kind: 'functionError' }, { maxRetries, bisects: true })
        discarded.push(...verdict.discarded)
        pending.unshift(...verdict.again)
      }
      const all = [...Array(size).keys()]
      expect(handled).toEqual(all.filter((row) => !isBad(row)))
      expect(discarded).toEqual(all.filter(isBad))
      // "Splitting batches doesn't consume the retry quota."
      for (const count of tries.values()) expect(count).toBe(maxRetries + 1)
    }),
  )
})

test('progress by a partial response starts the backoff anew, but counts as a retry', () => {
  const piece = { rows: [1, 2, 3], failures: 2, setbacks: 5 }
  const rules = { maxRetries: 3, bisects: false }
  expect(afterSetback(piece, { kind: 'itemFailures', failed: [2] }, rules).again).toEqual([
    { rows: [2], failures: 3, setbacks: 1 },
  ])
  expect(afterSetback({ ...piece, failures: 3 }, { kind: 'itemFailures', failed: [2] }, rules)).toEqual({
    again: [],
    discarded: [2],
  })
})
