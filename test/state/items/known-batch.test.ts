import { fc, test as property } from '@fast-check/vitest'
import { expect, test } from 'vitest'
import { wallTimeMs } from '../../../lib/aggregate/time.ts'
import {
  type BatchRange,
  batchIdOf,
  batchKey,
  clockOf,
  type KnownBatch,
  rangesOf,
  withBatch,
} from '../../../lib/state/items/known-batch.ts'
import { newProgress, progressFromItem, progressItem } from '../../../lib/state/items/progress.ts'

const batch = (ranges: readonly BatchRange[], n: number | null, clockMs: number | null = null): KnownBatch => ({
  ranges,
  n,
  clockMs,
})
const records = (...offsets: number[]) => offsets.map((offset) => ({ offset }))

test('progress that an earlier version wrote knows no batches', () => {
  const item = progressItem('q', newProgress('gen', 'rev', new Map(), wallTimeMs(0)))
  const { batches, ...earlier } = JSON.parse(Buffer.from(item.body).toString('utf8'))
  expect(batches).toEqual([])
  const body = Buffer.from(JSON.stringify(earlier))
  expect(progressFromItem({ ...item, body })).toEqual(progressFromItem(item))
})

test('a batch is named by its offsets, in whatever order its partitions come', () => {
  const partitions = [
    { tp: 't-1', records: records(4, 6) },
    { tp: 't-0', records: records(15, 16, 17) },
    { tp: 't-2', records: [] },
  ]
  expect(batchKey(rangesOf(partitions))).toBe('t-0:15-18 t-1:4-7')
  expect(rangesOf(partitions.toReversed())).toEqual(rangesOf(partitions))
})

test('a batch that comes again keeps its first number and its first clock', () => {
  const known = withBatch([batch([['t-0', 0, 5]], null, 100)], batch([['t-0', 0, 5]], 7))
  expect(known).toEqual([batch([['t-0', 0, 5]], 7, 100)])
  expect(withBatch(known, batch([['t-0', 0, 5]], 8, 900))).toEqual(known)
  expect(batchIdOf({ batches: known, n: 9 }, [{ tp: 't-0', records: records(0, 4) }])).toBe(7)
  expect(batchIdOf({ batches: known, n: 9 }, [{ tp: 't-0', records: records(0, 3) }])).toBe(9)
})

test('a batch is forgotten when one of its partitions has gone on', () => {
  const known = [
    batch(
      [
        ['t-0', 0, 5],
        ['t-1', 0, 2],
      ],
      1,
    ),
    batch([['t-2', 0, 9]], 2),
  ]
  expect(withBatch(known, batch([['t-0', 5, 8]], 3))).toEqual([batch([['t-2', 0, 9]], 2), batch([['t-0', 5, 8]], 3)])
  expect(withBatch(known, batch([['t-0', 3, 8]], 3))).toHaveLength(3)
  expect(withBatch(known, batch([], 3))).toBe(known)
})

test('a record has the clock of the first batch that had it', () => {
  const known = [batch([['t-0', 0, 5]], 1, 100), batch([['t-0', 0, 9]], 2, 200), batch([['t-0', 9, 10]], 3)]
  expect([0, 4, 5, 8, 9, 10].map((offset) => clockOf(known, 't-0', offset))).toEqual([100, 100, 200, 200, null, null])
  expect(clockOf(known, 't-1', 0)).toBe(null)
})

property.prop([
  fc.array(fc.record({ first: fc.nat(400), length: fc.integer({ min: 1, max: 9 }), tp: fc.nat(2) }), {
    maxLength: 500,
  }),
])('however batches come, few are kept', (deliveries) => {
  let known: readonly KnownBatch[] = []
  for (const [n, { first, length, tp }] of deliveries.entries()) {
    known = withBatch(known, batch([[`t-${tp}`, first, first + length]], n, n))
    expect(known.length).toBeLessThanOrEqual(200)
    expect(clockOf(known, `t-${tp}`, first)).not.toBe(null)
  }
})
