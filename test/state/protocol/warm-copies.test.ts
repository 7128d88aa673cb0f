import { expect, test } from 'vitest'

import { eventTimeMs } from '../../../lib/aggregate/time.ts'
import type { GroupImage } from '../../../lib/state/items/group-image.ts'
import { WarmCopies } from '../../../lib/state/protocol/warm-copies.ts'

const image: GroupImage = {
  key: 'a',
  windowEndMs: eventTimeMs(10),
  rev: 'r1',
  version: 1,
  acc: '1',
  applied: new Map(),
  sealed: false,
  expiresAtSec: null,
}
const at = (sk: string) => ({ pk: 'q#g#0', sk })

test('a copy is given until it is forgotten', () => {
  const warm = new WarmCopies()
  warm.keep(at('a'), 'g', image, 0)
  expect(warm.get(at('a'))).toBe(image)
  warm.forget(at('a'))
  expect(warm.get(at('a'))).toBeUndefined()
})

test('copies of another generation and copies that are too old are dropped', () => {
  const warm = new WarmCopies({ maxAgeMs: 100 })
  warm.keep(at('old'), 'g', image, 0)
  warm.keep(at('new'), 'g', image, 50)
  warm.keep(at('other'), 'before', image, 50)
  warm.prune('g', 101)
  expect(['old', 'new', 'other'].map((sk) => warm.get(at(sk)) !== undefined)).toEqual([false, true, false])
})

test('beyond their number the copies not kept anew for longest go', () => {
  const warm = new WarmCopies({ maxCopies: 2 })
  for (const sk of ['a', 'b', 'a', 'c']) warm.keep(at(sk), 'g', image, 0)
  expect(['a', 'b', 'c'].map((sk) => warm.get(at(sk)) !== undefined)).toEqual([true, false, true])
})
