// The Lambda Kafka event on the wire, as AWS sends it (Lambda developer guide, "Using Lambda with Amazon MSK" and "with
// self-managed Apache Kafka"). @types/aws-lambda knows neither absent keys nor tombstones, hence our own types.

/**
 * What a mapping with a schema registry says of a key or a value (developer guide, "Using schema registries with Kafka event
 * sources"): which schema it was written with. The format is that of the record in its topic, also where Lambda made JSON of it.
 */
export interface SchemaMetadata {
  /** `AVRO`, `PROTOBUF` or `JSON`. */
  readonly dataFormat: string
  /** A number in the registry of Confluent's kind, a UUID in AWS Glue's. */
  readonly schemaId: string
}

/** One record. `key` and `value` are base64; absent means null (a record without a key, a tombstone). */
export interface WireRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME' | 'NO_TIMESTAMP_TYPE'
  readonly key?: string | null
  readonly value?: string | null
  /** Only where the mapping has a `SchemaRegistryConfig` for the key. */
  readonly keySchemaMetadata?: SchemaMetadata
  /** The same for the value. */
  readonly valueSchemaMetadata?: SchemaMetadata
  /** Single-key objects in record order; the bytes are signed (-128..127), as Java's `byte[]`. */
  readonly headers: ReadonlyArray<Readonly<Record<string, readonly number[] | null>>>
}

interface KafkaEventBase {
  /** Comma-joined `host:port` list. */
  readonly bootstrapServers: string
  /** By `topic-partition`; offsets ascend inside one array, and gaps are normal. */
  readonly records: Readonly<Record<string, readonly WireRecord[]>>
}

export interface MskEvent extends KafkaEventBase {
  readonly eventSource: 'aws:kafka'
  readonly eventSourceArn: string
}

export interface SelfManagedKafkaEvent extends KafkaEventBase {
  readonly eventSource: 'SelfManagedKafka'
}

export type KafkaEvent = MskEvent | SelfManagedKafkaEvent

/** Where an event came from: all of it but the records. */
export type EventOrigin = Omit<MskEvent, 'records'> | Omit<SelfManagedKafkaEvent, 'records'>
