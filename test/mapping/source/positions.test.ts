import { expect, test } from 'vitest'
import { type PartitionState, startOffset } from '../../../mapping/source/positions.ts'

const state = (more: Partial<PartitionState> = {}): PartitionState => ({
  partition: 0,
  committed: undefined,
  isMarked: false,
  earliest: 10,
  latest: 50,
  atTimestamp: 30,
  isAdded: false,
  ...more,
})
const atTimestamp = { kind: 'AT_TIMESTAMP', timestampMs: 0 } as const

test('without a commit the starting position decides', () => {
  expect(startOffset(state(), { kind: 'TRIM_HORIZON' })).toEqual({
    offset: 10,
    from: 'startingPosition',
    pinned: false,
  })
  expect(startOffset(state(), { kind: 'LATEST' })).toEqual({ offset: 50, from: 'startingPosition', pinned: true })
  expect(startOffset(state(), atTimestamp)).toEqual({ offset: 30, from: 'startingPosition', pinned: false })
})

test("a commit of the group wins over the starting position, also at the log's two ends", () => {
  for (const committed of [10, 20, 50]) {
    const start = { offset: committed, from: 'commit', pinned: false }
    for (const kind of ['TRIM_HORIZON', 'LATEST'] as const)
      expect(startOffset(state({ committed }), { kind })).toEqual(start)
    expect(startOffset(state({ committed }), atTimestamp)).toEqual(start)
  }
})

test('a commit that the log no longer covers is reset as auto.offset.reset would', () => {
  for (const committed of [9, 51]) {
    expect(startOffset(state({ committed }), { kind: 'TRIM_HORIZON' }).offset).toBe(10)
    expect(startOffset(state({ committed }), { kind: 'LATEST' }).offset).toBe(50)
    expect(startOffset(state({ committed }), atTimestamp)).toEqual({ offset: 10, from: 'outOfRange', pinned: false })
  }
})

test('a partition that was added while the mapping ran is read from its beginning, whatever the position', () => {
  for (const position of [{ kind: 'LATEST' }, atTimestamp] as const)
    expect(startOffset(state({ isAdded: true }), position)).toMatchObject({ offset: 10, pinned: true })
  expect(startOffset(state({ isAdded: true, committed: 20 }), { kind: 'LATEST' }).offset).toBe(20)
})
