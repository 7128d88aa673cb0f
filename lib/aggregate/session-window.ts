// Session windows: the definition in a query, and the interval of a row, from its time to its time and the gap. Sessions are intervals
// that touch or overlap, put together (Spark: SessionWindowing, MergingSessionsIterator); the operator that keeps them is
// query/chain/sessions/session-aggregate.ts.

import { type Gap, sessionGap } from './duration.ts'
import type { WindowTime } from './window-time.ts'

/** The gap of a row, as a Spark interval; no session takes a row whose gap is null or none. */
export type GapOf<Row> = (row: Row) => string | null

/** What `sessionWindow(…)` gives and `groupBy` takes. Immutable. */
export interface SessionWindowDefinition<Column extends string, Name extends string, Given> {
  readonly kind: 'sessionWindow'
  /** The column of the event time, or of a window whose last moment it is. */
  readonly column: Column
  /** The name of the output column. */
  readonly name: Name
  /** An interval, or a function of the row, as it was given. */
  readonly gap: Given
  /** The same sessions under another name. */
  as<const NewName extends string>(name: NewName): SessionWindowDefinition<Column, NewName, Given>
}

const define = <Column extends string, Name extends string, Given>(
  column: Column,
  name: Name,
  gap: Given,
): SessionWindowDefinition<Column, Name, Given> => ({
  kind: 'sessionWindow',
  column,
  name,
  gap,
  as: (newName) => define(column, newName, gap),
})

/**
 * Sessions: rows of a group that follow each other within `gap`. A row stands for the time from its own up to the gap later, and
 * rows whose times touch or overlap are one session. A gap of zero or less, and a null or an unreadable one, takes the row into
 * none.
 *
 * @param gap a Spark interval, or a pure function of the row that gives one
 * @param name of the output column, as `.as(name)` gives it. Default: `session_window`
 * @throws MicrobatchError QUERY_INVALID for text that is not an interval, for anything finer than a millisecond
 * @example groupBy(sessionWindow('timestamp', '5 minutes').as('visit'), 'user')
 * @example groupBy(sessionWindow('timestamp', (event) => (event.kind === 'call' ? '1 hour' : '5 minutes'), 'visit'), 'user')
 */
export function sessionWindow<const Column extends string, const Given, const Name extends string = 'session_window'>(
  column: Column | WindowTime<Column>,
  gap: Given,
  name?: Name,
): SessionWindowDefinition<Column, Name, Given> {
  if (typeof gap === 'string') sessionGap(gap)
  return define(typeof column === 'object' ? column.column : column, name ?? ('session_window' as Name), gap)
}

/**
 * When a row's time and its gap are over, epoch milliseconds; not after `timeMs` where the gap is zero or less.
 * @example sessionEnd(0, { months: 0, ms: 5_000 }) // 5_000
 */
export const sessionEnd = (timeMs: number, { months, ms }: Gap): number =>
  (months === 0 ? timeMs : monthsAfter(timeMs, months)) + ms

/** The same day and time of another month; its last day where it has no such day, as in Spark. */
function monthsAfter(timeMs: number, months: number): number {
  const from = new Date(timeMs)
  const [year, month] = [from.getUTCFullYear(), from.getUTCMonth() + months]
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  const timeOfDayMs = timeMs - Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), from.getUTCDate())
  return Date.UTC(year, month, Math.min(from.getUTCDate(), lastDay)) + timeOfDayMs
}
