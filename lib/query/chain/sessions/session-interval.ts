// The interval of a row for sessions: from its time to its time and the gap. A row without a time, or whose gap is none, has no
// interval and is in no session, as in Spark; a gap that the query's function should not give sets the row aside.

import { type Gap, isInterval, sessionGap } from '../../../aggregate/duration.ts'
import { sessionEnd } from '../../../aggregate/session-window.ts'
import { lastMomentOf } from '../../../aggregate/window-time.ts'
import type { Column } from '../../../decode/schema.ts'
import { messageOf } from '../../../error.ts'
import { misfit } from '../../held/held-value.ts'
import { Refusal } from '../../held/refusal.ts'
import type { PlanRow } from '../../plan/plan.ts'
import type { SessionStep } from '../../plan/stages/stage.ts'
import { inQuery, RowFault } from '../row-fault.ts'

export interface Interval {
  readonly startMs: number
  readonly endMs: number
}

/** How many texts of gaps are remembered: a query has a handful, unless it makes them of the data. */
const maxTexts = 1000

/** @returns a function that gives null where a row is in no session. @throws RowFault for what is no gap at all */
export function intervalOf(
  { column, gap, name }: SessionStep,
  columns: ReadonlyMap<string, Column<unknown>>,
): (row: PlanRow) => Interval | null {
  const gapOfRow = typeof gap === 'function' ? gapsBy(gap, name) : () => gap
  const timeIn = isWindow(column, columns) ? (row: PlanRow) => lastMomentOf(row[column]) : (row: PlanRow) => row[column]
  // The operator asks several times about a row.
  let recent: PlanRow | null = null
  let interval: Interval | null = null
  return (row) => {
    if (row === recent) return interval
    const startMs = timeIn(row)
    const own = typeof startMs === 'number' ? gapOfRow(row) : null
    interval = typeof startMs !== 'number' || own === null ? null : within(startMs, sessionEnd(startMs, own), name)
    recent = row
    return interval
  }
}

export const isWindow = (column: string, columns: ReadonlyMap<string, Column<unknown>>): boolean =>
  columns.get(column)?.kind === 'window'

function within(startMs: number, endMs: number, name: string): Interval | null {
  if (endMs <= startMs) return null
  if (Number.isSafeInteger(endMs)) return { startMs, endMs }
  const detail = `the session \`${name}\` of a row would end at ${endMs}, which is no time. Give a shorter gap.`
  throw new RowFault(new Refusal('WRONG_SHAPE', detail))
}

function gapsBy(gap: (row: PlanRow) => unknown, name: string): (row: PlanRow) => Gap | null {
  const known = new Map<string, Gap | null>()
  const what = `sessionWindow of \`${name}\``
  return (row) => {
    const text = inQuery(what, () => gap(row)) ?? null
    if (text === null) return null
    if (typeof text !== 'string') {
      throw new RowFault(misfit('WRONG_SHAPE', name, 'a Spark interval or null', text, `the function of ${what}`))
    }
    let read = known.get(text)
    if (read === undefined) {
      read = readGap(text)
      if (known.size >= maxTexts) known.clear()
      known.set(text, read)
    }
    return read
  }
}

/** Null where Spark could not read it either. */
function readGap(text: string): Gap | null {
  if (!isInterval(text)) return null
  try {
    return sessionGap(text)
  } catch (cause) {
    throw new RowFault(new Refusal('WRONG_SHAPE', messageOf(cause), cause))
  }
}
