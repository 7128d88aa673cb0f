// The builder: Spark's words, in Spark's order, typed all through. Every call gives a new immutable stream; a column
// that does not exist does not compile, and what slips past the types is refused when the query is built.

import type { Codec } from '../decode/codec.ts'
import type { Column, Schema } from '../decode/schema.ts'
import type { KafkaRow } from '../event/kafka-row.ts'
import { type OutputColumns, outputColumnsOf } from '../sink/output-columns.ts'
import { kafkaColumns } from './kafka-columns.ts'
import { type Plan, type PlanRow, type RowOperator, requireColumns } from './plan.ts'
import { type StreamingQuery, type WriteStreamOptions, writeStream } from './streaming-query.ts'

/** Rows on their way through a query. `Source` is the type of the rows it starts from. */
export interface Stream<Row extends object, Source extends object = Row> {
  readonly plan: Plan
  /** Keeps the rows for which the predicate is true. @example ticks.where((tick) => tick.symbol === 'AAPL') */
  where(predicate: (row: Row) => boolean): Stream<Row, Source>
  /** Keeps these columns, in this order. @example ticks.select('symbol', 'price') */
  select<Name extends keyof Row & string>(...columns: readonly Name[]): Stream<Pick<Row, Name>, Source>
  /**
   * Adds a column, or replaces one. A number prints as a double unless `type` says otherwise.
   * @example ticks.withColumn('turnover', (tick) => tick.price * tick.volume)
   */
  withColumn<Name extends string, Value>(
    name: Name,
    value: (row: Row) => Value,
    type?: Column<Value>,
  ): Stream<WithColumn<Row, Name, Value>, Source>
  /** Leaves these columns out. @example ticks.drop('timestamp') */
  drop<Name extends keyof Row & string>(...columns: readonly Name[]): Stream<Omit<Row, Name>, Source>
  /**
   * Ends the query. What Spark refuses is refused here, in its words.
   * @throws MicrobatchError QUERY_INVALID
   * @example ticks.writeStream({ outputMode: 'append', sinks: [consoleSink()] })
   */
  writeStream(options: WriteStreamOptions<Row>): StreamingQuery<Row, Source>
}

export type WithColumn<Row, Name extends string, Value> = {
  readonly [Key in keyof Row | Name]: Key extends Name ? Value : Key extends keyof Row ? Row[Key] : never
}

/** A stream of Kafka records that nothing has decoded yet. */
export interface KafkaStream extends Stream<KafkaRow> {
  /**
   * Decodes the value of each record. The function may look at the record too, and leave it out by `undefined`.
   * @example stream('tape').readKafka({ topic }).decode(json(Tick), (tick, { partition }) => ({ ...tick, partition }))
   */
  decode<Row extends object>(codec: Codec<Row>): Stream<Row>
  decode<Value extends object, Row extends object>(
    codec: Codec<Value>,
    map: (value: Value, record: KafkaRow) => Row | undefined,
  ): Stream<Row>
}

/** A query that has a name and no source yet. */
export interface NamedStream {
  /** Reads a Kafka topic: Spark's `readStream.format("kafka").option("subscribe", topic)`. */
  readKafka(source: { readonly topic: string }): KafkaStream
  /** Reads plain rows: the source of tests and of batch mode. */
  rows<Row extends object>(schema: Schema<Row>): Stream<Row>
}

/**
 * Begins a query: Spark's `SparkSession.builder.appName(name)`. State is kept under this name.
 * @example stream('tape').readKafka({ topic: 'stock-ticks' }).decode(json(Tick))
 */
export const stream = (name: string): NamedStream => ({
  readKafka: ({ topic }) => kafkaStream(name, topic),
  rows: (schema) =>
    streamOf({
      name,
      source: { kind: 'rows', schema },
      operators: [],
      columns: outputColumnsOf(schema.columns),
      isOpen: false,
    }),
})

function kafkaStream(name: string, topic: string): KafkaStream {
  const plan: Plan = {
    name,
    source: { kind: 'kafka', topic, decode: null },
    operators: [],
    columns: kafkaColumns,
    isOpen: false,
  }
  const decode = <Row extends object>(codec: Codec<object>, map?: (value: never, record: KafkaRow) => unknown) =>
    streamOf<Row, Row>({
      ...plan,
      source: { kind: 'kafka', topic, decode: { codec, map: (map as PlanFunction | undefined) ?? null } },
      columns: outputColumnsOf(codec.schema.columns),
      isOpen: map !== undefined,
    })
  return { ...streamOf<KafkaRow, KafkaRow>(plan), decode }
}

// Inside a plan the types of columns are gone; a stream's own functions were checked against its row type.
type PlanFunction = (row: PlanRow, record: KafkaRow) => PlanRow | undefined
type PlanValue = (row: PlanRow) => unknown
type PlanPredicate = (row: PlanRow) => boolean

function streamOf<Row extends object, Source extends object>(plan: Plan): Stream<Row, Source> {
  const next = <Next extends object>(operator: RowOperator, columns: OutputColumns, isOpen = plan.isOpen) =>
    streamOf<Next, Source>({ ...plan, operators: [...plan.operators, operator], columns, isOpen })
  return {
    plan,
    where: (predicate) => next<Row>({ kind: 'where', predicate: predicate as PlanPredicate }, plan.columns),
    select(...columns) {
      requireColumns(plan, columns)
      const kinds = columns.map((name) => [name, plan.columns.get(name) ?? 'inferred'] as const)
      return next({ kind: 'select', columns }, new Map(kinds), false)
    },
    withColumn: (name, value, type) =>
      next(
        { kind: 'withColumn', name, value: value as PlanValue },
        new Map([...plan.columns, [name, type?.kind ?? 'inferred']]),
      ),
    drop(...columns) {
      requireColumns(plan, columns)
      const dropped = new Set<string>(columns)
      return next({ kind: 'drop', columns }, new Map([...plan.columns].filter(([name]) => !dropped.has(name))))
    },
    writeStream: (options) => writeStream<Row, Source>(plan, options),
  }
}
