// `withColumn(name, window(column, size))` as a function from plan to plan: each row with the window that it is in, as Spark's
// `select(window(…))` gives it. Where the column has the event time, the window has it from then on.

import { eventTimeMs } from '../../../aggregate/time.ts'
import { type WindowDefinition, windowsOf } from '../../../aggregate/window.ts'
import { windowColumn } from '../../../decode/schema.ts'
import { refuse } from '../../../error.ts'
import { hasKind } from '../given.ts'
import { type Plan, type PlanRow, requireTimestamp } from '../plan.ts'
import { rowOperator } from '../row-operator.ts'

export const isWindow = (value: unknown): value is WindowDefinition<string, string> =>
  hasKind(value) && value.kind === 'window'

/** @throws MicrobatchError QUERY_INVALID for sliding windows, of which a row is in several */
export function withWindow(plan: Plan, name: string, definition: WindowDefinition<string, string>): Plan {
  const { column, sizeMs, slideMs } = definition
  requireTimestamp(plan, column, ['timestamp'])
  if (sizeMs !== slideMs) {
    refuse(
      `${plan.name}: withColumn takes a window without a slide: with one a row is in several. Group by it, or use flatMap.`,
    )
  }
  const timed = (row: PlanRow): boolean => typeof row[column] === 'number'
  // Spark leaves out rows without a time here, too.
  const known = rowOperator(plan, { kind: 'where', predicate: timed })
  const value = (row: PlanRow): unknown => windowsOf(eventTimeMs(Number(row[column])), definition)[0]
  const columns = new Map([...plan.columns, [name, windowColumn()] as const])
  const made = rowOperator(known, { kind: 'withColumn', name, value, column: windowColumn() }, { columns })
  return plan.eventTime === column ? { ...made, eventTime: name } : made
}
