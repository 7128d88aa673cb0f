// The text of a time -> epoch milliseconds: as ISO 8601 and RFC 3339 write it, and as Spark reads it
// (DateTimeUtils.stringToTimestamp of Spark 3.5). What is finer than a millisecond is cut off.

import { dateOf, trimAll } from './day-text.ts'
import { utc, type Zone, zoneOf } from './time-zone.ts'

/**
 * A whole date, alone or with a time of hours and minutes at least.
 *
 * @param zone of a text that names none
 * @returns undefined for any other text @example isoTime('2026-01-05T20:00:00.123456+05:30', utc) // 1767623400123
 */
export function isoTime(text: string, zone: Zone): number | undefined {
  const parts =
    /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?: ?([Zz]|[+-]\d\d(?::?\d\d)?))?)?$/.exec(
      text,
    )
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second, fraction, zoneName] = parts
  const localMs = localTime([year, month, day, hour, minute, second], fraction)
  if (localMs === undefined) return undefined
  return zoneName === undefined ? zone(localMs) : zoneOf(zoneName.toUpperCase())?.(localMs)
}

/**
 * What Spark takes for a time, but for a time of day alone, which it takes to be of today. Parts may be of one digit, and all after
 * the year may be missing.
 *
 * @param zone of a text that names none; null where a text that names one is none (TIMESTAMP_NTZ)
 */
export function sparkTime(text: string, zone: Zone | null): number | undefined {
  const parts =
    /^([+-]?\d{4,6})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T](\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?(\D.*)?)?)?)?)?)?$/s.exec(
      trimAll(text),
    )
  if (parts === null) return undefined
  const [, year, month = '1', day = '1', hour, minute, second, fraction, zoneName] = parts
  const localMs = localTime([year, month, day, hour, minute, second], fraction)
  if (localMs === undefined) return undefined
  if (zoneName === undefined) return (zone ?? utc)(localMs)
  return zone === null ? undefined : zoneOf(trimAll(zoneName))?.(localMs)
}

function localTime(fields: readonly (string | undefined)[], fraction = ''): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields.map((field) => Number(field ?? 0))
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const midnight = dateOf(year, month, day)
  if (midnight === undefined) return undefined
  const millis = Number(fraction.slice(0, 3).padEnd(3, '0'))
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + millis
}
