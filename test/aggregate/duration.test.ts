import { describe, expect, test } from 'vitest'
import { delayMs, windowDurationMs } from '../../lib/aggregate/duration.ts'
import { MicrobatchError } from '../../lib/error.ts'

const refused = (message: string | RegExp) =>
  expect.objectContaining({
    code: 'QUERY_INVALID',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  })

function errorOf(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    expect(error).toBeInstanceOf(MicrobatchError)
    return error
  }
}

describe('an interval string becomes milliseconds', () => {
  test.each([
    ['3 seconds', 3_000],
    ['1 second', 1_000],
    ['1 seconds', 1_000],
    ['1 minute 30 seconds', 90_000],
    ['interval 5 minutes', 300_000],
    ['INTERVAL 5 Minutes', 300_000],
    ['  2\thours ', 7_200_000],
    ['1 day', 86_400_000],
    ['2 weeks', 1_209_600_000],
    ['250 milliseconds', 250],
    ['3000 microseconds', 3],
    ['1.5 seconds', 1_500],
    ['.25 second', 250],
    ['1. seconds', 1_000],
    ['0.001000999 seconds', 1],
    ['-3 seconds', -3_000],
    ['- 3 seconds', -3_000],
    ['-1.5 seconds', -1_500],
    ['-.5 seconds', -500],
    ['+1 hour -30 minutes', 1_800_000],
    ['1 minute -1 second', 59_000],
    ['0 seconds', 0],
    ['1 year -12 months 2 seconds', 2_000],
    ["interval '10' second", 10_000],
    ["INTERVAL '1.5' SECOND", 1_500],
    ["interval -'10' seconds", -10_000],
    ["interval '-10' second", -10_000],
    ["interval '1' minute '30' second", 90_000],
    ["interval '1 minute 30 seconds'", 90_000],
    ["interval '1 02:03:04.5' day to second", 93_784_500],
    ["interval '1 02' day to hour", 93_600_000],
    ["interval '-2:30' minute to second", -150_000],
    ["interval - '02:03' hour to minute", -7_380_000],
    ["interval '100:00' minute to second", 6_000_000],
  ])('%j is %d ms', (text, ms) => {
    expect(windowDurationMs(text)).toBe(ms)
  })

  test.each([
    '',
    '   ',
    'interval',
    'interval5 seconds',
    "'10' second",
    "interval '10 second",
    "interval '1 25:00' day to minute",
    "interval '1:60' hour to minute",
    "interval '1 2:3' day to second",
    "interval '1:2' second to minute",
    "interval '1-2' day to second",
    '3',
    '3000',
    'seconds',
    '3seconds',
    '3 secs',
    '3 secondss',
    '3 seconds,',
    '3 seconds and',
    '3 nanoseconds',
    '1.5 minutes',
    '0.5 milliseconds',
    '. seconds',
    '1.1234567890 seconds',
    '1e3 seconds',
    '--3 seconds',
    'three seconds',
    '1 second2 seconds',
    '99999999999999999999 seconds',
  ])('%j is no interval', (text) => {
    expect(errorOf(() => windowDurationMs(text))).toEqual(
      refused(/^Unable to parse '.*'\. Please ensure that .* Write a number and a unit/s),
    )
  })

  test.each(['1 microsecond', '1500 microseconds', '0.0005 seconds', '1.5 seconds 1 microsecond'])(
    '%j is finer than a millisecond and refused',
    (text) => {
      expect(errorOf(() => windowDurationMs(text))).toEqual(refused(/is finer than a millisecond/))
      expect(errorOf(() => delayMs(text))).toEqual(refused(/is finer than a millisecond/))
    },
  )
})

describe('months and years', () => {
  test.each(['1 month', '2 years', '-1 month', '1 month 1 day'])('%j is no window, in the words of Spark', (text) => {
    expect(errorOf(() => windowDurationMs(text))).toEqual(
      refused(`Intervals greater than a month is not supported (${text}).`),
    )
  })

  test('a month of delay counts 31 days', () => {
    expect(delayMs('1 month')).toBe(31 * 86_400_000)
    expect(delayMs('1 year')).toBe(12 * 31 * 86_400_000)
    expect(delayMs('1 month -31 days')).toBe(0)
  })
})

describe('a delay', () => {
  test('may be zero', () => {
    expect(delayMs('0 seconds')).toBe(0)
  })

  test.each(['-1 second', '1 month -32 days', '-1 microsecond'])(
    '%j is negative and refused, in the words of Spark',
    (text) => {
      expect(errorOf(() => delayMs(text))).toEqual(refused(`delay threshold (${text}) should not be negative.`))
    },
  )
})

test('a number is no interval: Spark would take it for microseconds', () => {
  expect(errorOf(() => windowDurationMs(10_000 as never))).toEqual(refused(/^Unable to parse 10000\./))
  expect(errorOf(() => delayMs(undefined as never))).toEqual(refused(/^Unable to parse undefined\./))
})
