// The text of a day: strictly as ISO 8601 writes it, and as Spark reads it (DateTimeUtils.stringToDate of Spark 3.5).

/**
 * Four digits of a year from 0001, two of a month, two of a day that the calendar has.
 * @example isoDay('2026-02-29') // undefined: 2026 is no leap year
 */
export function isoDay(text: string): string | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(text) && text >= '0001' && dayOf(text) !== undefined ? text : undefined
}

/**
 * What Spark takes for a day: the parts after the year may be missing or of one digit, and anything may come after a whole day and
 * a T or a blank. @example sparkDay(' 2026-1 ') // '2026-01-01'
 */
export function sparkDay(text: string): string | undefined {
  const parts = /^([+-]?)(\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?$/s.exec(trimAll(text))
  if (parts === null) return undefined
  const [, sign = '', year = '', month = '1', day = '1'] = parts
  const value = Number(year) * (sign === '-' ? -1 : 1)
  if (dateOf(value, Number(month), Number(day)) === undefined) return undefined
  return `${yearText(value)}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
}

/** Java's ISO_LOCAL_DATE: at least four digits, a plus before more of them. */
function yearText(year: number): string {
  const digits = String(Math.abs(year)).padStart(4, '0')
  return year < 0 ? `-${digits}` : year > 9999 ? `+${digits}` : digits
}

/** The midnight, in UTC, of a text that one of these gave. */
export function dayOf(text: string): Date | undefined {
  const parts = /^([+-]?\d{4,7})-(\d\d)-(\d\d)$/.exec(text)
  return parts === null ? undefined : dateOf(Number(parts[1]), Number(parts[2]), Number(parts[3]))
}

/** Midnight in UTC; undefined for a day that the calendar, or JavaScript's 285,000 years of it, does not have. */
export function dateOf(year: number, month: number, day: number): Date | undefined {
  const date = new Date(0)
  // Not Date.UTC, which takes the years below 100 for those of a century.
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : undefined
}

/** Spark cuts blanks and control characters off both ends (UTF8String.trimAll). */
export const trimAll = (text: string): string => text.replace(/^[\x00-\x20\x7f]+|[\x00-\x20\x7f]+$/g, '')
