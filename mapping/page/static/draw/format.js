// Numbers, sizes, times and durations as the page writes them: short, and of one width where they change.

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const one = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** @param {number} value @returns {string} `12,345` */
export const count = (value) => whole.format(value)

/** @param {number} perSecond @returns {string} `4.7` and `12,345` */
export const rate = (perSecond) => (perSecond >= 100 ? whole.format(perSecond) : one.format(perSecond))

/** @param {number} value @param {string} singular @param {string} [plural] @returns {string} `1 record`, `2 records` */
export const counted = (value, singular, plural = `${singular}s`) =>
  `${count(value)} ${value === 1 ? singular : plural}`

/** @param {number} value @returns {string} `3.8 kB` */
export function bytes(value) {
  if (value < 1000) return `${value} B`
  if (value < 1e6) return `${one.format(value / 1e3)} kB`
  return `${one.format(value / 1e6)} MB`
}

/** @param {number} ms @returns {string} `96 ms`, `3.0 s`, `4 min 10 s`, `2 h 5 min`, `3 d` */
export function duration(ms) {
  const sign = ms < 0 ? '−' : ''
  const size = Math.abs(ms)
  if (size < 1000) return `${sign}${Math.round(size)} ms`
  const seconds = size / 1000
  if (seconds < 60) return `${sign}${one.format(seconds)} s`
  if (seconds < 3600) return `${sign}${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`
  if (seconds < 86_400) return `${sign}${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
  return `${sign}${whole.format(seconds / 86_400)} d`
}

/** A duration that somebody set. @param {number} ms @returns {string} `3 s`, `500 ms` */
export const setting = (ms) => (ms % 1000 === 0 ? `${count(ms / 1000)} s` : `${count(ms)} ms`)

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' })

/** @param {number} ms epoch milliseconds @param {number} nowMs @returns {string} `11:33:52`, with its date on another day */
export function time(ms, nowMs) {
  const text = clock.format(ms)
  return day.format(ms) === day.format(nowMs) ? text : `${day.format(ms)} ${text}`
}

/** @param {import('../../../events/record-list.ts').Span} span @returns {string} `0: 22–29` */
export const span = ({ partition, first, last }) => `${partition}: ${first}${last === first ? '' : `–${last}`}`

const decoder = new TextDecoder('utf-8', { fatal: true })

/** @param {string} base64 @returns {Uint8Array} */
export const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))

/** @param {Uint8Array} given @returns {string | undefined} undefined for bytes that are no text */
export function textOf(given) {
  try {
    const text = decoder.decode(given)
    // Control characters other than line breaks and tabs: it is something else.
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

/** @param {Uint8Array} given @returns {string} as hexdump writes them, 16 bytes a line, up to 4 kB */
export function hex(given) {
  const lines = []
  for (let at = 0; at < Math.min(given.length, 4096); at += 16) {
    const row = [...given.subarray(at, at + 16)]
    const codes = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(4, '0')}  ${codes.padEnd(47)}  ${text}`)
  }
  if (given.length > 4096) lines.push(`… ${count(given.length - 4096)} bytes more`)
  return lines.join('\n')
}
