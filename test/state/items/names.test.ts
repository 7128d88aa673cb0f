import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'

import { eventTimeMs } from '../../../lib/aggregate/time.ts'
import {
  afterSegments,
  firstSegment,
  groupId,
  headKey,
  parseSegmentName,
  progressKey,
  segmentName,
  windowEndKey,
} from '../../../lib/state/items/names.ts'
import { hasWindowEnd } from '../../../lib/state/protocol/progress/progress-rules.ts'

const time = fc.maxSafeInteger()

test.prop([time, time])('window ends sort as text as they do as numbers, before and after 1970', (left, right) => {
  const [leftKey, rightKey] = [windowEndKey(left), windowEndKey(right)]
  expect(leftKey < rightKey).toBe(left < right)
  expect(leftKey).toHaveLength(rightKey.length)
})

test('a key and its window end stand readable in the id; a group without an end sorts after all', () => {
  const named = { key: '["AAPL"]', windowEndMs: eventTimeMs(1_704_067_203_000) }
  expect(groupId(named)).toBe('p0001704067203000#["AAPL"]')
  expect(groupId({ key: '["AAPL"]', windowEndMs: null })).toBe('~#["AAPL"]')
})

test('a name that could be taken for another query’s groups is refused', () => {
  for (const name of ['', 'a#b', 'n'.repeat(2000)]) expect(() => progressKey(name)).toThrow('cannot keep state')
})

test.prop([fc.constantFrom('seg' as const, 'snap' as const), fc.nat(), fc.uuid(), fc.nat(99)])(
  'a segment is found by the range of segments, and its name says its kind and number; a head is neither',
  (kind, number, token, part) => {
    const sk = segmentName(kind, number, token, part)
    expect(parseSegmentName(sk)).toEqual({ kind, number })
    expect(sk >= firstSegment && sk < afterSegments).toBe(true)
    const head = headKey('pk').sk
    expect(parseSegmentName(head)).toBeUndefined()
    expect(head >= firstSegment && head < afterSegments).toBe(false)
  },
)

test.prop([
  fc.integer({ min: 1, max: 20 }),
  fc.integer({ min: -30, max: 30 }),
  fc.integer({ min: -99, max: 99 }),
  fc.nat(60),
])(
  'whether a window ends between two watermarks is what counting the grid says',
  (everyMs, phaseMs, afterMs, stepMs) => {
    const ends = Array.from({ length: stepMs }, (_, index) => afterMs + 1 + index)
    const expected = ends.some((end) => (end - phaseMs) % everyMs === 0)
    expect(hasWindowEnd({ everyMs, phaseMs }, afterMs, afterMs + stepMs)).toBe(expected)
  },
)
