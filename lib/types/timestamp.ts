// A time: in rows integer epoch milliseconds, Kafka's own resolution. What lies outside the calendar is no time: NaN, a text
// that was read as one, microseconds or nanoseconds taken for milliseconds.

import type { ColumnType } from './column-type.ts'
import { numbers } from './double.ts'
import { type IntegerRange, integerOf, wholeNumber } from './integers.ts'
import { timestampText } from './text/timestamp-text.ts'

/** The years 0001 to 9999, as Spark's; a window around one still is a date to JavaScript. */
export const timestampRangeMs = {
  min: -62_135_596_800_000,
  max: 253_402_300_799_999,
} as const satisfies IntegerRange

const { min, max } = timestampRangeMs
const calendar = 'of the years 1 to 9999'

export const timestampType: ColumnType<number> = {
  kind: 'timestamp',
  name: 'timestamp',
  sparkName: 'TIMESTAMP',
  isNumeric: false,
  json: {
    wanted: `integer epoch milliseconds ${calendar}`,
    isWhole: true,
    read: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined,
    readLenient: (source) => integerOf(source, timestampRangeMs),
  },
  plain: { kind: 'integer', ...timestampRangeMs },
  wanted: `integer epoch milliseconds, or a Date, ${calendar}`,
  hold: (value) => wholeNumber(value instanceof Date ? value.getTime() : value, timestampRangeMs),
  misfit: (value) => (typeof value === 'number' || value instanceof Date ? 'EVENT_TIME_INVALID' : 'WRONG_SHAPE'),
  print: timestampText,
  domain: numbers,
}
