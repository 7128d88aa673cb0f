// Windows of event time: the definition in a query, and the pure arithmetic that says which windows a time falls into.
// Bounds and order are Spark's (ResolveTimeWindows.scala): [start, end), aligned to the epoch in UTC, shifted by startTime.
// It knows nothing of rows or groups; a row without an event time falls into no window and never comes here.

import { refuse } from '../error.ts'
import { windowDurationMs } from './duration.ts'
import { type EventTimeMs, eventTimeMs } from './time.ts'
import type { WindowTime } from './window-time.ts'

/** The numbers of a window. Tumbling where `slideMs` equals `sizeMs`. */
export interface WindowSpec {
  readonly sizeMs: number
  readonly slideMs: number
  /** Shift of the windows from the epoch; its absolute value is below `slideMs`. */
  readonly startMs: number
}

/** The value of a window column: start inclusive, end exclusive, epoch milliseconds. */
export interface TimeWindow {
  readonly start: EventTimeMs
  readonly end: EventTimeMs
}

/** What `window(…)` gives and `groupBy` takes. Immutable; `kind` leaves room for other windows beside it. */
export interface WindowDefinition<Column extends string, Name extends string> extends WindowSpec {
  readonly kind: 'window'
  /** The column of the event time, or of a window whose last moment it is. */
  readonly column: Column
  /** The name of the output column. */
  readonly name: Name
  /** The same window under another name. */
  as<const NewName extends string>(name: NewName): WindowDefinition<Column, NewName>
}

const define = <Column extends string, Name extends string>(
  column: Column,
  name: Name,
  spec: WindowSpec,
): WindowDefinition<Column, Name> => ({
  kind: 'window',
  column,
  name,
  ...spec,
  as: (newName) => define(column, newName, spec),
})

/**
 * Windows of `size` that begin every `slide` (default: `size`, tumbling), shifted by `startTime`. Durations are Spark's
 * interval strings; day windows begin at 00:00 UTC unless `startTime` moves them. The column may be that of a window before.
 *
 * @throws MicrobatchError QUERY_INVALID where not `0 < slide <= size` or not `|startTime| < slide`, and for what
 *   `windowDurationMs` refuses
 * @example groupBy(window('timestamp', '10 seconds', '5 seconds').as('bar'), 'symbol')
 */
export function window<const Column extends string>(
  column: Column | WindowTime<Column>,
  size: string,
  slide: string = size,
  startTime = '0 seconds',
): WindowDefinition<Column, 'window'> {
  const sizeMs = windowDurationMs(size)
  const slideMs = windowDurationMs(slide)
  const startMs = windowDurationMs(startTime)
  if (sizeMs <= 0) refuse(`The window duration (${size}) must be greater than 0.`)
  if (slideMs <= 0) refuse(`The slide duration (${slide}) must be greater than 0.`)
  if (slideMs > sizeMs) {
    refuse(`The slide duration (${slide}) must be less than or equal to the window duration (${size}).`)
  }
  if (Math.abs(startMs) >= slideMs) {
    refuse(`The absolute value of the start time (${startTime}) must be less than the slide duration (${slide}).`)
  }
  const name = typeof column === 'object' ? column.column : column
  return define(name, 'window', { sizeMs, slideMs, startMs })
}

/**
 * The end of the last window that a time falls into; those before it end a slide earlier each, as long as they end after it.
 *
 * @example lastWindowEnd(12_000, { sizeMs: 10_000, slideMs: 5_000, startMs: 0 }) // 20_000
 */
export function lastWindowEnd(time: number, { sizeMs, slideMs, startMs }: WindowSpec): number {
  // Spark takes the remainder of (time - start); taking that of `time` first cannot leave the exact integers of a double.
  const remainder = ((time % slideMs) - startMs) % slideMs
  return time - (remainder < 0 ? remainder + slideMs : remainder) + sizeMs
}

/**
 * The windows a time falls into, the latest first, as Spark lists them: one for a tumbling window, up to
 * `ceil(size / slide)` for a sliding one.
 *
 * @example windowsOf(eventTimeMs(12_000), { sizeMs: 10_000, slideMs: 5_000, startMs: 0 })
 * // [{ start: 10_000, end: 20_000 }, { start: 5_000, end: 15_000 }]
 */
export function windowsOf(time: EventTimeMs, spec: WindowSpec): TimeWindow[] {
  const windows: TimeWindow[] = []
  for (let end = lastWindowEnd(time, spec); end > time; end -= spec.slideMs) {
    windows.push({ start: eventTimeMs(end - spec.sizeMs), end: eventTimeMs(end) })
  }
  return windows
}
