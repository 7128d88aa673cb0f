// Rows that a chain gave, as the log keeps them until they are surely out: as many as a line takes, column by column, since most of
// a line for each row would be what all of them have in common. Only types.

export interface RowBlock<Row = unknown> {
  readonly rows: readonly Row[]
  /** What tells each from every other; null for a row that goes by its record. Null for all where the key of the line is the one row's. */
  readonly ids: readonly (string | null)[] | null
  /** The offset that each came of, ascending; null where time brought them, and where the line of the one row says it. */
  readonly offsets: readonly number[] | null
  /** One line of text without tabs; null where the block was read from one. */
  readonly text: string | null
}

/** Rows on their way into blocks. */
export interface GivenRows<Row> extends Pick<RowBlock<Row>, 'rows' | 'offsets'> {
  readonly ids: readonly (string | null)[]
}

export interface RowBlocks<Row> {
  /** The rows in their order, in blocks that each fit a line of the log. */
  cut(given: GivenRows<Row>): readonly RowBlock<Row>[]
  /** @throws MicrobatchError STATE_INCOMPATIBLE for rows without the columns that the query gives */
  read(text: string): RowBlock<Row>
}
