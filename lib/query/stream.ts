// The builder: Spark's words, in Spark's order, typed all through. Every call gives a new immutable stream; a column
// that does not exist does not compile, and what slips past the types is refused when the query is built.

import type { AggregatedRow, Aggregates } from '../aggregate/functions/aggregate.ts'
import type { WindowTime } from '../aggregate/window-time.ts'
import type { Column } from '../decode/schema.ts'
import type { Flat } from '../types/flat.ts'
import type { StateVariables } from './custom-state/state-variable.ts'
import type { StatefulProcessor } from './custom-state/stateful-processor.ts'
import { transformWithState } from './custom-state/transform-with-state.ts'
import type { SetAside } from './held/set-aside.ts'
import type { CurrentTimestamp } from './operators/current-timestamp.ts'
import { aggregate } from './plan/aggregate.ts'
import * as build from './plan/build.ts'
import type { GroupedColumns, Grouping, WindowColumn } from './plan/columns/grouped-columns.ts'
import type { SortOrder } from './plan/columns/sort-order.ts'
import { dropDuplicates, dropDuplicatesWithinWatermark } from './plan/drop-duplicates.ts'
import { explode, flatMap } from './plan/generators.ts'
import type { Plan } from './plan/plan.ts'
import { type StreamingQuery, type WriteStreamOptions, writeStream } from './plan/streaming-query.ts'
import { limit, orderBy } from './plan/table.ts'
import { runBatch } from './run/batch-mode.ts'

/** Rows on their way through a query. `Source` is the type of the rows it starts from. */
export interface Stream<Row extends object, Source extends object = Row> {
  readonly plan: Plan
  /** Keeps the rows for which the predicate is true. @example ticks.where((tick) => tick.symbol === 'AAPL') */
  where(predicate: (row: Row) => boolean): Stream<Row, Source>
  /** Keeps these columns, in this order. @example ticks.select('symbol', 'price') */
  select<Name extends keyof Row & string>(...columns: readonly Name[]): Stream<Flat<Pick<Row, Name>>, Source>
  /**
   * Adds a column, or replaces one. Its values are held to `type`; without one they must be of the form of the first, a number
   * prints as a double, and an aggregate takes the column for one of doubles. A value that is none of its column, or an error
   * that the function throws, makes a dead letter of the record (WRONG_SHAPE, FUNCTION_FAILED). The function is pure.
   * @example ticks.withColumn('turnover', (tick) => tick.price * tick.volume)
   */
  withColumn<Name extends string, Value>(
    name: Name,
    value: (row: Row) => Value,
    type?: Column<Value>,
  ): Stream<Flat<WithColumn<Row, Name, Value>>, Source>
  /** Adds the time of the batch. @example ticks.withColumn('now', currentTimestamp()) */
  withColumn<Name extends string>(
    name: Name,
    value: CurrentTimestamp,
  ): Stream<Flat<WithColumn<Row, Name, number>>, Source>
  /** Adds the last moment of a window, which is its event time. @example bars.withColumn('time', windowTime('window')).drop('window') */
  withColumn<Name extends string, Window extends WindowColumn<Row>>(
    name: Name,
    value: WindowTime<Window>,
  ): Stream<Flat<WithColumn<Row, Name, number | Extract<Row[Window], null>>>, Source>
  /**
   * Makes any number of rows of each, none too. A column of the row before keeps its type, one that `columns` declares has that,
   * any other prints by its values and cannot be grouped by. A row that its columns do not take is a dead letter by itself, and so
   * is one that the function puts in its place by `deadLetter('reason')`; where the function throws, the row that it was given is.
   * More than 100,000 rows of one record are too many (TOO_MANY_ROWS). The function is pure: a row's number in its record is a part of
   * its id.
   * @example
   * messages.flatMap(({ trades }) => trades.map(({ s, p }) => ({ symbol: s, price: p })), { symbol: string(), price: double() })
   */
  flatMap<Out extends object>(
    rows: (row: Row) => Iterable<Out | SetAside> | SetAside | null | undefined,
    columns?: { readonly [Name in keyof Out]?: Column<Out[Name]> },
  ): Stream<Out, Source>
  /**
   * One row for each element of a list, with all other columns: Spark's `withColumn(as, explode(column))`. A row whose list is empty
   * or null is left out; a null in a list is a row. The list stays where `as` is another name.
   * @param as where the element goes; left out, in the place of the list
   * @param type of the elements, which they are held to; left out, that of the list's elements, where it has one
   * @example messages.explode('trades', 'trade').withColumn('symbol', ({ trade }) => trade.symbol, string())
   */
  explode<Name extends ListColumn<Row>, As extends string = Name>(
    column: Name,
    as?: As,
    type?: Column<ElementOf<Row[Name]>>,
  ): Stream<Flat<WithColumn<Row, As, ElementOf<Row[Name]>>>, Source>
  /**
   * One row for each entry of a map, with all other columns, the map among them, and two for its key and value.
   * @param as their names. Default: `key` and `value`, as Spark's
   * @example orders.explode('tags') // columns key and value
   */
  explode<Name extends MapColumn<Row>, Key extends string = 'key', Value extends string = 'value'>(
    column: Name,
    as?: readonly [Key, Value],
    type?: Column<ValueOf<Row[Name]>>,
  ): Stream<Flat<WithColumn<WithColumn<Row, Key, string>, Value, ValueOf<Row[Name]>>>, Source>
  /**
   * The same, but a row whose list or map is empty or null stays, with nulls in the place of what is in it.
   * @example orders.explodeOuter('items', 'item')
   */
  explodeOuter<Name extends ListColumn<Row>, As extends string = Name>(
    column: Name,
    as?: As,
    type?: Column<ElementOf<Row[Name]>>,
  ): Stream<Flat<WithColumn<Row, As, ElementOf<Row[Name]> | null>>, Source>
  explodeOuter<Name extends MapColumn<Row>, Key extends string = 'key', Value extends string = 'value'>(
    column: Name,
    as?: readonly [Key, Value],
    type?: Column<ValueOf<Row[Name]>>,
  ): Stream<Flat<WithColumn<WithColumn<Row, Key, string | null>, Value, ValueOf<Row[Name]> | null>>, Source>
  /** Leaves these columns out. @example ticks.drop('timestamp') */
  drop<Name extends keyof Row & string>(...columns: readonly Name[]): Stream<Flat<Omit<Row, Name>>, Source>
  /**
   * Names the event time, and how long late rows are waited for: the watermark is the event time reached, less the delay.
   * @param delay a Spark interval, from 0 up
   * @throws MicrobatchError QUERY_INVALID for a column that is no timestamp, a bad delay, a second watermark
   * @example ticks.withWatermark('timestamp', '10 seconds')
   */
  withWatermark<
    Name extends { [Each in keyof Row & string]-?: Row[Each] extends number | null ? Each : never }[keyof Row & string],
  >(column: Name, delay: string): Stream<Row, Source>
  /**
   * Lets the first row of those through that are equal in these columns, of all columns where none is named. With a watermark late
   * rows are left out, and a key whose event time is among the columns is forgotten when the watermark has passed it; any other is
   * kept for ever.
   * @example ticks.withWatermark('timestamp', '10 seconds').dropDuplicates('id', 'timestamp')
   */
  dropDuplicates<Name extends keyof Row & string>(...columns: readonly Name[]): Stream<Row, Source>
  /**
   * The same, but a key is forgotten when the watermark has passed its first row's event time and the delay: duplicates that are
   * closer together than the watermark's delay are found, whatever their times.
   * @throws MicrobatchError QUERY_INVALID without a watermark, in Spark's words
   * @example ticks.withWatermark('timestamp', '10 seconds').dropDuplicatesWithinWatermark('id')
   */
  dropDuplicatesWithinWatermark<Name extends keyof Row & string>(...columns: readonly Name[]): Stream<Row, Source>
  /**
   * Groups rows by columns, by a window of event time, or (without arguments) all together.
   * @throws MicrobatchError QUERY_INVALID for two windows, in Spark's words
   * @example ticks.groupBy(window('timestamp', '3 seconds'), 'symbol').agg({ high: max('price') })
   */
  groupBy<const Keys extends readonly Grouping<Row>[]>(...keys: Keys): GroupedStream<Row, Keys, Source>
  /**
   * Sorts: in a stream only the complete table of an aggregation, as in Spark. Nulls first ascending, last descending.
   * @example bars.orderBy('volume', 'desc')
   */
  orderBy<Name extends keyof Row & string>(column: Name, direction: 'asc' | 'desc'): Stream<Row, Source>
  /** The same by several columns: the first decides, then the next. @example bars.orderBy(desc('volume'), 'symbol') */
  orderBy<Name extends keyof Row & string>(...columns: readonly (Name | SortOrder<Name>)[]): Stream<Row, Source>
  /**
   * Keeps the first rows: of each complete table, or of a batch; in append mode the first that ever come, of all batches. There
   * the query keeps a count, and takes one shard.
   * @example bars.orderBy('volume', 'desc').limit(3)
   */
  limit(count: number): Stream<Row, Source>
  /**
   * Batch mode: the whole result over rows that are all there. Watermarks do not matter then, so nothing is late.
   * @param options.nowMs for `currentTimestamp()`, epoch milliseconds. Default: now
   * @example bars.runBatch([{ symbol: 'AAPL', price: 150.5, volume: 10, timestamp: 15_000 }])
   */
  runBatch(rows: readonly Source[], options?: { readonly nowMs?: number }): readonly Row[]
  /**
   * Ends the query. What Spark refuses is refused here, in its words.
   * @throws MicrobatchError QUERY_INVALID
   * @example ticks.writeStream({ outputMode: 'append', sinks: [consoleSink()] })
   */
  writeStream(options: WriteStreamOptions<Row>): StreamingQuery<Row, Source>
}

/** What `groupBy` gives: only aggregates make rows of it again. */
export interface GroupedStream<Row extends object, Keys extends readonly Grouping<Row>[], Source extends object> {
  /** One row a group: its grouping columns, then these. @example grouped.agg({ ticks: count(), high: max('price') }) */
  agg<const A extends Aggregates<Row>>(
    aggregates: A,
  ): Stream<Flat<GroupedColumns<Row, Keys> & AggregatedRow<Row, A>>, Source>
  /** The number of rows of each group, as the column `count`. @example ticks.groupBy('symbol').count() */
  count(): Stream<Flat<GroupedColumns<Row, Keys> & { readonly count: number }>, Source>
  /**
   * Gives the rows of each key, one by one, to a processor that keeps state of its own: Spark 4's `transformWithState`.
   * @throws MicrobatchError QUERY_INVALID for windows among the keys, timers by event time without a watermark
   * @example
   * ticks.groupBy('symbol').transformWithState({
   *   state: { last: valueState(double()) },
   *   output: struct({ symbol: string(), change: double() }),
   *   *handleInput({ symbol }, { price }, { state: { last } }) {
   *     const before = last.get()
   *     last.update(price)
   *     if (before !== null) yield { symbol, change: price - before }
   *   },
   * })
   */
  transformWithState<const State extends StateVariables, Out extends object, Key = GroupedColumns<Row, Keys>>(
    processor: StatefulProcessor<Key, Row, State, Out>,
  ): Stream<Out, Source>
}

/** The columns that are lists, null allowed. */
export type ListColumn<Row> = {
  [Name in keyof Row & string]-?: Row[Name] extends readonly unknown[] | null ? Name : never
}[keyof Row & string]

export type ElementOf<List> = List extends readonly (infer Element)[] ? Element : never

/** The columns that are maps, null allowed. */
export type MapColumn<Row> = {
  [Name in keyof Row & string]-?: Row[Name] extends ReadonlyMap<string, unknown> | null ? Name : never
}[keyof Row & string]

export type ValueOf<Entries> = Entries extends ReadonlyMap<string, infer Value> ? Value : never

export type WithColumn<Row, Name extends string, Value> = {
  readonly [Key in keyof Row | Name]: Key extends Name ? Value : Key extends keyof Row ? Row[Key] : never
}

// The stream knows the types of columns; the functions of build.ts know columns by name only.
export function streamOf<Row extends object, Source extends object>(plan: Plan): Stream<Row, Source> {
  return {
    plan,
    where: (predicate) => streamOf(build.where(plan, predicate)),
    select: (...columns) => streamOf(build.select(plan, columns)),
    withColumn: <Name extends string, Value>(name: Name, value: unknown, type?: Column<Value>) =>
      streamOf<WithColumn<Row, Name, Value>, Source>(build.withColumn(plan, name, value, type)),
    flatMap: (rows, columns) => streamOf(flatMap(plan, rows, columns)),
    explode: exploding(plan, false),
    explodeOuter: exploding(plan, true),
    drop: (...columns) => streamOf(build.drop(plan, columns)),
    withWatermark: (column, delay) => streamOf(build.withWatermark(plan, column, delay)),
    dropDuplicates: (...columns) => streamOf(dropDuplicates(plan, columns)),
    dropDuplicatesWithinWatermark: (...columns) => streamOf(dropDuplicatesWithinWatermark(plan, columns)),
    groupBy: (...keys) => ({
      agg: (aggregates) => streamOf(aggregate(plan, keys, aggregates)),
      count: () => streamOf(aggregate(plan, keys, { count: { kind: 'count', argument: null } })),
      transformWithState: (processor) => streamOf(transformWithState(plan, keys, processor)),
    }),
    orderBy: (...columns: readonly (string | SortOrder<string>)[]) => streamOf(orderBy(plan, columns)),
    limit: (count) => streamOf(limit(plan, count)),
    runBatch: (rows, { nowMs = Date.now() } = {}) => runBatch<Row, Source>(plan, rows, nowMs),
    writeStream: (options) => writeStream<Row, Source>(plan, options),
  }
}

/** What both forms of it come to: of a list, and of a map. */
const exploding =
  (plan: Plan, isOuter: boolean) =>
  (column: string, as?: string | readonly [string, string], type?: Column<unknown>): Stream<never, never> =>
    streamOf(explode(plan, column, { as, type, isOuter }))
