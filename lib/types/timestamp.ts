// A time: in rows integer epoch milliseconds, Kafka's own resolution. What lies outside the calendar is no time: NaN, a text that
// was read as one, nanoseconds taken for milliseconds.

import type { ColumnType, IntegerRange } from './column-type.ts'
import { numbers } from './double.ts'
import { integerOf, wholeNumber } from './integers.ts'
import { isQuoted, unquote } from './text/lenient-json.ts'
import { sparkTime } from './text/time-text.ts'
import { utc } from './text/time-zone.ts'
import { timestampText } from './text/timestamp-text.ts'

/** The years 0001 to 9999, as Spark's; a window around one still is a date to JavaScript. */
export const timestampRangeMs = {
  min: -62_135_596_800_000,
  max: 253_402_300_799_999,
} as const satisfies IntegerRange

const { min, max } = timestampRangeMs
export const calendar = 'of the years 1 to 9999'

/**
 * Milliseconds of the first weeks of 1970 that are seconds of the years 2001 to 2103 far more likely. A column that does not
 * declare its unit does not take them.
 */
const likelySeconds: IntegerRange = { min: 1e9, max: 4.2e9 - 1 }

export const isLikelySeconds = (value: number): boolean => value >= likelySeconds.min && value <= likelySeconds.max

export const inCalendar = (epochMs: number | undefined): number | undefined =>
  epochMs !== undefined && epochMs >= min && epochMs <= max ? epochMs : undefined

function millisOf(value: unknown): number | undefined {
  // A Date has no unit that it could be of wrongly.
  if (value instanceof Date) return wholeNumber(value.getTime(), timestampRangeMs)
  const epochMs = wholeNumber(value, timestampRangeMs)
  return epochMs === undefined || isLikelySeconds(epochMs) ? undefined : epochMs
}

/** A column that declares no unit: milliseconds in strict JSON, and whatever Spark's from_json takes in its modes. */
export const timestampType: ColumnType<number> = {
  kind: 'timestamp',
  name: 'timestamp',
  sparkName: 'TIMESTAMP',
  isNumeric: false,
  json: {
    wanted: `integer epoch milliseconds ${calendar}`,
    isWhole: true,
    hint(value) {
      if (typeof value === 'string') return " (a text is declared as timestamp({ unit: 'iso' }))"
      if (typeof value !== 'number' || !isLikelySeconds(value)) return ''
      return " (it looks like epoch seconds: declare timestamp({ unit: 'seconds' }), or 'millis' where it is of January 1970)"
    },
    read: (value) =>
      typeof value === 'number' && Number.isInteger(value) && !isLikelySeconds(value) ? inCalendar(value) : undefined,
    readLenient(source) {
      if (isQuoted(source)) return inCalendar(sparkTime(unquote(source), utc))
      // JacksonParser: a whole number is of seconds, a fraction is none. One that would be of a year beyond 9999 is of milliseconds:
      // a producer of this century's has them, and Spark reads the year 57983.
      const value = integerOf(source, timestampRangeMs)
      if (value === undefined) return undefined
      return inCalendar(value * 1000) ?? value
    },
  },
  plain: { kind: 'integer', min, max, except: likelySeconds },
  wanted: `integer epoch milliseconds, or a Date, ${calendar}`,
  hold: millisOf,
  misfit: (value) => (typeof value === 'number' || value instanceof Date ? 'EVENT_TIME_INVALID' : 'WRONG_SHAPE'),
  hint: (value) =>
    typeof value === 'number' && isLikelySeconds(value) ? ' (it looks like epoch seconds; rows have milliseconds)' : '',
  print: timestampText,
  domain: numbers,
}
