// The Lambda Kafka event -> Kafka rows. Everything AWS is known to send is taken: both event sources, absent or null
// keys and values, signed or unsigned header bytes. Anything else is a broken event, not a bad record, and throws.

import { MicrobatchError } from '../error.ts'
import { preview } from '../preview.ts'
import type { EventOrigin, SchemaMetadata } from './kafka-event.ts'
import type { KafkaHeader, KafkaRow, TimestampType } from './kafka-row.ts'

export interface ParsedKafkaEvent {
  readonly origin: EventOrigin
  /** All rows, partition by partition in the order of the event, offsets ascending inside each. */
  readonly rows: readonly KafkaRow[]
}

const timestampTypes = new Map<unknown, TimestampType>([
  ['CREATE_TIME', 0],
  ['LOG_APPEND_TIME', 1],
  ['NO_TIMESTAMP_TYPE', -1],
])

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const invalid = (place: string, wanted: string, got: unknown): MicrobatchError =>
  new MicrobatchError(
    'EVENT_INVALID',
    `${place}: expected ${wanted}, got ${preview(got)}. ` +
      'Is this function invoked by a Kafka event source mapping, or with an event such as test/events/msk.json?',
  )

/**
 * Reads a payload that a Kafka event source mapping sent.
 *
 * @throws MicrobatchError EVENT_INVALID naming the place in the event that is not as AWS sends it
 * @example const { rows } = parseKafkaEvent(event)
 */
export function parseKafkaEvent(event: unknown): ParsedKafkaEvent {
  if (!isObject(event)) throw invalid('event', 'a Kafka event', event)
  const origin = parseOrigin(event)
  if (!isObject(event.records)) throw invalid('event.records', 'an object of topic-partition to records', event.records)
  const rows: KafkaRow[] = []
  for (const [key, records] of Object.entries(event.records)) {
    if (!Array.isArray(records)) throw invalid(`event.records[${JSON.stringify(key)}]`, 'an array', records)
    let last = -1
    const split = key.lastIndexOf('-')
    const expected = { topic: key.slice(0, split), partition: Number(key.slice(split + 1)) }
    for (let i = 0; i < records.length; i += 1) {
      const row = parseRecord(records[i], key, expected, i)
      if (row.offset <= last) throw invalid(place(key, i, 'offset'), `more than ${last} (offsets ascend)`, row.offset)
      last = row.offset
      rows.push(row)
    }
  }
  return { origin, rows }
}

function parseOrigin(event: Record<string, unknown>): EventOrigin {
  const { eventSource, eventSourceArn, bootstrapServers } = event
  if (typeof bootstrapServers !== 'string') throw invalid('event.bootstrapServers', 'a string', bootstrapServers)
  if (eventSource === 'SelfManagedKafka') return { eventSource, bootstrapServers }
  if (eventSource !== 'aws:kafka') throw invalid('event.eventSource', '"aws:kafka" or "SelfManagedKafka"', eventSource)
  if (typeof eventSourceArn !== 'string')
    throw invalid('event.eventSourceArn', 'the ARN of the cluster', eventSourceArn)
  return { eventSource, eventSourceArn, bootstrapServers }
}

const place = (key: string, index: number, field?: string): string =>
  `event.records[${JSON.stringify(key)}][${index}]${field === undefined ? '' : `.${field}`}`

/** @param expected what the key of the array says: the topic, which may have hyphens itself, and the partition */
function parseRecord(
  record: unknown,
  key: string,
  expected: { readonly topic: string; readonly partition: number },
  index: number,
): KafkaRow {
  if (!isObject(record)) throw invalid(place(key, index), 'a record', record)
  const { topic, partition, offset, timestamp, timestampType } = record
  if (typeof topic !== 'string') throw invalid(place(key, index, 'topic'), 'a string', topic)
  if (!isCount(partition)) throw invalid(place(key, index, 'partition'), 'a number from 0 up', partition)
  if (topic !== expected.topic || partition !== expected.partition)
    throw invalid(place(key, index), `a record of ${key}`, `${topic}-${partition}`)
  if (!isCount(offset)) throw invalid(place(key, index, 'offset'), 'a number from 0 up', offset)
  if (typeof timestamp !== 'number') throw invalid(place(key, index, 'timestamp'), 'epoch milliseconds', timestamp)
  // Nearly all records have it: two texts are compared sooner than one is looked up.
  const type = timestampType === 'CREATE_TIME' ? 0 : timestampTypes.get(timestampType)
  if (type === undefined)
    throw invalid(place(key, index, 'timestampType'), 'CREATE_TIME or LOG_APPEND_TIME', timestampType)
  const row = new ParsedRecord(
    parseBytes(record.key, key, index, 'key'),
    parseBytes(record.value, key, index, 'value'),
    // One text for all records of a partition: whoever compares two of them sees that they are the same.
    expected.topic,
    partition,
    offset,
    timestamp,
    type,
    parseHeaders(record.headers, key, index),
  )
  if (record.keySchemaMetadata === undefined && record.valueSchemaMetadata === undefined) return row
  const keySchema = parseMetadata(record.keySchemaMetadata, key, index, 'keySchemaMetadata')
  const valueSchema = parseMetadata(record.valueSchemaMetadata, key, index, 'valueSchemaMetadata')
  return {
    ...row,
    ...(keySchema === undefined ? {} : { keySchemaMetadata: keySchema }),
    ...(valueSchema === undefined ? {} : { valueSchemaMetadata: valueSchema }),
  }
}

/** A class and not a literal for the reason that `RowInPlace` gives (located-row.ts). */
class ParsedRecord implements KafkaRow {
  declare readonly key: Buffer | null
  declare readonly value: Buffer | null
  declare readonly topic: string
  declare readonly partition: number
  declare readonly offset: number
  declare readonly timestamp: number
  declare readonly timestampType: TimestampType
  declare readonly headers: readonly KafkaHeader[]

  constructor(
    key: Buffer | null,
    value: Buffer | null,
    topic: string,
    partition: number,
    offset: number,
    timestamp: number,
    timestampType: TimestampType,
    headers: readonly KafkaHeader[],
  ) {
    this.key = key
    this.value = value
    this.topic = topic
    this.partition = partition
    this.offset = offset
    this.timestamp = timestamp
    this.timestampType = timestampType
    this.headers = headers
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function parseBytes(base64: unknown, key: string, index: number, field: string): Buffer | null {
  if (base64 === undefined || base64 === null) return null
  if (typeof base64 !== 'string') throw invalid(place(key, index, field), 'base64 text', base64)
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length !== decodedLength(base64)) throw invalid(place(key, index, field), 'base64 text', base64)
  return bytes
}

const padding = '='.charCodeAt(0)

/** The bytes that base64 of this length stands for, padded or not. Node leaves out what is no base64: fewer bytes come then. */
function decodedLength(base64: string): number {
  const { length } = base64
  const isPadded = base64.charCodeAt(length - 1) === padding
  const end = isPadded ? length - (base64.charCodeAt(length - 2) === padding ? 2 : 1) : length
  const isWhole = end === length ? length % 4 !== 1 : length % 4 === 0
  return isWhole ? Math.floor((end * 3) / 4) : -1
}

/** AWS's samples have the id as text also where it is a number; a number is taken, too. */
function parseMetadata(value: unknown, key: string, index: number, field: string): SchemaMetadata | undefined {
  if (value === undefined || value === null) return undefined
  const { dataFormat, schemaId } = isObject(value) ? value : {}
  const id = typeof schemaId === 'number' ? String(schemaId) : schemaId
  if (typeof dataFormat === 'string' && typeof id === 'string') return { dataFormat, schemaId: id }
  throw invalid(place(key, index, field), 'an object of dataFormat and schemaId', value)
}

const noHeaders: readonly KafkaHeader[] = []

function parseHeaders(headers: unknown, key: string, index: number): readonly KafkaHeader[] {
  if (headers === undefined || headers === null) return noHeaders
  if (!Array.isArray(headers)) throw invalid(place(key, index, 'headers'), 'an array', headers)
  if (headers.length === 0) return noHeaders
  return headers.flatMap((header: unknown): KafkaHeader[] => {
    if (!isObject(header)) throw invalid(place(key, index, 'headers'), 'an array of objects', header)
    return Object.entries(header).map(([name, bytes]) => {
      if (bytes === null) return { key: name, value: null }
      if (!isByteArray(bytes)) throw invalid(place(key, index, `headers.${name}`), 'an array of bytes', bytes)
      // Buffer.from wraps modulo 256, so AWS's signed bytes and an emulator's unsigned ones both come out right.
      return { key: name, value: Buffer.from(bytes) }
    })
  })
}

const isByteArray = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((byte) => Number.isInteger(byte) && byte >= -128 && byte <= 255)
