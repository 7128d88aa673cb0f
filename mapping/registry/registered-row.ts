// A record after its mapping's registry: with the header gone and its schema named, or refused for a reason that AWS has a word for.

import type { SchemaMetadata } from '../../lib/event/kafka-event.ts'
import type { KafkaRow } from '../../lib/event/kafka-row.ts'

/** Whatever the function gets of it, filters see its value as JSON. */
export type RegisteredRow = KafkaRow & { readonly filterValue: Buffer | null }

/** What the filters of a mapping look at. */
export const filterValueOf = (row: KafkaRow): Buffer | null =>
  'filterValue' in row && (Buffer.isBuffer(row.filterValue) || row.filterValue === null) ? row.filterValue : row.value

/** The record as it was in the topic, which goes to the on-failure destination. */
export class RefusedRow implements KafkaRow {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly timestampType: KafkaRow['timestampType']
  readonly headers: KafkaRow['headers']
  readonly condition: 'SCHEMA_NOT_FOUND' | 'DESERIALIZATION_ERROR'
  /** For people. */
  readonly problem: string

  constructor(row: KafkaRow, condition: RefusedRow['condition'], problem: string) {
    this.key = row.key
    this.value = row.value
    this.topic = row.topic
    this.partition = row.partition
    this.offset = row.offset
    this.timestamp = row.timestamp
    this.timestampType = row.timestampType
    this.headers = row.headers
    this.condition = condition
    this.problem = problem
  }
}

/** What a record's metadata adds to its JSON in an event, by the objects that many records share. */
const sizes = new WeakMap<SchemaMetadata, number>()

/** @example metadataBytes({ …row, valueSchemaMetadata: { dataFormat: 'AVRO', schemaId: '7' } }) // 64 */
export const metadataBytes = ({ keySchemaMetadata, valueSchemaMetadata }: KafkaRow): number =>
  memberBytes('keySchemaMetadata', keySchemaMetadata) + memberBytes('valueSchemaMetadata', valueSchemaMetadata)

function memberBytes(name: string, metadata: SchemaMetadata | undefined): number {
  if (metadata === undefined) return 0
  let size = sizes.get(metadata)
  if (size === undefined) {
    size = Buffer.byteLength(JSON.stringify(metadata))
    sizes.set(metadata, size)
  }
  return size + `,"${name}":`.length
}
