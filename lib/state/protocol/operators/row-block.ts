// Rows that a chain gave, as the log keeps them until they are surely out: as many as a line takes, column by column, since most of
// a line for each row would be what all of them have in common.

/**
 * What tells a row from all others that the query ever gives: its id; or its number among those of the record that it came of; or null
 * where that record gives one row.
 */
export type RowName = string | number | null

export interface RowBlock<Row = unknown> {
  readonly rows: readonly Row[]
  /** Null for all where the key of the line is the one row's id. */
  readonly ids: readonly RowName[] | null
  /** The offset that each came of, ascending; null where time brought them, and where the line of the one row says it. */
  readonly offsets: readonly number[] | null
  /** One line of text without tabs; null where the block was read from one. */
  readonly text: string | null
}

/** Rows on their way into blocks. */
export interface GivenRows<Row> extends Pick<RowBlock<Row>, 'rows' | 'offsets'> {
  readonly ids: readonly RowName[]
}

export interface RowBlocks<Row> {
  /** The rows in their order, in blocks that each fit a line of the log. */
  cut(given: GivenRows<Row>): readonly RowBlock<Row>[]
  /** @throws MicrobatchError STATE_INCOMPATIBLE for rows without the columns that the query gives */
  read(text: string): RowBlock<Row>
}

/** @param offset of the record that the row came of, in a topic-partition */
export const idOfRow = (name: RowName, tp: string, offset: number): string =>
  typeof name === 'string' ? name : `${tp}-${offset}${name === null ? '' : `#${name}`}`
