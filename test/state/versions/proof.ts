// The long proof that versions of a query may follow one another: schedules of every change, and of every stateful operator that has a
// later version.

import { laterPlans } from '../chain-schedule/chain-query.ts'
import { runChainSchedule } from '../chain-schedule/simulation.ts'
import { progressLine } from '../progress-line.ts'
import type { ScheduleResult } from '../schedule/driver.ts'
import { runVersions } from './simulation.ts'
import { type ChangeName, changes } from './version-query.ts'

type Run = (seed: number, policy: 'min' | 'max') => Promise<ScheduleResult>

const runs: readonly (readonly [name: string, run: Run])[] = [
  ...(Object.keys(changes) as ChangeName[]).map(
    (name) => [name, (seed: number, policy: 'min' | 'max') => runVersions({ seed, name, policy })] as const,
  ),
  ...(Object.keys(laterPlans) as (keyof typeof laterPlans)[]).map(
    (name) =>
      [
        `${name}, with a part more`,
        (seed: number, policy: 'min' | 'max') => runChainSchedule({ seed, name, policy, later: laterPlans[name] }),
      ] as const,
  ),
]

/**
 * @param count how many schedules of each change
 * @throws Error with the seed and the trace of the first schedule that breaks an invariant
 */
export async function versionsProof(count: number, fromSeed: number): Promise<string> {
  const progress = progressLine('versions', 'schedules', count * runs.length)
  const seen = { steps: 0, kills: 0, zombies: 0, unclear: 0, rewinds: 0 }
  let done = 0
  for (let seed = fromSeed; seed < fromSeed + count; seed += 1) {
    const policy = seed % 2 === 0 ? 'max' : 'min'
    for (const [name, run] of runs) {
      const { violation, trace, ...result } = await run(seed, policy)
      if (violation !== null) {
        throw new Error(`seed ${seed}, ${name}, ${policy}: ${violation.message}\n${trace.join('\n')}`)
      }
      for (const what of ['steps', 'kills', 'zombies', 'unclear', 'rewinds'] as const) seen[what] += result[what]
      done += 1
      progress.show(done)
    }
  }
  return (
    `${count} schedules of each of ${runs.length} changes, no violation: ${seen.steps} steps, ${seen.kills} kills, ` +
    `${seen.zombies} zombies, ${seen.unclear} unclear calls, ${seen.rewinds} rewinds; ${progress.end()}`
  )
}
