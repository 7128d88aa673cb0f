// The beginning of a query: its name, then its source.

import type { Schema } from '../decode/schema.ts'
import { type KafkaSource, type KafkaStream, kafkaStream } from './kafka-stream.ts'
import * as build from './plan/build.ts'
import type { Tombstones } from './plan/plan.ts'
import type { Stream } from './stream.ts'
import { streamOf } from './stream-of.ts'

/** A query that has a name and no source yet. */
export interface NamedStream {
  /**
   * Reads a Kafka topic, or several: Spark's `readStream.format("kafka").option("subscribe", 'trades,quotes')`. The function of
   * a query of several topics has a mapping for each. `byTopic` is for topics that have codecs of their own.
   *
   * `keyedBy` declares that every record's key is the text of this column, so that all rows of a value are in one partition:
   * groups by it then lie in a shard for each partition, and invocations for different partitions share no item of state. Groups
   * must be by this column. A record whose key is another text becomes a dead letter (NOT_KEYED); a key that is in two partitions
   * all the same fails the batch that finds it (CONFIG_INVALID).
   *
   * `tombstones` is what becomes of a record without a value: a dead letter (TOMBSTONE), nothing (`drop`: it is counted), or a
   * `row` in which every column of the codec is null. Left out, the codec says: with `json` a bad record, or under its policy
   * `null` a row of nulls.
   */
  readKafka<T extends Tombstones = 'deadLetter'>(source: KafkaSource<T>): KafkaStream<T>
  /** Reads plain rows: the source of tests and of batch mode. */
  rows<Row extends object>(schema: Schema<Row>): Stream<Row>
}

/**
 * Begins a query: Spark's `SparkSession.builder.appName(name)`. State is kept under this name.
 * @example stream('tape').readKafka({ topic: 'stock-ticks' }).decode(json(Tick))
 */
export const stream = (name: string): NamedStream => ({
  // A caller whose types are not checked may name no topic at all.
  readKafka: ({ topic, topics = [], keyedBy = null, tombstones = null } = { topics: [] }) =>
    kafkaStream(build.kafkaPlan(name, topic === undefined ? topics : [topic], keyedBy, tombstones)),
  rows: (schema) => streamOf(build.rowsPlan(name, schema)),
})
