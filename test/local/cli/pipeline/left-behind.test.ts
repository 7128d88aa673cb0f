import { expect, test } from 'vitest'
import { leftBehind } from '../../../../local/cli/pipeline/left-behind.ts'

test('a group that has read and whose query has no state is said, with both ways on', () => {
  const lines = leftBehind([{ key: 'totals', name: 'sums', isKept: false }], new Set(['totals']))
  expect(lines).toEqual([expect.stringMatching(/^WARN {2}totals: .*the name of its query, "sums".*--fresh/)])
})

test('kept state, and a group that has read nothing yet, are no news', () => {
  expect(leftBehind([{ key: 'totals', name: 'totals', isKept: true }], new Set(['totals']))).toEqual([])
  expect(leftBehind([{ key: 'totals', name: 'totals', isKept: false }], new Set())).toEqual([])
})
