// The event time of a row, by the column that has it. A window's is its last moment: Spark's window_time, one microsecond before the
// window's end, which in milliseconds lies between the last one of the window and its end.

import type { Column } from '../../decode/schema.ts'
import { windowType } from '../../types/window.ts'
import type { PlanRow } from '../plan/plan.ts'

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
