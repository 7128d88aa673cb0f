// The stateful operators of a query under hostile schedules: whatever is killed, repeated or wakes up late, what comes out is what the
// operators give when nothing goes wrong.
import { describe, expect, test } from 'vitest'

import { type ChainName, chainPlans } from './chain-schedule/chain-query.ts'
import { chainMutants } from './chain-schedule/mutants.ts'
import { runChainSchedule } from './chain-schedule/simulation.ts'

const schedulesPerOperator = 200

describe.each(Object.keys(chainPlans) as ChainName[])('%s', (name) => {
  test('comes to the same whatever is killed, repeated or wakes up late', async () => {
    const seen = { kills: 0, zombies: 0, unclear: 0, rewinds: 0, late: 0 }
    for (let seed = 0; seed < schedulesPerOperator; seed += 1) {
      const policy = seed % 2 === 0 ? 'max' : 'min'
      const result = await runChainSchedule({ seed, name, policy })
      const { violation, trace } = result
      expect(violation, `seed ${seed}, ${policy}: ${violation?.message}\n${trace.join('\n')}`).toBeNull()
      for (const what of ['kills', 'zombies', 'unclear', 'rewinds', 'late'] as const) seen[what] += result[what]
    }
    // A schedule in which nothing goes wrong proves nothing.
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(schedulesPerOperator / 20)
  }, 60_000)
})

const seedsToTry = 3000

describe('without one rule the schedules of a chain fail', () => {
  test.each(chainMutants)(
    '$rule: $invariant in $name, $policy',
    async ({ mutant, name, policy, invariant }) => {
      const others = new Set<string>()
      for (let seed = 0; seed < seedsToTry; seed += 1) {
        const { violation } = await runChainSchedule({ seed, name, policy, mutant })
        if (violation?.invariant === invariant) return
        if (violation !== null) others.add(violation.message)
      }
      expect.fail(
        `no schedule of ${seedsToTry} seeds violates ${invariant}; other violations: ${[...others].slice(0, 5).join('; ')}`,
      )
    },
    60_000,
  )
})
