// Whatever bytes arrive and whatever functions do with them, nothing vanishes and nothing stops: each record has one end.
// `npm run chaos` runs a million records through the same queries.

import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { seeded } from '../../state/schedule/random.ts'
import { checkConservation, type Ends } from './conservation.ts'
import { settings } from './queries.ts'

test.each(settings)('records in are rows, late, dead letters or dropped: $policy, $codec, $shape', async (setting) => {
  const ends = await checkConservation(setting, 60, 5, seeded(13))
  const some: readonly (keyof Ends)[] = setting.policy === 'drop' ? ['rows', 'dropped'] : ['rows']
  for (const end of some) expect(ends[end], end).toBeGreaterThan(0)
})

property.prop(
  [fc.nat(), fc.constantFrom(...settings), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4 })],
  {
    numRuns: 150,
  },
)('whatever the batches and the failures', async (seed, setting, size, batches) => {
  await checkConservation(setting, size, batches, seeded(seed))
})
