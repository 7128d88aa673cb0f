// What an aggregate is at run time: start, add a row, merge two parts, read the result, keep and restore. Accumulators
// commute: the same rows in any order, in any parts, through encode and decode, give the same encoded accumulator. What
// depends on the order of rows goes by partition and offset, never by arrival. functions/ has the aggregates themselves.

import type { Column } from '../decode/schema.ts'
import type { LocatedRow } from '../event/located-row.ts'
import type { TextWriter } from '../text-writer.ts'
import type { Scalar } from '../types/kept-value.ts'

/** What an encoded accumulator is made of: values of JSON. */
export type Encoded = Scalar | null | readonly Encoded[]

/**
 * One aggregate, ready to run. `add` and `merge` may change the accumulators that they are given: use the one they return,
 * and none of those given.
 */
export interface Aggregator<Row, Accumulator> {
  /** The output column. */
  readonly column: Column<unknown>
  /** The version of the encoded accumulator; another one makes kept state another query's. */
  readonly version: number
  init(): Accumulator
  add(accumulator: Accumulator, row: LocatedRow<Row>): Accumulator
  /** The accumulator of all rows of both. */
  merge(left: Accumulator, right: Accumulator): Accumulator
  result(accumulator: Accumulator): unknown
  /** Values of JSON: it is kept as text. */
  encode(accumulator: Accumulator): unknown
  /** Writes what `encode` gives as JSON.stringify would, for the aggregates of the hot path. */
  write?(accumulator: Accumulator, out: TextWriter): void
  decode(encoded: unknown): Accumulator
}

/** Accumulators are opaque to whoever runs an aggregate. */
export const opaque = <Row, Accumulator>(aggregator: Aggregator<Row, Accumulator>): Aggregator<Row, unknown> =>
  aggregator as Aggregator<Row, unknown>

/** An argument, resolved: a column or a function of the row. */
export interface Argument<Row> {
  /** Its text in messages: `price`, or `<function>`. */
  readonly text: string
  /** The type of its values. */
  readonly column: Column<unknown>
  /** Null where there is no value. */
  read(row: Row): unknown
}

/** What an aggregate is made from: its arguments, resolved, and what it must know of the query around it. */
export interface Binding<Row> {
  readonly argument: Argument<Row>
  /** The second argument; the first one again where there is no second. */
  readonly by: Argument<Row>
  /** How many aggregates of the group share the room for values (functions/values/share.ts). */
  readonly shares: number
  /** Whether rows are told apart by topic, too. */
  readonly hasTopics: boolean
}
