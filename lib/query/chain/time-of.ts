// The event time of a row, by the column that has it. A window's is its last moment: Spark's window_time, one microsecond before the
// window's end, which in milliseconds lies between the last one of the window and its end.

import type { Column } from '../../decode/schema.ts'
import type { GroupName } from '../../state/items/names.ts'
import { windowType } from '../../types/window.ts'
import type { PlanRow } from '../plan/plan.ts'
import { idOf, type Located } from './stage-operator.ts'

/**
 * What a watermark is compared with: a row is late, or done with, where this is not above it. For a window it is its end.
 * @returns null where the row has none
 */
export function timeOf(
  column: string | null,
  columns: ReadonlyMap<string, Column<unknown>>,
): (row: PlanRow) => number | null {
  if (column === null) return () => null
  if (columns.get(column)?.kind === 'window') return (row) => windowType.hold(row[column])?.end ?? null
  return (row) => {
    const value = row[column]
    return typeof value === 'number' ? value : null
  }
}

/** What a row misses that is late by its own time: Spark counts such rows each for itself. @param timeMs null: it is never late */
export const lateByTime = (row: Located, timeMs: number | null, boundMs: number): GroupName | null =>
  timeMs === null || timeMs > boundMs ? null : { key: idOf(row), windowEndMs: null }
