import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { eventTimeMs } from '../../lib/aggregate/time.ts'
import { type WindowSpec, window, windowsOf } from '../../lib/aggregate/window.ts'

const bounds = (time: number, spec: WindowSpec) =>
  windowsOf(eventTimeMs(time), spec).map(({ start, end }) => [start, end])

describe('windowsOf', () => {
  test.each([
    [0, 0],
    [9_999, 0],
    [10_000, 10_000],
    [-1, -10_000],
    [-10_000, -10_000],
    [-10_001, -20_000],
  ])('a tumbling window of 10 s holds %d from %d', (time, start) => {
    expect(bounds(time, window('t', '10 seconds'))).toEqual([[start, start + 10_000]])
  })

  test('sliding windows come latest first, as Spark lists them', () => {
    expect(bounds(12_000, window('t', '10 seconds', '5 seconds'))).toEqual([
      [10_000, 20_000],
      [5_000, 15_000],
    ])
  })

  test('a slide that does not divide the size gives one window more or less', () => {
    const spec = window('t', '10 seconds', '4 seconds')
    expect(bounds(8_000, spec)).toEqual([
      [8_000, 18_000],
      [4_000, 14_000],
      [0, 10_000],
    ])
    expect(bounds(10_000, spec)).toEqual([
      [8_000, 18_000],
      [4_000, 14_000],
    ])
  })

  test('a start time shifts the windows, also backwards', () => {
    expect(bounds(12_000, window('t', '10 seconds', '10 seconds', '3 seconds'))).toEqual([[3_000, 13_000]])
    expect(bounds(2_000, window('t', '10 seconds', '10 seconds', '3 seconds'))).toEqual([[-7_000, 3_000]])
    expect(bounds(8_000, window('t', '10 seconds', '10 seconds', '-3 seconds'))).toEqual([[7_000, 17_000]])
  })

  /** Spark's formula (ResolveTimeWindows.scala) as it stands, in microseconds. */
  function windowsInMicros(time: bigint, { sizeMs, slideMs, startMs }: WindowSpec): [number, number][] {
    const [size, slide, start] = [BigInt(sizeMs) * 1_000n, BigInt(slideMs) * 1_000n, BigInt(startMs) * 1_000n]
    const remainder = (time - start) % slide
    const lastStart = time - (remainder < 0n ? remainder + slide : remainder)
    const overlapping = (size + slide - 1n) / slide
    return Array.from({ length: Number(overlapping) }, (_, i) => lastStart - BigInt(i) * slide)
      .filter((windowStart) => windowStart <= time && time < windowStart + size)
      .map((windowStart) => [Number(windowStart / 1_000n), Number((windowStart + size) / 1_000n)])
  }

  const spec = fc
    .tuple(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: 1, max: 30 }),
      fc.double({ min: -1, max: 1, noNaN: true }),
    )
    .map(([slideMs, times, shift]) => ({
      slideMs,
      sizeMs: slideMs * times - (times > 1 ? slideMs >> 1 : 0),
      startMs: Math.trunc(shift * (slideMs - 1)),
    }))

  property.prop([fc.integer({ min: -8.64e15, max: 8.64e15 }), spec])(
    'gives what the formula of Spark gives in microseconds',
    (time, windowSpec) => {
      expect(bounds(time, windowSpec)).toEqual(windowsInMicros(BigInt(time) * 1_000n, windowSpec))
    },
  )

  property.prop([fc.integer({ min: -1e6, max: 1e6 }), spec])(
    'gives only windows that hold the time',
    (time, windowSpec) => {
      const windows = bounds(time, windowSpec)
      expect(windows.length).toBeGreaterThan(0)
      for (const [start = Number.NaN, end = Number.NaN] of windows) {
        expect(start <= time && time < end).toBe(true)
        expect(Math.abs((start - windowSpec.startMs) % windowSpec.slideMs)).toBe(0)
      }
    },
  )
})

describe('window', () => {
  test('is tumbling, unshifted and named window unless told otherwise', () => {
    expect(window('timestamp', '3 seconds')).toMatchObject({
      kind: 'window',
      column: 'timestamp',
      name: 'window',
      sizeMs: 3_000,
      slideMs: 3_000,
      startMs: 0,
    })
  })

  test('as gives another definition and leaves the first', () => {
    const bars = window('timestamp', '10 seconds', '5 seconds', '1 second')
    const named = bars.as('bar')
    expect(named).toMatchObject({ name: 'bar', column: 'timestamp', sizeMs: 10_000, slideMs: 5_000, startMs: 1_000 })
    expect(bars.name).toBe('window')
    expectTypeOf(bars.name).toEqualTypeOf<'window'>()
    expectTypeOf(named.name).toEqualTypeOf<'bar'>()
    expectTypeOf(named.column).toEqualTypeOf<'timestamp'>()
  })

  test.each([
    [['0 seconds'], 'The window duration (0 seconds) must be greater than 0.'],
    [['-1 seconds'], 'The window duration (-1 seconds) must be greater than 0.'],
    [['1 second', '0 seconds'], 'The slide duration (0 seconds) must be greater than 0.'],
    [
      ['1 second', '2 seconds'],
      'The slide duration (2 seconds) must be less than or equal to the window duration (1 second).',
    ],
    [
      ['2 seconds', '1 second', '1 second'],
      'The absolute value of the start time (1 second) must be less than the slide duration (1 second).',
    ],
    [
      ['2 seconds', '1 second', '-1 second'],
      'The absolute value of the start time (-1 second) must be less than the slide duration (1 second).',
    ],
    [['1 month'], 'Intervals greater than a month is not supported (1 month).'],
  ])('%j is refused', ([size = '', slide, startTime], message) => {
    expect(() => window('t', size, slide, startTime)).toThrow(
      expect.objectContaining({ code: 'QUERY_INVALID', message }),
    )
  })
})
