// A stream of Kafka records that nothing has decoded yet: the part of the builder between the topic and the rows.

import type { Codec, ManyCodec } from '../decode/codec.ts'
import type { Column } from '../decode/schema.ts'
import type { KafkaRow } from '../event/kafka-row.ts'
import type { SetAside } from './held/set-aside.ts'
import * as build from './plan/build.ts'
import { type AddedColumns, type GivenColumn, givenColumn, type KafkaColumn } from './plan/columns/added-columns.ts'
import type { Plan, Tombstones } from './plan/plan.ts'
import type { Stream } from './stream.ts'
import { streamOf } from './stream-of.ts'

/** Where the records come from: one topic, or several. */
export type KafkaSource<T extends Tombstones = Tombstones> = (
  | { readonly topic: string; readonly topics?: undefined; readonly keyedBy?: string }
  | { readonly topics: readonly string[]; readonly topic?: undefined; readonly keyedBy?: undefined }
) & { readonly tombstones?: T }

/** What the function of `decode` is given. */
export type DecodedValue<Value, T extends Tombstones> = T extends 'row'
  ? { readonly [Name in keyof Value]: Value[Name] | null }
  : Value

/** A row with the columns of its record. */
export type WithAdded<Row, Added> = [keyof Added] extends [never]
  ? Row
  : {
      readonly [Name in keyof Row | keyof Added]: Name extends keyof Added
        ? Added[Name]
        : Name extends keyof Row
          ? Row[Name]
          : never
    }

/** Records on their way to a codec. `Added` are the columns that their rows will have beside those of the codec. */
export interface KafkaRecords<T extends Tombstones, Added extends object> {
  /**
   * Keeps the records for which the predicate is true. Before `decode` it sees the record: what is left out is not decoded, so it
   * is no dead letter either.
   * @example kafka.where(({ headers }) => headers.some(({ key, value }) => key === 'type' && String(value) === 'trade'))
   */
  where(predicate: (record: KafkaRow) => boolean): KafkaRecords<T, Added>
  /**
   * Columns that each row takes from its record, after those of the codec: by Spark's name, by `kafkaColumn(…)` or `header(…)`. In a
   * record of several rows, each has them.
   * @throws MicrobatchError QUERY_INVALID from `decode`, where the codec has a column of the name
   * @example kafka.withKafkaColumns('offset', kafkaColumn('key', string()), header('trace')).decode(json(Tick))
   */
  withKafkaColumns<const Given extends readonly GivenColumn[]>(
    ...columns: Given
  ): KafkaRecords<T, Added & AddedColumns<Given>>
  /**
   * Decodes the value of each record. The function may look at the record too, leave it out by `undefined`, or set it aside by
   * `deadLetter('reason')`. A column of the codec keeps its type; one that `columns` declares has that; any other prints by its
   * values, which must be of one form, and cannot be grouped by. A value that its column does not take, or an error that the
   * function throws, makes a dead letter of the record (WRONG_SHAPE, FUNCTION_FAILED). The function is pure: it is called again
   * when a batch comes again.
   * @example
   * kafka.decode(json(Tick), (tick, { partition }) => ({ ...tick, partition }), { partition: int() })
   */
  decode<Row extends object>(codec: Codec<Row> | ManyCodec<Row>): Stream<WithAdded<DecodedValue<Row, T>, Added>>
  decode<Value extends object, Row extends object>(
    codec: Codec<Value> | ManyCodec<Value>,
    map: (value: DecodedValue<Value, T>, record: KafkaRow) => Row | SetAside | undefined,
    columns?: { readonly [Name in keyof Row]?: Column<Row[Name]> },
  ): Stream<WithAdded<Row, Added>>
}

/** A stream of Kafka records that nothing has decoded yet. */
export interface KafkaStream<T extends Tombstones = 'deadLetter'> extends Stream<KafkaRow>, KafkaRecords<T, object> {
  where(predicate: (record: KafkaRow) => boolean): KafkaStream<T>
}

export const kafkaStream = <T extends Tombstones>(plan: Plan): KafkaStream<T> => ({
  ...streamOf<KafkaRow, KafkaRow>(plan),
  ...records(plan, []),
  where: (predicate) => kafkaStream(build.where(plan, predicate)),
})

const records = <T extends Tombstones, Added extends object>(
  plan: Plan,
  added: readonly KafkaColumn<string, unknown>[],
): KafkaRecords<T, Added> => ({
  where: (predicate) => records(build.where(plan, predicate), added),
  withKafkaColumns: (...given) => records(plan, [...added, ...given.map(givenColumn)]),
  decode: <Row extends object>(
    codec: Codec<object> | ManyCodec<object>,
    map?: unknown,
    columns?: Readonly<Record<string, Column<unknown>>>,
  ) => streamOf<Row, Row>(build.decoded(plan, codec, { map, declared: columns, added })),
})
