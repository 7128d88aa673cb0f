import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { type EventTimeMs, eventTimeMs, type WallTimeMs, wallTimeMs } from '../../lib/aggregate/time.ts'
import { advance, aliveSince, candidate, isActive, isLate, type Watermark } from '../../lib/aggregate/watermark.ts'

const times = (entries: readonly (readonly [number, number])[]): ReadonlyMap<number, EventTimeMs> =>
  new Map(entries.map(([partition, time]) => [partition, eventTimeMs(time)]))
const walls = (entries: readonly (readonly [number, number])[]): ReadonlyMap<number, WallTimeMs> =>
  new Map(entries.map(([partition, time]) => [partition, wallTimeMs(time)]))

describe('the candidate of policy max', () => {
  test('is the greatest event time over all partitions', () => {
    expect(
      candidate({
        policy: 'max',
        maxEventTimes: times([
          [0, 5],
          [1, 9],
          [2, 7],
        ]),
      }),
    ).toEqual({ time: 9, partition: 1 })
  })

  test('is none before the first event time', () => {
    expect(candidate({ policy: 'max', maxEventTimes: times([]) })).toEqual({ time: null, partition: null })
  })
})

describe('the candidate of policy min', () => {
  test('is the least of the greatest event times, and names the partition that holds it back', () => {
    const maxEventTimes = times([
      [0, 5],
      [1, 9],
      [2, -7],
    ])
    expect(candidate({ policy: 'min', partitions: [0, 1, 2], maxEventTimes })).toEqual({ time: -7, partition: 2 })
  })

  test('is none while a known partition has delivered nothing', () => {
    const maxEventTimes = times([
      [0, 5],
      [2, 7],
    ])
    expect(candidate({ policy: 'min', partitions: [0, 1, 2], maxEventTimes })).toEqual({ time: null, partition: 1 })
  })

  test('leaves out partitions that are idle, also those that never delivered', () => {
    const maxEventTimes = times([
      [0, 5],
      [1, 9],
    ])
    const heard = walls([
      [0, 1_000],
      [1, 60_000],
    ])
    const activity = { heard, alive: wallTimeMs(0), now: wallTimeMs(61_001), idleMs: 60_000 }
    expect(candidate({ policy: 'min', partitions: [0, 1, 2], maxEventTimes, activity })).toEqual({
      time: 9,
      partition: 1,
    })
  })

  test('is none where every partition is idle', () => {
    const activity = { heard: walls([]), alive: wallTimeMs(0), now: wallTimeMs(61_000), idleMs: 60_000 }
    expect(candidate({ policy: 'min', partitions: [0], maxEventTimes: times([[0, 5]]), activity })).toEqual({
      time: null,
      partition: null,
    })
  })
})

describe('the idle timeout', () => {
  const activity = { heard: walls([[0, 10_000]]), alive: wallTimeMs(0), idleMs: 60_000 }

  test('counts a partition as active up to and including the timeout', () => {
    expect(isActive(0, { ...activity, now: wallTimeMs(70_000) })).toBe(true)
    expect(isActive(0, { ...activity, now: wallTimeMs(70_001) })).toBe(false)
  })

  test('counts from alive where that is later, or where the partition was never heard', () => {
    const later = { ...activity, alive: wallTimeMs(50_000), now: wallTimeMs(110_000) }
    expect(isActive(0, later)).toBe(true)
    expect(isActive(1, later)).toBe(true)
    expect(isActive(1, { ...later, now: wallTimeMs(110_001) })).toBe(false)
  })

  test('starts anew after the whole query was silent for longer than it', () => {
    const idleMs = 60_000
    const alive = wallTimeMs(5)
    expect(aliveSince(alive, { last: null, now: wallTimeMs(7), idleMs })).toBe(7)
    expect(aliveSince(alive, { last: wallTimeMs(10_000), now: wallTimeMs(70_000), idleMs })).toBe(5)
    expect(aliveSince(alive, { last: wallTimeMs(10_000), now: wallTimeMs(70_001), idleMs })).toBe(70_001)
  })

  test('after an outage, a partition whose backlog has not come yet still holds the watermark', () => {
    const [last, now, idleMs] = [wallTimeMs(10_000), wallTimeMs(3_610_000), 60_000]
    const alive = aliveSince(wallTimeMs(0), { last, now, idleMs })
    const heard = walls([
      [0, now],
      [1, 10_000],
    ])
    const input = {
      policy: 'min',
      partitions: [0, 1],
      maxEventTimes: times([
        [0, 900],
        [1, 100],
      ]),
    } as const
    expect(candidate({ ...input, activity: { heard, alive, now, idleMs } })).toEqual({ time: 100, partition: 1 })
  })
})

describe('the watermark', () => {
  test('starts at none and follows the candidate at its delay, below 0 too', () => {
    expect(advance(null, eventTimeMs(15_000), 10_000)).toBe(5_000)
    expect(advance(null, eventTimeMs(0), 10_000)).toBe(-10_000)
    expect(advance(null, null, 10_000)).toBeNull()
  })

  test('stays where there is no candidate', () => {
    expect(advance(eventTimeMs(7), null, 0)).toBe(7)
  })

  property.prop([fc.array(fc.option(fc.integer(), { nil: null })), fc.nat()])(
    'never goes back',
    (candidates, delayMs) => {
      let watermark: Watermark = null
      for (const time of candidates) {
        const next: Watermark = advance(watermark, time === null ? null : eventTimeMs(time), delayMs)
        if (watermark !== null) expect(next).toBeGreaterThanOrEqual(watermark)
        watermark = next
      }
      const seen = candidates.filter((time) => time !== null)
      expect(watermark).toBe(seen.length === 0 ? null : Math.max(...seen) - delayMs)
    },
  )

  property.prop([fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.integer())])(
    'of policy min never lies above that of policy max',
    (byPartition) => {
      const maxEventTimes = new Map(Object.entries(byPartition).map(([name, time]) => [name, eventTimeMs(time)]))
      const min = candidate({ policy: 'min', partitions: ['a', 'b', 'c'], maxEventTimes })
      const max = candidate({ policy: 'max', maxEventTimes })
      if (min.time !== null) expect(min.time).toBeLessThanOrEqual(max.time ?? Number.NEGATIVE_INFINITY)
      expect(min.time === null).toBe(maxEventTimes.size < 3)
    },
  )

  test('makes late what ends at it or before it; nothing is late without one', () => {
    expect(isLate(eventTimeMs(10), eventTimeMs(10))).toBe(true)
    expect(isLate(eventTimeMs(11), eventTimeMs(10))).toBe(false)
    expect(isLate(eventTimeMs(-1e15), null)).toBe(false)
  })

  test('is no wall time, and no plain number', () => {
    expectTypeOf<WallTimeMs>().not.toExtend<EventTimeMs>()
    expectTypeOf<number>().not.toExtend<EventTimeMs>()
    expectTypeOf<EventTimeMs>().toExtend<number>()
  })
})
