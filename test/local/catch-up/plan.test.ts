import { expect, test } from 'vitest'
import { eventTimeMs } from '../../../lib/aggregate/time.ts'
import { rangesToFold, type Standing } from '../../../local/catch-up/plan.ts'
import { closeUpTo } from '../../../local/catch-up/run.ts'

const standing = (change: Partial<Standing> = {}): Standing => ({
  topic: 'orders',
  newFunction: 'totals2',
  oldFunction: 'totals',
  ends: [
    { partition: 0, earliest: 0, latest: 100 },
    { partition: 1, earliest: 0, latest: 80 },
  ],
  oldCommits: new Map([
    [0, 90],
    [1, 70],
  ]),
  folded: new Map(),
  from: undefined,
  ...change,
})
const truncated = [
  { partition: 0, earliest: 20, latest: 100 },
  { partition: 1, earliest: 0, latest: 80 },
]

test('from the beginning of the topic to where the old version stands', () => {
  expect(rangesToFold(standing())).toEqual([
    { partition: 0, from: 0, to: 90 },
    { partition: 1, from: 0, to: 70 },
  ])
})

test('behind what is folded already, also of a partition that had nothing then', () => {
  expect(rangesToFold(standing({ folded: new Map([[0, 40]]) }))).toEqual([
    { partition: 0, from: 40, to: 90 },
    { partition: 1, from: 0, to: 70 },
  ])
  const done = rangesToFold(standing({ folded: standing().oldCommits }))
  expect(done.every(({ from, to }) => from === to)).toBe(true)
})

test('from where it is said, as far as the old version has come', () => {
  const from = new Map([
    [0, 85],
    [1, 75],
  ])
  expect(rangesToFold(standing({ from }))).toEqual([
    { partition: 0, from: 85, to: 90 },
    { partition: 1, from: 70, to: 70 },
  ])
  // It was said where to begin, and it has begun.
  expect(rangesToFold(standing({ from, folded: new Map([[0, 87]]) }))[0]).toMatchObject({ from: 87, to: 90 })
})

test('nothing of a partition that the old version has committed nothing of', () => {
  const ends = [...standing().ends, { partition: 2, earliest: 7, latest: 9 }]
  expect(rangesToFold(standing({ ends }))[2]).toEqual({ partition: 2, from: 0, to: 0 })
})

test.each<readonly [string, Partial<Standing>, string, string]>([
  [
    'an old version that stands nowhere',
    { oldCommits: new Map() },
    'COMMAND_INVALID',
    'totals has committed nothing of orders',
  ],
  [
    'a new version that is ahead',
    { folded: new Map([[0, 91]]) },
    'COMMAND_INVALID',
    'up to offset 91, ahead of totals',
  ],
  ['a topic that was made anew', { oldCommits: new Map([[0, 101]]) }, 'STATE_UNUSABLE', 'was made anew since'],
  ['a beginning that is deleted', { ends: truncated }, 'STATE_UNUSABLE', 'Partition 0 of orders begins at offset 20'],
  [
    'records that were deleted behind what is folded',
    { ends: truncated, folded: new Map([[0, 10]]) },
    'STATE_UNUSABLE',
    'what came before is deleted, from offset 10 on',
  ],
])('%s is refused', (_, change, code, message) => {
  expect(() => rangesToFold(standing(change))).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message) }),
  )
})

test('a partition that begins later and is folded by then is no loss', () => {
  expect(rangesToFold(standing({ ends: truncated, folded: new Map([[0, 90]]) }))[0]).toEqual({
    partition: 0,
    from: 90,
    to: 90,
  })
})

test('what the old version has closed is the bound in append mode, else its watermark; without state there is none', () => {
  const progress = { closedMs: eventTimeMs(10), watermarkMs: eventTimeMs(14) }
  expect(closeUpTo(progress, 'append')).toBe(10)
  expect(closeUpTo(progress, 'update')).toBe(14)
  expect(closeUpTo({ closedMs: null, watermarkMs: null }, 'append')).toBe(Number.NEGATIVE_INFINITY)
  expect(closeUpTo(undefined, 'append')).toBeNull()
})
