// What an aggregate is at run time: start, add a row, read the result, keep and restore. Accumulators commute: the same
// rows in any order, split anywhere by encode and decode, give the same encoded accumulator. What depends on the order of
// rows goes by partition and offset, never by arrival. totals.ts and selection.ts hold the aggregates themselves.

import type { Column } from '../decode/schema.ts'
import type { Scalar } from './value.ts'

/** Where a row stands in its topic. A (partition, offset) is unique among the rows of a query. */
export interface Coordinates {
  readonly partition: number
  readonly offset: number
}

/** A row and where it stands: what is folded into a group. */
export interface PlacedRow<Row> extends Coordinates {
  readonly row: Row
}

/** True where `left` comes before `right` in Spark's order of rows: by partition, then by offset. */
export const isBefore = (left: Coordinates, right: Coordinates): boolean =>
  left.partition < right.partition || (left.partition === right.partition && left.offset < right.offset)

/** What an encoded accumulator is made of. */
export type Encoded = Scalar | null | readonly Encoded[]

/** One aggregate, ready to run. `add` may change the accumulator it is given; use the one it returns. */
export interface Aggregator<Row, Accumulator> {
  /** The output column. */
  readonly column: Column<unknown>
  init(): Accumulator
  add(accumulator: Accumulator, placed: PlacedRow<Row>): Accumulator
  result(accumulator: Accumulator): unknown
  encode(accumulator: Accumulator): Encoded
  decode(encoded: unknown): Accumulator
}

/** An argument, resolved: a column or a function of the row. */
export interface Argument<Row> {
  /** As messages show it: `price`, or `<function>`. */
  readonly text: string
  /** The type of its values. */
  readonly column: Column<unknown>
  /** Null where there is no value. */
  read(row: Row): unknown
}
