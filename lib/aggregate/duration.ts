// Spark's interval strings as milliseconds: what window(), sessionWindow() and withWatermark() take. The grammar is that of
// IntervalUtils.stringToInterval (Spark 3.5): units microsecond to year, a sign per term, fractions for seconds only; and
// standard SQL's literals after the word `interval`.
// Event times here are milliseconds, Kafka's own resolution, so an interval finer than that is refused, never rounded.

import { refuse } from '../error.ts'
import { plainInterval } from './ansi-interval.ts'

/** Months have no fixed length, so they are kept apart until it is known what the interval is for. */
interface Interval {
  readonly months: bigint
  readonly micros: bigint
}

const microsOfUnit = new Map([
  ['microsecond', 1n],
  ['millisecond', 1_000n],
  ['second', 1_000_000n],
  ['minute', 60_000_000n],
  ['hour', 3_600_000_000n],
  ['day', 86_400_000_000n],
  ['week', 604_800_000_000n],
])
const monthsOfUnit = new Map([
  ['month', 1n],
  ['year', 12n],
])
const microsPerMs = 1_000n
/** For watermark delays only: so that no month is cut short (IntervalUtils.getDuration, daysPerMonth = 31). */
const microsPerMonth = 31n * 86_400_000_000n

const term = /\s*([+-]?)\s*(?:(\d+)(?:\.(\d{0,9}))?|\.(\d{1,9}))\s+([a-z]+?)s?(?=\s|$)/y

function refuseText(text: unknown): never {
  const wanted = "Write a number and a unit, such as '3 seconds' or '1 minute 30 seconds'."
  const given = typeof text === 'string' ? `'${text}'` : `${text}`
  // Spark's words (CANNOT_PARSE_INTERVAL).
  return refuse(
    `Unable to parse ${given}. Please ensure that the value provided is in a valid format for defining an interval. ${wanted}`,
  )
}

function parseInterval(text: string): Interval {
  // A caller whose types are not checked may give a number, which Spark takes for microseconds.
  if (typeof text !== 'string') refuseText(text)
  const [, marked, plain = ''] = /^(?:interval\s+(.*)|(.*))$/s.exec(text.trim().toLowerCase()) ?? []
  const source = marked === undefined ? plain : plainInterval(marked)
  if (source === null || source === '') refuseText(text)
  let months = 0n
  let micros = 0n
  term.lastIndex = 0
  while (term.lastIndex < source.length) {
    const match = term.exec(source)
    if (match === null) refuseText(text)
    const [, sign, whole = '0', fractionAfterWhole, bareFraction, unit = ''] = match
    const direction = sign === '-' ? -1n : 1n
    const fraction = fractionAfterWhole ?? bareFraction
    if (fraction !== undefined && unit !== 'second') refuseText(text)
    const monthsPerUnit = monthsOfUnit.get(unit)
    const microsPerUnit = microsOfUnit.get(unit)
    if (monthsPerUnit !== undefined) {
      months += direction * BigInt(whole) * monthsPerUnit
    } else if (microsPerUnit !== undefined) {
      // Spark cuts off what is below a microsecond, and so does this.
      const fractionMicros = BigInt((fraction ?? '').padEnd(9, '0').slice(0, 6))
      micros += direction * (BigInt(whole) * microsPerUnit + fractionMicros)
    } else {
      refuseText(text)
    }
  }
  return { months, micros }
}

function wholeMs(micros: bigint, text: string): number {
  if (micros % microsPerMs !== 0n) {
    refuse(
      `${JSON.stringify(text)} is finer than a millisecond, the resolution of Kafka's timestamps. Use whole milliseconds.`,
    )
  }
  const ms = Number(micros / microsPerMs)
  if (!Number.isSafeInteger(ms)) refuseText(text)
  return ms
}

/**
 * A window's size, slide or start time in milliseconds; may be negative. Days are 24 hours, weeks 7 days.
 *
 * @throws MicrobatchError QUERY_INVALID for text that is not an interval, for months and years (Spark's words), for
 *   anything finer than a millisecond
 * @example windowDurationMs('1 minute 30 seconds') // 90_000
 */
export function windowDurationMs(text: string): number {
  const { months, micros } = parseInterval(text)
  if (months !== 0n) refuse(`Intervals greater than a month is not supported (${text}).`)
  return wholeMs(micros, text)
}

/** How long a session waits for its next row. A month is as long as the one it begins in. */
export interface Gap {
  readonly months: number
  readonly ms: number
}

/**
 * A session's gap; may be zero or negative, which no row is in a session by.
 *
 * @throws MicrobatchError QUERY_INVALID for text that is not an interval, for anything finer than a millisecond
 * @example sessionGap('1 minute 30 seconds') // { months: 0, ms: 90_000 }
 */
export function sessionGap(text: string): Gap {
  const { months, micros } = parseInterval(text)
  if (!Number.isSafeInteger(Number(months))) refuseText(text)
  return { months: Number(months), ms: wholeMs(micros, text) }
}

/** Whether a text is an interval at all. @example isInterval('soon') // false */
export function isInterval(text: string): boolean {
  try {
    parseInterval(text)
    return true
  } catch {
    return false
  }
}

/**
 * A watermark's delay in milliseconds. A month counts 31 days, as in Spark, so that no month is cut short.
 *
 * @throws MicrobatchError QUERY_INVALID for text that is not an interval, for a negative one (Spark's words), for anything
 *   finer than a millisecond
 * @example delayMs('10 seconds') // 10_000
 */
export function delayMs(text: string): number {
  const { months, micros } = parseInterval(text)
  const total = months * microsPerMonth + micros
  if (total < 0n) refuse(`delay threshold (${text}) should not be negative.`)
  return wholeMs(total, text)
}
