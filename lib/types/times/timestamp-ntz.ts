// A time of the calendar without a zone, Spark's TIMESTAMP_NTZ: in rows epoch milliseconds, as if it were of UTC.

import type { ColumnType } from '../column-type.ts'
import { isQuoted, unquote } from '../text/lenient-json.ts'
import { isoTime, sparkTime } from '../text/time-text.ts'
import { utc } from '../text/time-zone.ts'
import { calendar, inCalendar } from '../timestamp.ts'
import { timestampOf } from './timestamp-unit.ts'

export function timestampNtzType(): ColumnType<number> {
  const read = (value: unknown): number | undefined =>
    typeof value === 'string' && !namesZone(value) ? inCalendar(isoTime(value, utc)) : undefined
  return {
    ...timestampOf('iso', undefined),
    name: 'timestamp_ntz',
    sparkName: 'TIMESTAMP_NTZ',
    plain: { kind: 'text', take: read },
    json: {
      wanted: `an ISO 8601 time without a zone, ${calendar}`,
      isWhole: false,
      isText: true,
      read,
      readLenient: (source) => (isQuoted(source) ? inCalendar(sparkTime(unquote(source), null)) : undefined),
    },
  }
}

const namesZone = (text: string): boolean => /[Zz]$|[T ].*[+-]/.test(text)
