// The protocol under hostile schedules, and the test of that test: each rule taken out alone must be seen.
import { describe, expect, test } from 'vitest'

import { knownMutants } from './schedule/mutants.ts'
import { explained, settings } from './schedule/settings.ts'
import { runSchedule } from './schedule/simulation.ts'

const schedulesPerSetting = 45
/** How far from a known seed a violation is looked for before the test gives up. */
const seedsToTry = 3000

describe('whatever is killed, repeated or wakes up late', () => {
  test.each(settings)('$mode with policy $policy keeps every invariant', async ({ mode, policy }) => {
    const seen = { kills: 0, zombies: 0, unclear: 0, steps: 0 }
    for (let seed = 0; seed < schedulesPerSetting; seed++) {
      const plan = { seed, mode, policy }
      const result = await runSchedule(plan)
      expect(result.violation, explained(plan, result)).toBeNull()
      for (const what of ['kills', 'zombies', 'unclear', 'steps'] as const) seen[what] += result[what]
    }
    // A schedule in which nothing goes wrong proves nothing.
    expect(seen.kills).toBeGreaterThan(schedulesPerSetting / 2)
    expect(seen.zombies).toBeGreaterThan(schedulesPerSetting / 2)
    expect(seen.unclear).toBeGreaterThan(schedulesPerSetting / 2)
  })

  test('the same seed gives the same schedule', async () => {
    const plan = { seed: 11, mode: 'append', policy: 'max' } as const
    expect((await runSchedule(plan)).trace).toEqual((await runSchedule(plan)).trace)
  })
})

describe('without one rule the schedules fail', () => {
  const cases = knownMutants.flatMap(({ rule, mutant, shows }) =>
    shows.map((showing) => ({ rule, mutant, ...showing })),
  )

  test.each(cases)(
    '$rule: $invariant in $mode, $policy',
    async ({ mutant, mode, policy, invariant, fromSeed }) => {
      for (let seed = fromSeed; seed < fromSeed + seedsToTry; seed++) {
        const { violation } = await runSchedule({ seed, mode, policy, mutant })
        if (violation?.invariant === invariant) return
      }
      expect.fail(`no schedule of seeds ${fromSeed} to ${fromSeed + seedsToTry} violates ${invariant}`)
    },
    30_000,
  )
})
