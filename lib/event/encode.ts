// Kafka rows -> the Lambda event that AWS would send for them. The exact inverse of parse.ts; the local event source
// mapping and the tests build their payloads with it.

import type { EventOrigin, KafkaEvent, WireRecord } from './kafka-event.ts'
import { type KafkaRow, type TimestampType, topicPartition } from './kafka-row.ts'

const timestampTypeNames: Readonly<Record<TimestampType, WireRecord['timestampType']>> = {
  0: 'CREATE_TIME',
  1: 'LOG_APPEND_TIME',
  [-1]: 'NO_TIMESTAMP_TYPE',
}

/**
 * The record as it is in an event's `records`: base64, signed header bytes, null key or value left out.
 * @example encodeRecord(row).value // 'eyJzeW1ib2wiOiJBQVBMIn0='
 */
export function encodeRecord(row: KafkaRow): WireRecord {
  return {
    topic: row.topic,
    partition: row.partition,
    offset: row.offset,
    timestamp: row.timestamp,
    timestampType: timestampTypeNames[row.timestampType],
    ...(row.key === null ? {} : { key: row.key.toString('base64') }),
    ...(row.value === null ? {} : { value: row.value.toString('base64') }),
    ...(row.keySchemaMetadata === undefined ? {} : { keySchemaMetadata: row.keySchemaMetadata }),
    ...(row.valueSchemaMetadata === undefined ? {} : { valueSchemaMetadata: row.valueSchemaMetadata }),
    headers: row.headers.map(({ key, value }) => ({ [key]: value === null ? null : Array.from(new Int8Array(value)) })),
  }
}

/**
 * The event for some rows. Rows keep their order inside a partition; partitions come in the order of their first row.
 * @example encodeKafkaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' }, rows)
 */
export function encodeKafkaEvent(origin: EventOrigin, rows: Iterable<KafkaRow>): KafkaEvent {
  const byPartition = new Map<string, WireRecord[]>()
  for (const row of rows) {
    const key = topicPartition(row)
    const records = byPartition.get(key)
    if (records === undefined) byPartition.set(key, [encodeRecord(row)])
    else records.push(encodeRecord(row))
  }
  return { ...origin, records: Object.fromEntries(byPartition) }
}
