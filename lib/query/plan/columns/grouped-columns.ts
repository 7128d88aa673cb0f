// The types of `groupBy`: what it takes, and the grouping columns that its groups come out with.

import type { GapOf, SessionWindowDefinition } from '../../../aggregate/session-window.ts'
import type { TimeWindow, WindowDefinition } from '../../../aggregate/window.ts'

/** The columns that are windows, null allowed. */
export type WindowColumn<Row> = {
  [Name in keyof Row & string]-?: Row[Name] extends TimeWindow | null ? Name : never
}[keyof Row & string]

/**
 * A column, or a window or sessions over a column of times: of numbers, which are to be timestamps, or of windows, null allowed. The type of
 * these columns has no name of its own, which errors would show in the place of the columns.
 */
export type Grouping<Row> =
  | (keyof Row & string)
  | WindowDefinition<
      {
        [Name in keyof Row & string]-?: Row[Name] extends number | TimeWindow | null ? Name : never
      }[keyof Row & string],
      string
    >
  | SessionWindowDefinition<
      {
        [Name in keyof Row & string]-?: Row[Name] extends number | TimeWindow | null ? Name : never
      }[keyof Row & string],
      string,
      string | GapOf<Row>
    >

/** A group's own columns: a column as it is in the rows, a window as its start and end. */
export type GroupedColumns<Row, Keys extends readonly Grouping<Row>[]> = {
  readonly [Key in Keys[number] as NameOf<Key>]: Key extends keyof Row ? Row[Key] : TimeWindow
}

type NameOf<Key> = Key extends string ? Key : Key extends { readonly name: infer Name extends string } ? Name : never
