// The index of a group's sessions against a plain list of their beginnings, with leaves so small that there are many.

import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import type { KeptSessions } from '../../../../lib/query/chain/sessions/kept-sessions.ts'
import { SessionIndex } from '../../../../lib/query/chain/sessions/session-index.ts'
import type { Entries } from '../../../../lib/query/chain/stage-operator.ts'

const text = '["a"]'

/** Entries that notice what is written. */
function keptEntries() {
  const kept = new Map<string, KeptSessions>()
  const written = new Set<string>()
  const entries: Entries<KeptSessions> = {
    boundMs: 0,
    get: (key) => kept.get(key),
    entry: () => {
      throw new Error('the index has no use for it')
    },
    set(key, value) {
      kept.set(key, value)
      written.add(key)
    },
    delete: (key) => void kept.delete(key),
    replace: () => undefined,
    family: () => [],
    takeDue: () => [],
    all: () => kept,
    count: () => undefined,
    countUpdated: () => undefined,
    countRemoved: () => undefined,
  }
  return { kept, written, entries }
}

describe('the index of a group', () => {
  test.prop([fc.array(fc.integer({ min: -40, max: 80 }), { maxLength: 150 }), fc.integer({ min: -50, max: 90 })])(
    'has what was added and not removed, in order',
    (moments, limit) => {
      const { kept, entries } = keptEntries()
      const wanted = new Set<number>()
      for (const moment of moments) {
        // A new index each time: what it has is in the entries.
        const index = new SessionIndex(entries, text, 4)
        if (wanted.delete(moment)) index.remove(moment)
        else {
          wanted.add(moment)
          index.add(moment)
        }
        expect(index.size).toBe(wanted.size)
      }
      const inOrder = [...wanted].sort((left, right) => left - right)
      const index = new SessionIndex(entries, text, 4)
      expect(index.starts()).toEqual(inOrder)
      expect(index.latest(limit)).toBe(inOrder.findLast((start) => start <= limit))
      for (const start of inOrder) index.remove(start)
      expect(kept.size).toBe(0)
    },
  )

  test('of 30,000 sessions writes one leaf for a session more', () => {
    const { kept, written, entries } = keptEntries()
    const index = new SessionIndex(entries, text)
    for (let i = 0; i < 30_000; i += 1) index.add(i * 1_000)
    written.clear()
    index.add(15_000_500)
    const values = [...written].map((key) => kept.get(key))
    expect(values).toHaveLength(2)
    for (const value of values) {
      const numbers =
        value === undefined ? [] : 'starts' in value ? value.starts : 'leaves' in value ? value.leaves : []
      expect(numbers.length).toBeLessThan(600)
    }
  })

  test('that was kept whole is cut when it grows', () => {
    const { kept, entries } = keptEntries()
    const starts = Array.from({ length: 5_000 }, (_, i) => i * 10)
    entries.set(`~${text}`, { starts: [...starts] })
    new SessionIndex(entries, text).add(7)
    expect(new SessionIndex(entries, text).starts()).toEqual([0, 7, ...starts.slice(1)])
    expect(kept.get(`~${text}`)).toMatchObject({ count: 5_001 })
  })
})
