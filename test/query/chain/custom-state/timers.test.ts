// The timers of a key against a plain list of them.

import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { byTime, type Timer, Timers } from '../../../../lib/query/chain/custom-state/timers.ts'

describe('the timers of a key', () => {
  test.prop([fc.array(fc.record({ expiryMs: fc.nat(60), lateMs: fc.nat(3) }), { maxLength: 120 })])(
    'are in the order in which they fire, whatever is added and removed',
    (steps) => {
      const timers = new Timers([])
      let wanted: readonly Timer[] = []
      for (const { expiryMs, lateMs } of steps) {
        const there = timers.at(expiryMs)
        expect(there).toBe(wanted.find((timer) => timer.expiryMs === expiryMs))
        if (there !== undefined) {
          timers.remove(there)
          wanted = wanted.filter((timer) => timer !== there)
        } else {
          const timer = { expiryMs, dueMs: expiryMs + lateMs }
          timers.add(timer)
          wanted = [...wanted, timer].sort(byTime)
        }
        expect(timers.first).toBe(wanted[0])
      }
      expect([...timers]).toEqual(wanted)
      expect([...new Timers([...wanted].reverse())]).toEqual(wanted)
    },
  )
})
