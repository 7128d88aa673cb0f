import { expect, test } from 'vitest'
import { nearestName } from '../../../mapping/command/nearest-name.ts'

test.each([
  ['strat', 'start'],
  ['star', 'start'],
  ['lagg', 'lag'],
  ['tali', 'tail'],
  ['verfy', 'verify'],
  ['frobnicate', undefined],
])('%j is %j, or nothing', (given, nearest) => {
  expect(nearestName(given, ['start', 'verify', 'tail', 'lag'])).toBe(nearest)
})
