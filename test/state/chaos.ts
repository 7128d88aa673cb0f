// Many schedules of the state protocol: `npm run chaos [-- SCHEDULES [FIRST_SEED]]`. Other seeds each time unless told; the
// first violation prints its seed and trace and ends with status 1. The same schedules as test/state/schedules.test.ts.
import { explained, settings } from './schedule/settings.ts'
import { runSchedule } from './schedule/simulation.ts'

const [schedules = 10_000, firstSeed = Math.floor(Date.now() / 1000) % 1_000_000_000] = process.argv
  .slice(2)
  .map(Number)
if (!Number.isSafeInteger(schedules) || !Number.isSafeInteger(firstSeed)) {
  throw new RangeError('usage: npm run chaos -- [SCHEDULES [FIRST_SEED]]')
}

const startedMs = performance.now()
const seen = { steps: 0, kills: 0, zombies: 0, unclear: 0, rewinds: 0, late: 0 }
for (let index = 0; index < schedules; index++) {
  const setting = settings[index % settings.length]
  if (setting === undefined) throw new RangeError('there are no settings')
  const plan = { seed: firstSeed + Math.floor(index / settings.length), ...setting }
  const result = await runSchedule(plan)
  if (result.violation !== null) {
    console.error(explained(plan, result))
    process.exit(1)
  }
  seen.steps += result.steps
  seen.kills += result.kills
  seen.zombies += result.zombies
  seen.unclear += result.unclear
  seen.rewinds += result.rewinds
  seen.late += result.late
}
const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
console.log(
  `${schedules} schedules from seed ${firstSeed}, no violation: ${seen.steps} steps, ${seen.kills} kills, ` +
    `${seen.zombies} zombies, ${seen.unclear} unclear calls, ${seen.rewinds} rewinds, ${seen.late} late, ${seconds} s`,
)
