// Times of a declared unit: what JSON has is taken at its word, whatever the policy of the codec.

import { MicrobatchError } from '../../error.ts'
import type { ColumnType, JsonForm, PlainForm } from '../column-type.ts'
import { wholeNumber } from '../integers.ts'
import { isNumber, isQuoted, numberValue, unquote } from '../text/lenient-json.ts'
import { timePattern } from '../text/time-pattern.ts'
import { isoTime, sparkTime } from '../text/time-text.ts'
import { utc, type Zone, zoneOf } from '../text/time-zone.ts'
import { isWhole } from '../text/whole-number.ts'
import { calendar, inCalendar, timestampRangeMs, timestampType } from '../timestamp.ts'

export type TimestampUnit = 'seconds' | 'millis' | 'micros' | 'iso'

/**
 * @throws MicrobatchError SCHEMA_INVALID for a unit, a zone or a pattern that there is not, or a zone or a pattern beside another unit
 *   than `iso`
 */
export function timestampOf(unit: TimestampUnit, zone: string | undefined, pattern?: string): ColumnType<number> {
  const problem = problemOf(unit, zone, pattern)
  if (problem !== null) throw new MicrobatchError('SCHEMA_INVALID', `timestamp: ${problem}`)
  if (pattern !== undefined) {
    const json = ofPattern(pattern, zoneOf(zone ?? 'UTC') ?? utc)
    return { ...timestampType, json, plain: { kind: 'text', take: json.read } }
  }
  const json = unit === 'iso' ? ofText(zoneOf(zone ?? 'UTC') ?? utc) : ofNumber(unit)
  const type: ColumnType<number> = { ...timestampType, json, plain: plainOf(unit, json) }
  if (unit !== 'millis') return type
  return {
    ...type,
    plain: { kind: 'integer', ...timestampRangeMs },
    hold: (value) => wholeNumber(value instanceof Date ? value.getTime() : value, timestampRangeMs),
    hint: () => '',
  }
}

function problemOf(unit: string, zone: string | undefined, pattern: string | undefined): string | null {
  const known = ['seconds', 'millis', 'micros', 'iso']
  if (!known.includes(unit)) return `there is no unit ${JSON.stringify(unit)}; it is one of ${known.join(', ')}.`
  if (pattern !== undefined && unit !== 'iso') return `a pattern is of text; a number of ${unit} has none.`
  if (zone === undefined) return null
  if (unit !== 'iso') return `a zone goes with unit: 'iso' only; a number of ${unit} has none.`
  if (zoneOf(zone) !== undefined) return null
  return `there is no zone ${JSON.stringify(zone)}; it is an offset as '+02:00', or a region as 'Europe/Paris'.`
}

const ofText = (zone: Zone): JsonForm<number> => ({
  wanted: `an ISO 8601 time ${calendar}`,
  isWhole: false,
  isText: true,
  read: (value) => (typeof value === 'string' ? inCalendar(isoTime(value, zone)) : undefined),
  readLenient: (source) => (isQuoted(source) ? inCalendar(sparkTime(unquote(source), zone)) : undefined),
})

/** Spark's timestampFormat: no other text is read, and whole numbers of seconds in its modes. */
function ofPattern(pattern: string, zone: Zone): JsonForm<number> {
  const of = timePattern(pattern, 'yMdHhKkmsSaXxZ')
  if (typeof of === 'string') throw patternProblem('timestamp', pattern, of)
  return {
    wanted: `a time ${calendar}, ${pattern}`,
    isWhole: false,
    isText: true,
    read: (value) => (typeof value === 'string' ? inCalendar(of.time(value, zone)) : undefined),
    readLenient: (source, faults) =>
      isQuoted(source) ? inCalendar(of.time(unquote(source), zone)) : timestampType.json.readLenient(source, faults),
  }
}

/** @param problem why it is none */
export const patternProblem = (word: string, pattern: string, problem: string): MicrobatchError =>
  new MicrobatchError(
    'SCHEMA_INVALID',
    `${word}: the pattern ${JSON.stringify(pattern)} is not read here: ${problem}. docs/columns.md has the letters.`,
  )

/** Microseconds have more digits than are read plainly. */
function plainOf(unit: TimestampUnit, { read }: JsonForm<number>): PlainForm | null {
  if (unit === 'iso') return { kind: 'text', take: read }
  return unit === 'seconds' ? { kind: 'double', take: read } : null
}

function ofNumber(unit: Exclude<TimestampUnit, 'iso'>): JsonForm<number> {
  // Seconds may have a fraction: Python's time() does.
  const isFraction = unit === 'seconds'
  const read = (value: number): number | undefined => inCalendar(epochMs(value, unit))
  return {
    wanted:
      unit === 'seconds'
        ? `epoch seconds ${calendar}`
        : `integer epoch ${unit === 'millis' ? 'milli' : 'micro'}seconds ${calendar}`,
    isWhole: !isFraction,
    read: (value) => (typeof value === 'number' && (isFraction || Number.isInteger(value)) ? read(value) : undefined),
    readLenient: (source) =>
      isNumber(source) && (isFraction || isWhole(source)) ? read(numberValue(source)) : undefined,
  }
}

function epochMs(value: number, unit: Exclude<TimestampUnit, 'iso'>): number {
  if (unit === 'millis') return value === 0 ? 0 : value
  // By way of microseconds: 1767623400.29 * 1000 is a little less than a whole number of milliseconds.
  const micros = unit === 'micros' ? value : Math.round(value * 1e6)
  return Math.floor(micros / 1000)
}
