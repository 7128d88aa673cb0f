// The types of rows as operators take and make them.

import type { TimeWindow, WindowDefinition } from '../../../aggregate/window.ts'
import type { WindowTime } from '../../../aggregate/window-time.ts'
import type { CurrentTimestamp } from '../../operators/current-timestamp.ts'
import type { WindowColumn } from './grouped-columns.ts'

/** A row of either stream. */
export type United<Row, OtherRow extends { readonly [Name in keyof Row]: unknown }> = {
  readonly [Name in keyof Row]: Row[Name] | OtherRow[Name]
}

export interface BatchOptions {
  /** For `currentTimestamp()`, epoch milliseconds. @default now */
  readonly nowMs?: number
  /** Rows of the other sources of a union or a join, by their topics or the names of their streams. */
  readonly sources?: Readonly<Record<string, readonly object[]>>
}

/** A column that is made without a function. */
export type MadeColumn<Row> =
  | CurrentTimestamp
  | WindowTime<WindowColumn<Row>>
  | WindowDefinition<EventTimeColumn<Row>, string>

export type MadeValue<Row, Made> =
  Made extends WindowTime<infer Window extends keyof Row & string>
    ? number | Extract<Row[Window], null>
    : Made extends CurrentTimestamp
      ? number
      : TimeWindow

/** The columns that can be event time: numbers, null allowed. That it is a timestamp() is checked when built. */
export type EventTimeColumn<Row> = {
  [Name in keyof Row & string]-?: Row[Name] extends number | null ? Name : never
}[keyof Row & string]

/** The columns that are lists, null allowed. */
export type ListColumn<Row> = {
  [Name in keyof Row & string]-?: Row[Name] extends readonly unknown[] | null ? Name : never
}[keyof Row & string]

export type ElementOf<List> = List extends readonly (infer Element)[] ? Element : never

export type WithColumn<Row, Name extends string, Value> = {
  readonly [Key in keyof Row | Name]: Key extends Name ? Value : Key extends keyof Row ? Row[Key] : never
}

/** The columns that are maps, null allowed. */
export type MapColumn<Row> = {
  [Name in keyof Row & string]-?: Row[Name] extends ReadonlyMap<string, unknown> | null ? Name : never
}[keyof Row & string]

export type ValueOf<Entries> = Entries extends ReadonlyMap<string, infer Value> ? Value : never
