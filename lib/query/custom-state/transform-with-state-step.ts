// A stage that a query's author wrote: what it keeps by the grouping columns, and the functions that it calls.

import type { StateVariable } from './state-variable.ts'
import type { TimeMode } from './stateful-processor.ts'

type Row = Readonly<Record<string, unknown>>

/** An operator that a query's author wrote. */
export interface TransformWithStateStep {
  readonly kind: 'transformWithState'
  /** The grouping columns. */
  readonly keys: readonly string[]
  readonly variables: readonly (readonly [name: string, variable: StateVariable])[]
  readonly timeMode: TimeMode
  readonly version: number
  /** The column of its rows that has the event time; null where none has. */
  readonly eventTimeColumn: string | null
  readonly handleInput: (key: Row, row: Row, context: unknown) => unknown
  readonly handleExpiredTimer: ((key: Row, timer: unknown, context: unknown) => unknown) | null
}
