import { expect, test } from 'vitest'
import { type Boundary, offsetRanges, parseBoundary } from '../../../local/kafka/offset-range.ts'

const ends = [
  { partition: 0, earliest: 10, latest: 100 },
  { partition: 1, earliest: 0, latest: 0 },
  { partition: 2, earliest: 5, latest: 50 },
]
const atTime = (epochMs: number) => new Map([0, 1, 2].map((partition) => [partition, epochMs] as const))
const ranges = (from: string, to: string) =>
  offsetRanges({ ends, from: parseBoundary('--from', from), to: parseBoundary('--to', to), atTime }).map(
    (range) => [range.partition, range.from, range.to] as const,
  )

test.each<[string, Boundary]>([
  ['earliest', { kind: 'earliest' }],
  ['latest', { kind: 'latest' }],
  ['1767623400000', { kind: 'time', epochMs: 1_767_623_400_000 }],
  ['2026-01-05T14:30:00Z', { kind: 'time', epochMs: 1_767_623_400_000 }],
  ['2026-01-05T15:30:00.250+01:00', { kind: 'time', epochMs: 1_767_623_400_250 }],
  ['2026-01-05 14:30:00', { kind: 'time', epochMs: 1_767_623_400_000 }],
  ['2026-01-05', { kind: 'time', epochMs: Date.UTC(2026, 0, 5) }],
  ['0:5', { kind: 'offsets', offsets: new Map([[0, 5]]) }],
  [
    '2:7,0:5',
    {
      kind: 'offsets',
      offsets: new Map([
        [2, 7],
        [0, 5],
      ]),
    },
  ],
])('%s is a boundary', (text, boundary) => {
  expect(parseBoundary('--from', text)).toEqual(boundary)
})

test.each([
  '',
  'first',
  '-5',
  '5:',
  '0:1,',
  '2026-13-05',
  '2026-01-05T25:00:00Z',
  'Jan 5 2026',
  '99999999999999999999',
])('%j is none, and the message says what is', (text) => {
  expect(() => parseBoundary('--to', text)).toThrow(/^--to takes earliest, latest, a time .* or partition:offset/)
})

test('a partition named twice is refused', () => {
  expect(() => parseBoundary('--from', '0:1,0:2')).toThrow('--from names partition 0 twice.')
})

test('earliest to latest is everything that is there', () => {
  expect(ranges('earliest', 'latest')).toEqual([
    [0, 10, 100],
    [1, 0, 0],
    [2, 5, 50],
  ])
})

test('partitions that are not named are not read', () => {
  expect(ranges('0:20,2:5', 'latest')).toEqual([
    [0, 20, 100],
    [2, 5, 50],
  ])
  expect(ranges('0:20,2:5', '2:50')).toEqual([[2, 5, 50]])
})

test('a time is the first offset at or after it, and never beyond the end that was asked for first', () => {
  expect(
    offsetRanges({ ends, from: { kind: 'earliest' }, to: { kind: 'time', epochMs: 60 }, atTime }).map(({ to }) => to),
  ).toEqual([60, 0, 50])
})

test('what the topic does not have is refused, naming what it has', () => {
  expect(() => ranges('7:1', 'latest')).toThrow('--from: the topic has no partition 7, only 0, 1, 2.')
  expect(() => ranges('0:9', 'latest')).toThrow('--from: partition 0 has the offsets 10 to 100, not 9.')
  expect(() => ranges('earliest', '2:51')).toThrow('--to: partition 2 has the offsets 5 to 50, not 51.')
  expect(() => ranges('latest', 'earliest')).toThrow('Partition 0: --from is offset 100, after --to, which is 10.')
})
