// Patterns of times by Java's letters, read exactly as Spark's parser of dates reads them (java.time.format with a strict resolver,
// any case, English names; catalyst DateTimeFormatterHelper). A small set of the letters: the others are refused where a column is made.

import { dateOf } from './day-text.ts'
import { compilePattern, type Element } from './pattern-elements.ts'
import { type Fields, parseElements } from './pattern-parser.ts'
import type { Zone } from './time-zone.ts'

export interface TimePattern {
  /** Epoch milliseconds; what is finer is cut off. @param zone of a text that names none */
  time(text: string, zone: Zone): number | undefined
  /** The day alone, its year with a sign beyond 9999. */
  day(text: string): string | undefined
}

/**
 * @param letters which may be used: those of a day, or of a time
 * @returns why it is none, in words
 * @example timePattern('dd.MM.yyyy', 'yMd').day('05.01.2026') // '2026-01-05'
 */
export function timePattern(pattern: string, letters: string): TimePattern | string {
  const elements = compilePattern(pattern, letters)
  if (typeof elements === 'string') return elements
  const problem = problemOf(elements)
  if (problem !== undefined) return problem
  return {
    time(text, zone) {
      const fields = parseElements(elements, text)
      const midnight = fields && midnightOf(fields)
      if (fields === undefined || midnight === undefined) return undefined
      const { minute = 0, second = 0, nano = 0, offsetMs } = fields
      const hour = hourOf(fields)
      if (hour === undefined || minute > 59 || second > 59) return undefined
      const localMs = midnight + ((hour * 60 + minute) * 60 + second) * 1000 + Math.floor(nano / 1e6)
      return offsetMs === undefined ? zone(localMs) : localMs - offsetMs
    },
    day(text) {
      const fields = parseElements(elements, text)
      return fields && midnightOf(fields) !== undefined ? dayText(fields) : undefined
    },
  }
}

/** Java would leave an hour of a half day without its half unresolved, and take 1970 for a year. */
function problemOf(elements: readonly Element[]): string | undefined {
  const all = flat(elements)
  const has = (field: string) => all.some((element) => 'field' in element && element.field === field)
  const hasHalf = all.some(({ kind }) => kind === 'half')
  if (!has('year')) return 'it has no year, yyyy'
  const hours = ['hour', 'clockHour', 'halfHour', 'clockHalfHour'].filter(has)
  if (hours.length > 1) return 'it has several hours; one of HH, kk, KK and hh is enough'
  const isHalf = hours[0] === 'halfHour' || hours[0] === 'clockHalfHour'
  if (isHalf !== hasHalf) return 'hh or KK go with a, AM or PM, and a goes with one of them'
  return undefined
}

const flat = (elements: readonly Element[]): readonly Element[] =>
  elements.flatMap((element) => (element.kind === 'optional' ? flat(element.elements) : [element]))

function midnightOf({ year, month = 1, day = 1 }: Fields): number | undefined {
  if (year === undefined || month < 1 || month > 12 || day < 1 || day > 31) return undefined
  return dateOf(year, month, day)?.getTime()
}

function hourOf({ hour, clockHour, halfHour, clockHalfHour, half = 0 }: Fields): number | undefined {
  if (hour !== undefined) return hour > 23 ? undefined : hour
  if (clockHour !== undefined) return clockHour < 1 || clockHour > 24 ? undefined : clockHour % 24
  if (halfHour !== undefined) return halfHour > 11 ? undefined : half * 12 + halfHour
  if (clockHalfHour === undefined) return 0
  return clockHalfHour < 1 || clockHalfHour > 12 ? undefined : half * 12 + (clockHalfHour % 12)
}

function dayText({ year = 0, month = 1, day = 1 }: Fields): string {
  const digits = String(Math.abs(year)).padStart(4, '0')
  const sign = year < 0 ? '-' : year > 9999 ? '+' : ''
  return `${sign}${digits}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
}
