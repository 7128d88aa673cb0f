// The builder: Spark's words, in Spark's order, typed all through. Every call gives a new immutable stream; a column
// that does not exist does not compile, and what slips past the types is refused when the query is built (stream-of.ts).

import type { AggregatedRow, Aggregates } from '../aggregate/functions/aggregate.ts'
import type { Column } from '../decode/schema.ts'
import type { Flat } from '../types/flat.ts'
import type { StateVariables } from './custom-state/state-variable.ts'
import type { StatefulProcessor } from './custom-state/stateful-processor.ts'
import type { SetAside } from './held/set-aside.ts'
import type { Lookup } from './lookup/lookup.ts'
import type { LookupJoinType } from './operators/lookup-join.ts'
import type { GroupedColumns, Grouping } from './plan/columns/grouped-columns.ts'
import type {
  BatchOptions,
  ElementOf,
  ListColumn,
  MadeColumn,
  MadeValue,
  MapColumn,
  United,
  ValueOf,
  WithColumn,
} from './plan/columns/row-types.ts'
import type { SortOrder } from './plan/columns/sort-order.ts'
import type { Apart, Joined, JoinKey, JoinOptions, JoinType, LookupJoinOptions } from './plan/joins/joined-columns.ts'
import type { Plan } from './plan/plan.ts'
import type { StreamingQuery, WriteStreamOptions } from './plan/streaming-query.ts'

/**
 * Rows on their way through a query. `Source` is the type of the rows it starts from; `Key` are the grouping columns, where each row is
 * one of a group.
 */
export interface Stream<Row extends object, Source extends object = Row, Key = unknown> {
  readonly plan: Plan
  /** Keeps the rows for which the predicate is true. @example ticks.where((tick) => tick.symbol === 'AAPL') */
  where(predicate: (row: Row) => boolean): Stream<Row, Source, Key>
  /** Keeps these columns, in this order. @example ticks.select('symbol', 'price') */
  select<Name extends keyof Row & string>(...columns: readonly Name[]): Stream<Flat<Pick<Row, Name>>, Source, Key>
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
  ): Stream<Flat<WithColumn<Row, Name, Value>>, Source, Key>
  /**
   * Adds the time of the batch, `currentTimestamp()`; the last moment of a window, `windowTime('window')`; or the window that a time is
   * in, `window('timestamp', '1 minute')`. The last two have the event time from then on, if that was their column's.
   * @example bars.withColumn('time', windowTime('window')).drop('window')
   */
  withColumn<Name extends string, const Made extends MadeColumn<Row>>(
    name: Name,
    value: Made,
  ): Stream<Flat<WithColumn<Row, Name, MadeValue<Row, Made>>>, Source, Key>
  /**
   * Makes any number of rows of each, none too. A column of the row before keeps its type, one that `columns` declares has that,
   * any other prints by its values and cannot be grouped by. A row that its columns do not take is a dead letter by itself, and so
   * is one that the function puts in its place by `deadLetter('reason')`; where the function throws, the row that it was given is.
   * More than 100,000 rows of one record are too many (TOO_MANY_ROWS). The function is pure: a row's number in its record is in its id.
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
  drop<Name extends keyof Row & string>(...columns: readonly Name[]): Stream<Flat<Omit<Row, Name>>, Source, Key>
  /**
   * Names the event time, and how long late rows are waited for: the watermark is the event time reached, less the delay.
   * @param delay a Spark interval, from 0 up
   * @throws MicrobatchError QUERY_INVALID for a column that is no timestamp, a bad delay, a second watermark
   * @example ticks.withWatermark('timestamp', '10 seconds')
   */
  withWatermark<
    Name extends { [Each in keyof Row & string]-?: Row[Each] extends number | null ? Each : never }[keyof Row & string],
  >(column: Name, delay: string): Stream<Row, Source, Key>
  /**
   * Lets the first row of those through that are equal in these columns; none named: in all. With a watermark late rows are left out,
   * and a key with the event time is forgotten when the watermark has passed it; any other is kept for ever.
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
   * The rows of both streams: Spark's `unionByName`. Each keeps its watermark, and the query follows the least of them.
   * @example visa.union(mastercard).withWatermark('timestamp', '10 seconds')
   */
  union<OtherRow extends { readonly [Name in keyof Row]: unknown }, OtherSource extends object>(
    other: Stream<OtherRow, OtherSource>,
  ): Stream<United<Row, OtherRow>, Source | OtherSource>
  /**
   * Each row with those that a static side has for it, without state; one without any is left out, or stays with nulls (`left`).
   * @example ticks.join(lookup({ schema: Company, key: ['symbol'], load, maxAge: '5 minutes' }), { on: ['symbol'], type: 'left' })
   */
  join<
    Right extends object,
    const On extends readonly JoinKey<Row, Right>[],
    Type extends LookupJoinType = 'inner',
    Prefix extends string = '',
  >(
    lookup: Lookup<Right>,
    options: LookupJoinOptions<On, Type, Prefix> & Apart<Row, Right, On, Type, Prefix>,
  ): Stream<Joined<Row, Right, On, Type, Prefix>, Source>
  /**
   * Pairs of rows of both streams whose columns are equal: Spark's stream-stream join, in append mode. Rows wait for each other, with
   * watermarks on both sides and `within` (or equal event times) no longer than others can match them; then an outer row comes alone.
   * @example orders.join(payments, { on: ['orderId'], within: { after: '1 hour' }, type: 'left' })
   */
  join<
    Right extends object,
    RightSource extends object,
    const On extends readonly JoinKey<Row, Right>[],
    Type extends JoinType = 'inner',
    Prefix extends string = '',
  >(
    right: Stream<Right, RightSource>,
    options: JoinOptions<Row, Right, On, Type, Prefix> & Apart<Row, Right, On, Type, Prefix>,
  ): Stream<Joined<Row, Right, On, Type, Prefix>, Source | RightSource>
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
  orderBy<Name extends keyof Row & string>(column: Name, direction: 'asc' | 'desc'): Stream<Row, Source, Key>
  /** The same by several columns: the first decides, then the next. @example bars.orderBy(desc('volume'), 'symbol') */
  orderBy<Name extends keyof Row & string>(...columns: readonly (Name | SortOrder<Name>)[]): Stream<Row, Source, Key>
  /**
   * Keeps the first rows: of each complete table, or of a batch; in append mode the first that ever come, of all batches. There
   * the query keeps a count, and takes one shard.
   * @example bars.orderBy('volume', 'desc').limit(3)
   */
  limit(count: number): Stream<Row, Source, Key>
  /**
   * Batch mode: the whole result over rows that are all there. Watermarks do not matter then, so nothing is late.
   * @example bars.runBatch([{ symbol: 'AAPL', price: 150.5, volume: 10, timestamp: 15_000 }])
   */
  runBatch(rows: readonly Source[], options?: BatchOptions): readonly Row[]
  /**
   * Ends the query. What Spark refuses is refused here, in its words.
   * @throws MicrobatchError QUERY_INVALID
   * @example ticks.writeStream({ outputMode: 'append', sinks: [consoleSink()] })
   */
  writeStream(options: WriteStreamOptions<Row>): StreamingQuery<Row, Source, Key>
}

/** What `groupBy` gives: only aggregates make rows of it again. */
export interface GroupedStream<Row extends object, Keys extends readonly Grouping<Row>[], Source extends object> {
  /** One row a group: its grouping columns, then these. @example grouped.agg({ ticks: count(), high: max('price') }) */
  agg<const A extends Aggregates<Row>>(
    aggregates: A,
  ): Stream<Flat<GroupedColumns<Row, Keys> & AggregatedRow<Row, A>>, Source, Flat<GroupedColumns<Row, Keys>>>
  /** The number of rows of each group, as the column `count`. @example ticks.groupBy('symbol').count() */
  count(): Stream<Flat<GroupedColumns<Row, Keys> & { readonly count: number }>, Source, Flat<GroupedColumns<Row, Keys>>>
  /**
   * Gives the rows of each key, one by one, to a processor that keeps state of its own: Spark 4's `transformWithState`.
   * @throws MicrobatchError QUERY_INVALID for windows among the keys, timers by event time without a watermark
   * @example ticks.groupBy('symbol').transformWithState(jumps) // StatefulProcessor shows one
   */
  transformWithState<const State extends StateVariables, Out extends object, Key = GroupedColumns<Row, Keys>>(
    processor: StatefulProcessor<Key, Row, State, Out>,
  ): Stream<Out, Source>
}
