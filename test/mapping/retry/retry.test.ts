import fc from 'fast-check'
import { expect, test } from 'vitest'
import { afterFailure, type BatchPart } from '../../../mapping/retry/retry.ts'

test('by halving and a retry limit exactly the bad records are discarded, and each good one succeeds once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.array(fc.nat(59)), fc.nat(3), (size, bad, maxRetries) => {
      const isBad = (row: number) => bad.includes(row)
      const handled: number[] = []
      const discarded: number[] = []
      const tries = new Map<number, number>()
      const pending: BatchPart<number>[] = [{ rows: [...Array(size).keys()], countedFailures: 0, failuresInARow: 0 }]
      for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
        if (!part.rows.some(isBad)) {
          handled.push(...part.rows)
          continue
        }
        const [only] = part.rows
        if (part.rows.length === 1 && only !== undefined) tries.set(only, (tries.get(only) ?? 0) + 1)
        const left = afterFailure(part, { kind: 'functionError' }, { maxRetries, bisects: true })
        discarded.push(...left.discarded)
        pending.unshift(...left.retries)
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
  const part = { rows: [1, 2, 3], countedFailures: 2, failuresInARow: 5 }
  const rules = { maxRetries: 3, bisects: false }
  expect(afterFailure(part, { kind: 'itemFailures', failed: [2] }, rules).retries).toEqual([
    { rows: [2], countedFailures: 3, failuresInARow: 1 },
  ])
  expect(afterFailure({ ...part, countedFailures: 3 }, { kind: 'itemFailures', failed: [2] }, rules)).toEqual({
    retries: [],
    discarded: [2],
  })
})
