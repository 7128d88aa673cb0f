// When entries of operators are due, beside a plain list of them: soonest first, whatever was put off, brought forward and taken out.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { entryLane } from '../../../lib/state/items/lane.ts'
import { DueTimes, dueAt, entryKey } from '../../../lib/state/shards/due-times.ts'
import type { GroupImage } from '../../../lib/state/shards/group-image.ts'

const anEntry = (key: string): GroupImage => ({
  endMs: entryLane,
  lookup: entryKey(0, key),
  key: null,
  text: null,
  from: 0,
  to: 0,
  acc: null,
  version: 1,
  last: [],
  changedBy: null,
})

const change = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  /** Null takes the entry out. */
  dueMs: fc.option(fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(Number.POSITIVE_INFINITY))),
})

test('entries are due in the order of their times, then of their keys, as often as those change', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(change, fc.integer({ min: 0, max: 25 })), { maxLength: 60 }), (steps) => {
      const dues = new DueTimes()
      const entries = new Map<string, { readonly image: GroupImage; dueMs: number }>()
      for (const step of steps) {
        if (typeof step === 'number') {
          const expected = [...entries]
            .filter(([, { dueMs }]) => dueMs <= step)
            .sort(([one, left], [other, right]) => left.dueMs - right.dueMs || (one < other ? -1 : 1))
          expect(dues.countDue(0, step)).toBe(expected.length)
          expect(dues.hasDue(step)).toBe(expected.length > 0)
          for (const [key, { image }] of expected) {
            expect(dues.take(0, step)).toBe(image)
            image.last = []
            dues.forget(image)
            entries.delete(key)
          }
          expect(dues.take(0, step)).toBeUndefined()
          continue
        }
        const { key, dueMs } = step
        const entry = entries.get(key)
        if (dueMs === null) {
          if (entry === undefined) continue
          entry.image.last = []
          dues.forget(entry.image)
          entries.delete(key)
          continue
        }
        const { image } = entry ?? { image: anEntry(key) }
        entries.set(key, { image, dueMs })
        image.last = dueAt(dueMs)
        dues.note(image)
      }
    }),
  )
})

test('entries that are taken out long before they are due leave few places behind', () => {
  const dues = new DueTimes()
  const kept = anEntry('kept')
  kept.last = dueAt(1e12 + 500)
  dues.note(kept)
  for (let i = 0; i < 20_000; i += 1) {
    const image = anEntry(`key ${i}`)
    image.last = dueAt(1e12 + i)
    dues.note(image)
    image.last = []
    dues.forget(image)
    expect(dues.size).toBeLessThan(3_000)
  }
  expect(dues.take(0, 2e12)).toBe(kept)
  expect(dues.take(0, 2e12)).toBeUndefined()
})
