// The types of `groupBy`: what it takes, and the grouping columns that its groups come out with.

import type { GapOf, SessionWindowDefinition } from '../../aggregate/session-window.ts'
import type { TimeWindow, WindowDefinition } from '../../aggregate/window.ts'

/** A column, or a window or sessions over a column of times. */
export type Grouping<Row> =
  | (keyof Row & string)
  | WindowDefinition<keyof Row & string, string>
  | SessionWindowDefinition<TimeColumn<Row>, string, string | GapOf<Row>>

/** The columns that can be times: numbers, null allowed. */
type TimeColumn<Row> = {
  [Name in keyof Row & string]-?: Row[Name] extends number | null ? Name : never
}[keyof Row & string]

/** A group's own columns: a column as it is in the rows, a window as its start and end. */
export type GroupedColumns<Row, Keys extends readonly Grouping<Row>[]> = {
  readonly [Key in Keys[number] as NameOf<Key>]: Key extends keyof Row ? Row[Key] : TimeWindow
}

type NameOf<Key> = Key extends string ? Key : Key extends { readonly name: infer Name extends string } ? Name : never
