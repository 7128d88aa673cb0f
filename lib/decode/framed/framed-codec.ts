// What the codecs of a registry have in common: the header of a value, or what the event says in its place, names the schema that
// it was written with; the schemas of a batch are there before its records are decoded; and a record without one is bad.

import type { KafkaRow } from '../../event/kafka-row.ts'
import { type Frame, isFrame, schemaIdIn, unframe } from '../../registry/frame.ts'
import { schemaCache, unknownForMs as usualUnknownForMs } from '../../registry/schema-cache.ts'
import type { Framing, RegisteredSchema, SchemaRegistry } from '../../registry/schema-registry.ts'
import { type Codec, type Decoded, type Malformed, type MalformedPolicy, malformed, typed } from '../codec.ts'
import type { Schema } from '../schema.ts'

export interface RegistryOptions {
  /** Where the schema is asked for that a value was written with. */
  readonly registry: SchemaRegistry
  /**
   * Milliseconds for which a schema that the registry does not know is waited for: the batch fails and comes again. After that the
   * records that name it are bad, SCHEMA_UNKNOWN.
   * @default 60000
   */
  readonly unknownForMs?: number
}

export interface MalformedOptions {
  /** What becomes of a record that is no row. @default 'deadLetter' */
  readonly malformed?: Exclude<MalformedPolicy, 'null'>
}

/** @param start where what was written begins; it ends with the bytes */
export type Read<Row> = (bytes: Buffer, start: number) => Decoded<Row>

/**
 * @param compile what reads the values of a schema; where it throws, they are bad, SCHEMA_UNUSABLE
 * @param before waited for before the first schema is compiled
 */
export function framedCodec<Row>({
  schema,
  options: { registry, unknownForMs = usualUnknownForMs, malformed: policy = 'deadLetter' },
  compile,
  before,
}: {
  readonly schema: Schema<Row>
  readonly options: RegistryOptions & MalformedOptions
  readonly compile: (schema: RegisteredSchema) => Read<Row>
  readonly before?: () => Promise<void>
}): Codec<Row> {
  const cache = schemaCache({ registry, compile, unknownForMs })
  return typed({
    schema,
    malformed: policy,
    async prepare(records) {
      await before?.()
      await cache.load(schemaIds(registry.framing, records))
    },
    decode(record) {
      const frame = frameOf(record, registry.framing)
      if ('kind' in frame) return frame
      const found = cache.get(frame.schemaId)
      switch (found?.kind) {
        case 'compiled':
          return found.compiled(frame.bytes, frame.start)
        case 'unknown':
          return malformed('SCHEMA_UNKNOWN', found.detail)
        case 'unusable':
          return malformed('SCHEMA_UNUSABLE', found.detail)
        default:
          return malformed('CODEC_FAILED', `schema ${frame.schemaId} was not fetched: prepare comes before decode`)
      }
    },
  })
}

function* schemaIds(framing: Framing, records: readonly KafkaRow[]): Generator<string> {
  for (const { value, valueSchemaMetadata } of records) {
    if (value === null) continue
    const id = valueSchemaMetadata?.schemaId ?? schemaIdIn(framing, value)
    if (id !== undefined) yield id
  }
}

/**
 * Where an event's metadata names the schema, Lambda has taken the header away.
 * @returns the reason where the record has nothing to decode
 */
export function frameOf({ value, valueSchemaMetadata }: KafkaRow, framing: Framing): Frame | Malformed {
  if (value === null) return malformed('TOMBSTONE', 'the record has no value')
  if (valueSchemaMetadata !== undefined) return { schemaId: valueSchemaMetadata.schemaId, bytes: value, start: 0 }
  if (value.length === 0) return malformed('EMPTY', 'the value is empty')
  const frame = unframe(framing, value)
  return isFrame(frame) ? frame : malformed('NOT_FRAMED', frame.problem)
}
