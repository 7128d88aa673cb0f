// What `queryState` gives: the groups of a running query as a table that is read, in the manner of Kafka Streams' interactive queries
// (ReadOnlyKeyValueStore, ReadOnlyWindowStore), with the state that an answer is of. Only types.

import type { TimeWindow } from '../../aggregate/window.ts'

/** A value of a key: of a window its bounds, epoch milliseconds. */
type KeyValue<Value> = Value extends TimeWindow ? { readonly start: number; readonly end: number } : Value

/** The grouping columns; of a query whose type does not say them, any. */
export type GroupKey<Key> = unknown extends Key
  ? Readonly<Record<string, unknown>>
  : { readonly [Name in keyof Key]: KeyValue<Key[Name]> }

/** The grouping columns without the window. */
export type WindowlessKey<Key> = unknown extends Key
  ? Readonly<Record<string, unknown>>
  : { readonly [Name in keyof Key as Key[Name] extends TimeWindow ? never : Name]: Key[Name] }

/** The state that an answer is of. Of two answers of one table the later one has the later state. */
export interface StateVersion {
  /** The last batch whose rows are all in the answer, as progress numbers them. Batches under way may be in it as well, each whole. */
  readonly batchId: number
  /** After that batch, epoch milliseconds; null before any. */
  readonly watermarkMs: number | null
  /** By topic-partition: the rows below this offset are in the answer, or were late. */
  readonly offsets: ReadonlyMap<string, number>
  /** How often the shards that were read have been written: grows with every change of them. */
  readonly writes: number
  /** Names one life of the state: a reset begins another, in which the numbers begin anew. */
  readonly generation: string
}

/** Null before the query's first batch has been committed: then there are no rows. */
export type AsOf = StateVersion | null

export interface StateRow<Row> {
  /** Undefined where there is no such group. */
  readonly row: Row | undefined
  readonly asOf: AsOf
}

export interface StateRows<Row> {
  readonly rows: readonly Row[]
  readonly asOf: AsOf
}

/** Windows by their start, epoch milliseconds, both inclusive. */
export interface WindowRange {
  /** @default all before `to` */
  readonly from?: number
  /** @default all after `from` */
  readonly to?: number
}

/**
 * The groups that a query has, as its update mode would write them: aggregates, then the columns and conditions that follow them; not
 * an order and a limit, which are of a whole table. It changes nothing, and the running query does not wait for it.
 *
 * Each method rejects with STATE_INCOMPATIBLE for the state of another query, STATE_FAILED where the store does not answer, KEY_INVALID
 * for a key that is none of the query's, FUNCTION_FAILED where a function of the query throws on a group; `all` with STATE_CONFLICT where
 * the state was reset between two shards.
 */
export interface StateTable<Row, Key> {
  /** One group, by all grouping columns. @example await table.get({ window: { start: 15_000, end: 18_000 }, symbol: 'AAPL' }) */
  get(key: GroupKey<Key>): Promise<StateRow<Row>>
  /** The windows of a key, by their start. @example await table.fetch({ symbol: 'AAPL' }, { from: 15_000 }) */
  fetch(key: WindowlessKey<Key>, range?: WindowRange): Promise<StateRows<Row>>
  /**
   * All groups, in no order. Shards are read one after the other, each as it is at one moment: with several, `asOf` may differ.
   * @example for await (const { row } of table.all()) console.log(row)
   */
  all(range?: WindowRange): AsyncIterable<{ readonly row: Row; readonly asOf: StateVersion }>
  /**
   * A row as JSON: its columns in their order, times as epoch milliseconds; decimals and whole numbers of any size are text, since most
   * that read JSON would round them.
   * @example table.toJson(row) // '{"window":{"start":15000,"end":18000},"symbol":"AAPL","ticks":3}'
   */
  toJson(row: Row): string
}
