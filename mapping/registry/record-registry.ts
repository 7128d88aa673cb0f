// What a mapping with a schema registry does to its records: keys and values are decoded by the schemas they name, and given on as JSON
// or as they were written, without the header. The schemas are fetched first; what is decoded here is refused or done, at once.

import type { SchemaMetadata } from '../../lib/event/kafka-event.ts'
import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import { isFrame, schemaIdIn, unframe } from '../../lib/registry/frame.ts'
import { type SchemaCache, schemaCache } from '../../lib/registry/schema-cache.ts'
import type { RegisteredSchema, SchemaFormat, SchemaRegistry } from '../../lib/registry/schema-registry.ts'
import { messageOf } from '../error.ts'
import { type JsonForm, loadJsonForms } from './json-forms.ts'
import { RefusedRow, type RegisteredRow } from './registered-row.ts'
import type { SchemaRegistrySettings } from './schema-registry-config.ts'

export interface RecordRegistry {
  /** For messages. */
  readonly description: string
  /** Whether all schemas of these records were asked for. */
  isReady(rows: readonly KafkaRow[]): boolean
  /** @throws where the registry gives no answer */
  load(rows: readonly KafkaRow[]): Promise<void>
  /** @param row whose schemas were asked for */
  decode(row: KafkaRow): KafkaRow
}

interface Compiled {
  readonly form: JsonForm
  /** One object for all records of the schema. */
  readonly metadata: SchemaMetadata
}

/** Half a decoded record: what the function gets, and what filters see. */
interface Part {
  readonly bytes: Buffer | null
  readonly json: Buffer | null
  readonly metadata: SchemaMetadata | undefined
}

/** @example const decoder = recordRegistry(settings, confluentRegistry({ url })); await decoder.load([row]); decoder.decode(row) */
export function recordRegistry(settings: SchemaRegistrySettings, registry: SchemaRegistry): RecordRegistry {
  const { format, attributes } = settings
  const formats = new Set<SchemaFormat>()
  let forms: Awaited<ReturnType<typeof loadJsonForms>> | undefined
  // The libraries of a format are loaded when its first schema has come, before it is compiled.
  const loading: SchemaRegistry = {
    ...registry,
    async schema(id) {
      const found = await registry.schema(id)
      if (found !== null && !formats.has(found.format)) {
        forms = await loadJsonForms([...formats, found.format], registry.framing)
        formats.add(found.format)
      }
      return found
    },
  }
  const cache: SchemaCache<Compiled> = schemaCache({
    registry: loading,
    compile: (schema: RegisteredSchema, schemaId) => {
      if (forms === undefined) throw new Error('nothing was loaded to read it')
      return { form: forms.formOf(schema), metadata: { dataFormat: schema.format, schemaId } }
    },
    // "If the schema isn't found, Lambda sends the message to the DLQ": it is not waited for.
    unknownForMs: 0,
  })

  function* idsOf(rows: readonly KafkaRow[]): Generator<string> {
    for (const row of rows) {
      for (const bytes of [attributes.has('KEY') ? row.key : null, attributes.has('VALUE') ? row.value : null]) {
        const id = bytes === null ? undefined : schemaIdIn(registry.framing, bytes)
        if (id !== undefined) yield id
      }
    }
  }

  function decodeOne(row: KafkaRow): RegisteredRow | RefusedRow {
    const key = partOf(row, 'KEY', row.key)
    if (key instanceof RefusedRow) return key
    const value = partOf(row, 'VALUE', row.value)
    if (value instanceof RefusedRow) return value
    const { topic, partition, offset, timestamp, timestampType, headers } = row
    return {
      ...{ topic, partition, offset, timestamp, timestampType, headers },
      ...{ key: key.bytes, value: value.bytes, filterValue: value.json },
      ...(key.metadata === undefined ? {} : { keySchemaMetadata: key.metadata }),
      ...(value.metadata === undefined ? {} : { valueSchemaMetadata: value.metadata }),
    }
  }

  function partOf(row: KafkaRow, attribute: 'KEY' | 'VALUE', bytes: Buffer | null): Part | RefusedRow {
    // Copied: the bytes of a whole fetch would stay in memory with them.
    if (!attributes.has(attribute) || bytes === null) {
      const copy = bytes && Buffer.from(bytes)
      return { bytes: copy, json: copy, metadata: undefined }
    }
    const refuse = (condition: RefusedRow['condition'], problem: string) =>
      new RefusedRow(row, condition, `${attribute.toLowerCase()}: ${problem}`)
    const frame = unframe(registry.framing, bytes)
    if (!isFrame(frame)) return refuse('DESERIALIZATION_ERROR', frame.problem)
    const found = cache.get(frame.schemaId)
    if (found === undefined) return refuse('SCHEMA_NOT_FOUND', `schema ${frame.schemaId} was not asked for`)
    if (found.kind !== 'compiled')
      return refuse(found.kind === 'unknown' ? 'SCHEMA_NOT_FOUND' : 'DESERIALIZATION_ERROR', found.detail)
    const { form, metadata } = found.compiled
    try {
      const json = Buffer.from(JSON.stringify(form(frame.bytes, frame.start)))
      return { bytes: format === 'JSON' ? json : Buffer.from(frame.bytes.subarray(frame.start)), json, metadata }
    } catch (error) {
      return refuse('DESERIALIZATION_ERROR', `is not as schema ${frame.schemaId} says: ${messageOf(error)}`)
    }
  }

  return {
    description: registry.description,
    isReady: (rows) => idsOf(rows).every((id) => cache.get(id) !== undefined),
    load: (rows) => cache.load(idsOf(rows)),
    decode: decodeOne,
  }
}
