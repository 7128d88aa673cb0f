// Versions of a query that follow one another over kept state, under hostile schedules: a container of the earlier version runs on, is
// killed or wakes up late while the later one has taken over.
import { describe, expect, test } from 'vitest'

import { type FollowedName, laterPlans } from './chain-schedule/chain-query.ts'
import { runChainSchedule } from './chain-schedule/simulation.ts'
import { versionMutants } from './versions/mutants.ts'
import { runVersions } from './versions/simulation.ts'
import { type ChangeName, changes } from './versions/version-query.ts'

const schedulesPerChange = 40

describe.each(Object.keys(changes) as ChangeName[])('%s', (name) => {
  test('and nothing is lost or twice, whatever is killed, repeated or wakes up late', async () => {
    const seen = { kills: 0, zombies: 0, unclear: 0, takeovers: 0 }
    for (let seed = 0; seed < schedulesPerChange; seed += 1) {
      const policy = seed % 2 === 0 ? 'max' : 'min'
      const result = await runVersions({ seed, name, policy })
      const { violation, trace } = result
      expect(violation, `seed ${seed}, ${policy}: ${violation?.message}\n${trace.join('\n')}`).toBeNull()
      for (const what of ['kills', 'zombies', 'unclear', 'takeovers'] as const) seen[what] += result[what]
    }
    // A schedule in which nothing goes wrong proves nothing.
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(schedulesPerChange / 4)
  }, 60_000)
})

describe.each(Object.keys(laterPlans) as FollowedName[])('%s, which keep something more', (name) => {
  test('come to the same in what both versions keep', async () => {
    for (let seed = 0; seed < schedulesPerChange; seed += 1) {
      const policy = seed % 2 === 0 ? 'max' : 'min'
      const { violation, trace } = await runChainSchedule({ seed, name, policy, later: laterPlans[name] })
      expect(violation, `seed ${seed}, ${policy}: ${violation?.message}\n${trace.join('\n')}`).toBeNull()
    }
  }, 60_000)
})

const seedsToTry = 3000

describe('without one rule the schedules of versions fail', () => {
  test.each(versionMutants)(
    '$rule: $invariant, $name',
    async ({ mutant, name, invariant, fromSeed }) => {
      const others = new Set<string>()
      for (let seed = fromSeed; seed < fromSeed + seedsToTry; seed += 1) {
        const { violation } = await runVersions({ seed, name, policy: seed % 2 === 0 ? 'max' : 'min', mutant })
        if (violation?.invariant === invariant) return
        if (violation !== null) others.add(violation.message)
      }
      expect.fail(`no schedule violates ${invariant}; other violations: ${[...others].slice(0, 5).join('; ')}`)
    },
    60_000,
  )
})
