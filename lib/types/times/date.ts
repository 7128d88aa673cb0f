// A day of the calendar, without a time or a zone: in rows and in JSON the text `yyyy-MM-dd`, which is also what it prints as.
// A year beyond 9999, which only from_json reads, has its sign.

import type { ColumnType } from '../column-type.ts'
import { stringType } from '../string.ts'
import { dayOf, isoDay, sparkDay } from '../text/day-text.ts'
import { isQuoted, unquote } from '../text/lenient-json.ts'
import { timePattern } from '../text/time-pattern.ts'
import { patternProblem } from './timestamp-unit.ts'

const dayMs = 86_400_000

const numberOf = (day: string): number => dayOf(day)?.getTime() ?? Number.NaN

export const dateType: ColumnType<string> = {
  kind: 'date',
  name: 'date',
  sparkName: 'DATE',
  isNumeric: false,
  json: {
    wanted: 'a date, yyyy-MM-dd',
    isWhole: false,
    isText: true,
    read: (value) => (typeof value === 'string' ? isoDay(value) : undefined),
    // A text that Spark's older parser took and the newer one does not, 2026-02-29, ends the query there
    // (INCONSISTENT_BEHAVIOR_CROSS_VERSION.PARSE_DATETIME_BY_NEW_PARSER); here it is null, as with timeParserPolicy=CORRECTED.
    readLenient: (source) => (isQuoted(source) ? sparkDay(unquote(source)) : undefined),
  },
  plain: { kind: 'text', take: isoDay },
  wanted: 'a date: the text yyyy-MM-dd, or a Date at midnight UTC',
  hold(value) {
    if (!(value instanceof Date)) return typeof value === 'string' ? isoDay(value) : undefined
    return value.getTime() % dayMs === 0 ? isoDay(value.toISOString().slice(0, -14)) : undefined
  },
  print: (value) => value,
  domain: {
    ...stringType.domain,
    // The texts of four digits a year are in the order of their days.
    compare: (left, right) =>
      left.length === 10 && right.length === 10
        ? stringType.domain.compare(left, right)
        : numberOf(left) - numberOf(right),
  },
}

/**
 * Days that JSON has in another form, as Spark's dateFormat.
 * @throws MicrobatchError SCHEMA_INVALID for a pattern with other letters than those of a day
 */
export function dateOfPattern(pattern: string): ColumnType<string> {
  const of = timePattern(pattern, 'yMd')
  if (typeof of === 'string') throw patternProblem('date', pattern, of)
  const read = (value: unknown): string | undefined =>
    typeof value === 'string' ? isoDay(of.day(value) ?? '') : undefined
  return {
    ...dateType,
    plain: { kind: 'text', take: read },
    json: {
      wanted: `a date, ${pattern}`,
      isWhole: false,
      isText: true,
      read,
      readLenient: (source) => (isQuoted(source) ? of.day(unquote(source)) : undefined),
    },
  }
}
