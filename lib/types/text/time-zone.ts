// Zones by the names that Java takes (java.time.ZoneId.of with its SHORT_IDS, and DateTimeUtils.getZoneId of Spark): offsets, UTC
// and its kin with one, and regions, whose rules JavaScript's Intl has. It knows the short names, too: ICU has them from Java.

/** The epoch milliseconds of a time of the calendar, given as if it were of UTC. */
export type Zone = (localMs: number) => number

const hourMs = 3_600_000

const fixed =
  (offsetMs: number): Zone =>
  (localMs) =>
    localMs - offsetMs

export const utc: Zone = fixed(0)

/** @returns undefined for a name that is none @example zoneOf('+05:30'), zoneOf('Europe/Paris'), zoneOf('GMT+1') */
export function zoneOf(name: string): Zone | undefined {
  if (name === 'Z') return utc
  const offset = /^(?:UTC|GMT|UT)?([+-].*)$/.exec(name)?.[1]
  if (offset !== undefined) {
    const offsetMs = offsetOf(offset)
    return offsetMs === undefined ? undefined : fixed(offsetMs)
  }
  if (name === 'UTC' || name === 'GMT' || name === 'UT') return utc
  return regionOf(name)
}

/** `+h`, `+hh`, `+hh:mm`, `+hhmm` and both with seconds; Spark takes one digit for hours or minutes beside a colon, too. */
function offsetOf(text: string): number | undefined {
  const parts = /^([+-])(\d{1,2})(?::(\d{1,2})(?::(\d\d))?)?$|^([+-])(\d\d)(\d\d)(\d\d)?$/.exec(text)
  if (parts === null) return undefined
  const [, , hours = parts[6] ?? '', minutes = parts[7] ?? '0', seconds = parts[8] ?? '0'] = parts
  const total = Number(hours) * hourMs + Number(minutes) * 60_000 + Number(seconds) * 1000
  if (Number(minutes) > 59 || Number(seconds) > 59 || total > 18 * hourMs) return undefined
  return text.startsWith('-') ? -total : total
}

/** The regions that were asked for; there are some six hundred. */
const regions = new Map<string, Zone>()

function regionOf(name: string): Zone | undefined {
  const known = regions.get(name)
  if (known !== undefined) return known
  // Intl takes any case, Java the one of the name.
  if (!/^[A-Z][A-Za-z0-9_+-]*(?:\/[A-Z][A-Za-z0-9_+-]*)*$/.test(name)) return undefined
  try {
    const zone = region(new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' }))
    regions.set(name, zone)
    return zone
  } catch {
    return undefined
  }
}

function region(format: Intl.DateTimeFormat): Zone {
  const offsetAt = (epochMs: number): number => {
    const name = format.formatToParts(epochMs).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
    return offsetOf(name.slice('GMT'.length)) ?? 0
  }
  return (localMs) => {
    const before = offsetAt(localMs - 24 * hourMs)
    if (offsetAt(localMs - before) === before) return localMs - before
    const after = offsetAt(localMs + 24 * hourMs)
    // A time that the clocks leave out when they go forward is moved by as much (ZonedDateTime.of).
    return localMs - (offsetAt(localMs - after) === after ? after : before)
  }
}
