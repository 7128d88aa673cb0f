import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Batch, createBatcher } from '../../../mapping/batch/batcher.ts'
import type { BatchLimits } from '../../../mapping/batch/closing.ts'

interface Numbered {
  readonly partition: number
  readonly offset: number
  readonly bytes: number
}

const limits: BatchLimits = { maxRecords: 3, windowMs: 100, maxPayloadBytes: 1_000, envelopeBytes: 20 }
const sizes = { recordBytes: ({ bytes }: Numbered) => bytes, partitionBytes: () => 10 }

const filled = (records: ReadonlyArray<readonly [partition: number, offset: number, bytes: number, atMs: number]>) => {
  const batcher = createBatcher<Numbered>(limits, sizes)
  for (const [partition, offset, bytes, atMs] of records) batcher.add(partition, [{ partition, offset, bytes }], atMs)
  return batcher
}

const offsetsOf = (batch: Batch<Numbered> | undefined) =>
  batch?.records.map(({ partition, offset }) => [partition, offset])

describe('a batch closes', () => {
  test('by size, counted over all partitions, before the window ends', () => {
    const batcher = filled([
      [0, 1, 10, 0],
      [1, 1, 10, 0],
      [2, 1, 10, 0],
      [0, 2, 10, 0],
    ])
    const batch = batcher.next(0)
    expect(batch?.reason).toBe('size')
    expect(offsetsOf(batch)).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ])
  })

  test('by the window, which begins at the arrival of its first record', () => {
    const batcher = filled([
      [0, 1, 10, 50],
      [0, 2, 10, 140],
    ])
    expect(batcher.next(149)).toBeUndefined()
    expect(batcher.dueAtMs()).toBe(150)
    const batch = batcher.next(150)
    expect(batch?.reason).toBe('window')
    expect(offsetsOf(batch)).toEqual([
      [0, 1],
      [0, 2],
    ])
  })

  test('by payload where the next record would not fit, and that record opens the next batch', () => {
    const batcher = filled([
      [0, 1, 500, 0],
      [0, 2, 470, 0],
      [0, 3, 5, 40],
    ])
    const batch = batcher.next(0)
    // 20 envelope + 10 partition + 500 + 470 - 1 = 999; five more do not fit.
    expect(batch).toMatchObject({ reason: 'payload', payloadBytes: 999 })
    batcher.release([0])
    expect(batcher.dueAtMs()).toBe(140)
    expect(offsetsOf(batcher.next(140))).toEqual([[0, 3]])
  })

  test('at once where the window is 0, with whatever is there', () => {
    const batcher = createBatcher<Numbered>({ ...limits, windowMs: 0 }, sizes)
    batcher.add(0, [{ partition: 0, offset: 1, bytes: 10 }], 5)
    expect(offsetsOf(batcher.next(5))).toEqual([[0, 1]])
  })
})

test('a payload of exactly the limit is one batch', () => {
  const batcher = filled([
    [0, 1, 500, 0],
    [0, 2, 471, 0],
  ])
  expect(batcher.next(0)).toBeUndefined()
  expect(batcher.next(100)).toMatchObject({ reason: 'window', payloadBytes: 1_000 })
})

test('a payload of one byte more is two', () => {
  const batcher = filled([
    [0, 1, 500, 0],
    [0, 2, 472, 0],
  ])
  expect(batcher.next(0)).toMatchObject({ reason: 'payload', records: [{ offset: 1 }] })
})

test('a record that is too large alone is not taken, one of exactly the limit is', () => {
  const batcher = createBatcher<Numbered>(limits, sizes)
  const tooLarge = { partition: 0, offset: 1, bytes: 972 }
  const fits = { partition: 0, offset: 2, bytes: 971 }
  expect(batcher.add(0, [tooLarge], 0)).toEqual([tooLarge])
  expect(batcher.waiting(0)).toEqual({ records: 0, bytes: 0 })
  expect(batcher.add(0, [tooLarge, fits], 0)).toEqual([tooLarge])
  expect(batcher.waiting(0)).toEqual({ records: 1, bytes: 971 })
})

test('a partition in flight is not handed out again, others are', () => {
  const batcher = filled([
    [0, 1, 10, 0],
    [0, 2, 10, 150],
    [1, 1, 10, 120],
  ])
  expect(offsetsOf(batcher.next(100))).toEqual([
    [0, 1],
    [0, 2],
    [1, 1],
  ])
  batcher.add(0, [{ partition: 0, offset: 3, bytes: 10 }], 200)
  batcher.add(2, [{ partition: 2, offset: 1, bytes: 10 }], 210)
  expect(offsetsOf(batcher.next(400))).toEqual([[2, 1]])
  expect(batcher.next(900)).toBeUndefined()
  batcher.release([0, 1])
  expect(offsetsOf(batcher.next(900))).toEqual([[0, 3]])
})

test('what waits of a dropped partition is forgotten', () => {
  const batcher = filled([
    [0, 1, 10, 0],
    [1, 1, 10, 0],
  ])
  expect(batcher.drop(0)).toBe(1)
  expect(offsetsOf(batcher.next(500))).toEqual([[1, 1]])
})

test('a partition that fills a batch by itself goes alone, so that the others can go beside it', () => {
  const batcher = createBatcher<Numbered>(limits, sizes)
  const some = (partition: number, count: number) =>
    Array.from({ length: count }, (_, offset) => ({ partition, offset, bytes: 10 }))
  batcher.add(2, some(2, 2), 0)
  batcher.add(0, some(0, 4), 0)
  batcher.add(1, some(1, 3), 0)
  expect(batcher.next(0)).toMatchObject({ partitions: [0], reason: 'size' })
  expect(batcher.next(0)).toMatchObject({ partitions: [1], reason: 'size' })
  expect(batcher.next(0)).toBeUndefined()
  expect(batcher.next(100)).toMatchObject({ partitions: [2], reason: 'window' })
})

test('what is due does not wait behind partitions that are always full', () => {
  const batcher = filled([
    [9, 1, 10, 0],
    [0, 1, 10, 50],
    [0, 2, 10, 50],
    [0, 3, 10, 50],
  ])
  expect(batcher.next(100)?.partitions).toEqual([9])
})

type Step =
  | { readonly kind: 'add'; readonly partition: number; readonly bytes: number; readonly count: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'release' }

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('add' as const),
        partition: fc.nat(4),
        bytes: fc.integer({ min: 1, max: 600 }),
        count: fc.integer({ min: 1, max: 5 }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 80 }) }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'release' as const }) },
  ),
  { maxLength: 200 },
)

test('no record is lost, repeated or reordered inside its partition, and every batch keeps the three bounds', () => {
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 0, max: 120 }),
      (script, maxRecords, windowMs) => {
        const batcher = createBatcher<Numbered>({ ...limits, maxRecords, windowMs }, sizes)
        const added = new Map<number, number[]>()
        const sent = new Map<number, number[]>()
        const arrivedAtMs = new Map<string, number>()
        const inFlight: number[][] = []
        let now = 0
        let nextOffset = 0

        const take = (nowMs: number) => {
          for (let batch = batcher.next(nowMs); batch !== undefined; batch = batcher.next(nowMs)) {
            const first = batch.records[0]
            if (first === undefined) throw new Error('an empty batch')
            expect(batch.records.length).toBeLessThanOrEqual(maxRecords)
            const partitions = new Set(batch.records.map(({ partition }) => partition))
            const payload = 20 + partitions.size * 10 + batch.records.reduce((sum, { bytes }) => sum + bytes, 0) - 1
            expect(batch.payloadBytes).toBe(payload)
            expect(payload).toBeLessThanOrEqual(limits.maxPayloadBytes)
            expect([...batch.partitions].sort()).toEqual([...partitions].sort())
            for (const partition of partitions) expect(inFlight.flat()).not.toContain(partition)
            const openedAtMs = Math.min(
              ...batch.records.map((record) => arrivedAtMs.get(`${record.partition}:${record.offset}`) ?? -1),
            )
            expect(batch.openedAtMs).toBe(openedAtMs)
            if (batch.reason === 'window') expect(openedAtMs + windowMs).toBeLessThanOrEqual(nowMs)
            if (batch.reason === 'size') expect(batch.records).toHaveLength(maxRecords)
            inFlight.push([...batch.partitions])
            for (const { partition, offset } of batch.records)
              sent.set(partition, [...(sent.get(partition) ?? []), offset])
          }
          // Nothing that could be sent waits: what is free and waits is neither due nor a full batch.
          const due = batcher.dueAtMs()
          if (due !== undefined) expect(due).toBeGreaterThan(nowMs)
        }

        for (const step of script) {
          if (step.kind === 'wait') now += step.ms
          if (step.kind === 'release') batcher.release(inFlight.shift() ?? [])
          if (step.kind === 'add') {
            const { partition, bytes, count } = step
            const arrived = Array.from({ length: count }, (_, index) => ({
              partition,
              offset: nextOffset + index,
              bytes,
            }))
            expect(batcher.add(partition, arrived, now)).toEqual([])
            for (const { offset } of arrived) {
              added.set(partition, [...(added.get(partition) ?? []), offset])
              arrivedAtMs.set(`${partition}:${offset}`, now)
            }
            nextOffset += count
          }
          take(now)
        }
        while (inFlight.length > 0 || batcher.dueAtMs() !== undefined) {
          batcher.release(inFlight.shift() ?? [])
          now += windowMs
          take(now)
        }
        expect(sent).toEqual(added)
      },
    ),
  )
})
