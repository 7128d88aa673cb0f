// Whoever asks beside invocations that are killed, repeated, wake up late and compact: each answer is a state after a whole append, none
// older than the question, and none older than the answer before.

import { expect, test } from 'vitest'
import { settings } from '../schedule/settings.ts'
import { runSchedule } from '../schedule/simulation.ts'
import { type AskingReader, askingReader } from './asking-reader.ts'

const schedulesPerSetting = 14

test.each(settings)('$mode with policy $policy', async ({ mode, policy }) => {
  const total = { answers: 0, changes: 0, lost: 0, kills: 0 }
  for (let seed = 0; seed < schedulesPerSetting; seed++) {
    let reader: AskingReader | undefined
    const { violation, trace, kills } = await runSchedule({
      seed,
      mode,
      policy,
      mutant: {
        store(store, random) {
          reader = askingReader(store, mode, random)
          return reader.store
        },
      },
    })
    const seen = await reader?.finish()
    expect(violation, `seed ${seed}`).toBeNull()
    expect(seen?.problems, `seed ${seed}\n${trace.join('\n')}`).toEqual([])
    total.answers += seen?.answers ?? 0
    total.changes += seen?.changes ?? 0
    total.lost += seen?.lost ?? 0
    total.kills += kills
  }
  // A reader that met nothing proves nothing.
  expect(total.changes).toBeGreaterThan(4 * schedulesPerSetting)
  expect(total.lost).toBeGreaterThan(2)
  expect(total.kills).toBeGreaterThan(2)
})
