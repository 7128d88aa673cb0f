// The text of a time, as Spark prints it in a session of UTC.

/** The last time that JavaScript has a date for, and the first one's negative. */
const maxDateMs = 8.64e15

/**
 * `yyyy-MM-dd HH:mm:ss` in UTC, with the fraction of a second where there is one, without its trailing zeros. A year beyond
 * 9999 has its sign (java.time's ISO_LOCAL_DATE). A number that is no time, as a window of the last year may end at, is NULL.
 *
 * @example timestampText(253_402_300_800_000) // '+10000-01-01 00:00:00'
 */
export function timestampText(epochMs: number): string {
  if (!(Math.abs(epochMs) <= maxDateMs)) return 'NULL'
  const [date = '', time = ''] = new Date(epochMs).toISOString().split('T')
  const [seconds = '', fraction = ''] = time.slice(0, -1).split('.')
  const digits = fraction.replace(/0+$/, '')
  // JavaScript pads such a year to six digits, Java to four.
  const day = date.replace(/^([+-])0{1,2}(?=\d{4})/, '$1')
  return digits === '' ? `${day} ${seconds}` : `${day} ${seconds}.${digits}`
}
