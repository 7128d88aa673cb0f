// A Kafka record as a row: what the source of a query yields before anything is decoded. The columns, their order and
// their nulls are those of Spark's Kafka source (KafkaRecordToRowConverter), with the bytes left as they are.

import type { SchemaMetadata } from './kafka-event.ts'

/** 0 CreateTime, 1 LogAppendTime, -1 none: Kafka's own numbers, as Spark's `timestampType` column shows them. */
export type TimestampType = 0 | 1 | -1

/** One header. Keys may repeat and their order counts; `value` is null where the producer wrote no bytes at all. */
export interface KafkaHeader {
  readonly key: string
  readonly value: Buffer | null
}

export interface KafkaRow {
  /** Null where the record has no key. An empty key is an empty buffer. */
  readonly key: Buffer | null
  /** Null for a tombstone. An empty value is an empty buffer. */
  readonly value: Buffer | null
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Epoch milliseconds, as Kafka stores it. */
  readonly timestamp: number
  readonly timestampType: TimestampType
  readonly headers: readonly KafkaHeader[]
  /** What the mapping's schema registry said of the key; left out where it has none. */
  readonly keySchemaMetadata?: SchemaMetadata
  /** The same for the value. */
  readonly valueSchemaMetadata?: SchemaMetadata
}

/** `topic-partition`, the key of a partition in an event's `records` and in state. */
export const topicPartition = (row: { readonly topic: string; readonly partition: number }): string =>
  `${row.topic}-${row.partition}`

/** `topic-partition-offset`: the id of a record, and of the row it became. */
export const recordId = (row: Pick<KafkaRow, 'topic' | 'partition' | 'offset'>): string =>
  `${topicPartition(row)}-${row.offset}`
