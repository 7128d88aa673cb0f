// The interval literals of standard SQL, as Spark takes them after the word `interval`: a quoted number and a unit, or a quoted text
// and the fields it goes from and to (IntervalUtils.fromIntervalString). Each is said here in the words of the other form.

const fields: readonly string[] = ['day', 'hour', 'minute', 'second']

/** What stands between the fields of `'1 02:03:04.5' day to second`. */
const separators = [' ', ':', ':'] as const
/** What a field that is not the first may be at the most. */
const greatest: Readonly<Record<string, number>> = { hour: 23, minute: 59, second: 59, month: 11 }

const ranged = /^([+-]?)\s*'\s*([+-]?)\s*([^']*?)\s*'\s+([a-z]+)\s+to\s+([a-z]+)$/
const quoted = /(?:([+-])\s*)?'\s*([+-]?)\s*([^'\s]*)\s*'/g
/** Numbers and units, quoted as a whole. */
const whole = /^'([^']*)'$/

/**
 * The same interval as numbers and units.
 * @param text after the word `interval`, in small letters
 * @returns null where it is none
 * @example plainInterval("'1 12:30' day to minute") // '1 day 12 hour 30 minute'
 */
export function plainInterval(text: string): string | null {
  const range = ranged.exec(text)
  if (range === null) {
    const [, inside] = whole.exec(text) ?? []
    return inside ?? text.replace(quoted, (_, outer, inner, number) => `${signOf(outer, inner)}${number}`)
  }
  const [, outer = '', inner = '', value = '', from = '', to = ''] = range
  const sign = signOf(outer, inner)
  const terms = from === 'year' ? yearsAndMonths(value, to) : daysAndTimes(value, from, to)
  return terms?.map((term) => `${sign}${term}`).join(' ') ?? null
}

const signOf = (outer: string | undefined, inner: string): '-' | '' => ((outer === '-') === (inner === '-') ? '' : '-')

function yearsAndMonths(value: string, to: string): readonly string[] | null {
  const [, years, months] = /^(\d+)-(\d+)$/.exec(value) ?? []
  if (to !== 'month' || !isWithin('month', months)) return null
  return [`${years} year`, `${months} month`]
}

function daysAndTimes(value: string, from: string, to: string): readonly string[] | null {
  const first = fields.indexOf(from)
  const last = fields.indexOf(to)
  if (first === -1 || last <= first) return null
  const names = fields.slice(first, last + 1)
  const numbers = names.map((name) => (name === 'second' ? '(\\d+(?:\\.\\d{1,9})?)' : '(\\d+)'))
  const pattern = numbers.map((number, i) => (i === 0 ? number : `${separators[first + i - 1]}${number}`)).join('')
  const found = new RegExp(`^${pattern}$`).exec(value)?.slice(1)
  if (found === undefined || names.some((name, i) => i > 0 && !isWithin(name, found[i]))) return null
  return names.map((name, i) => `${found[i]} ${name}`)
}

const isWithin = (field: string, number: string | undefined): boolean =>
  number !== undefined && Math.trunc(Number(number)) <= (greatest[field] ?? Number.POSITIVE_INFINITY)
