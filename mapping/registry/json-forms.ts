// A value as JSON text, by the schema that it was written with: what EventRecordFormat JSON gives a function, and what filters look
// at. AWS does not say how unions, bytes and numbers of 64 bits come out; the forms taken here stand in local-mapping.md 1.

import type { JsonValue } from '@bufbuild/protobuf'
import type { Framing, RegisteredSchema, SchemaFormat } from '../../lib/registry/schema-registry.ts'

/** @throws Error in words where the bytes are not what their schema says */
export type JsonForm = (bytes: Buffer, start: number) => JsonValue

export interface JsonForms {
  /** @throws Error for a schema that cannot be used */
  formOf(schema: RegisteredSchema): JsonForm
}

/**
 * Loads what the formats need: avsc; @bufbuild/protobuf and protobufjs; ajv. Each is an optional peer.
 * @throws where one is not installed
 */
export async function loadJsonForms(formats: Iterable<SchemaFormat>, framing: Framing): Promise<JsonForms> {
  const makers = new Map<SchemaFormat, (schema: RegisteredSchema) => JsonForm>()
  for (const format of formats) makers.set(format, await load(format, framing))
  return {
    formOf(schema) {
      const make = makers.get(schema.format)
      if (make === undefined) throw new Error(`nothing reads ${schema.format} yet`)
      return make(schema)
    },
  }
}

function load(format: SchemaFormat, framing: Framing): Promise<(schema: RegisteredSchema) => JsonForm> {
  switch (format) {
    case 'AVRO':
      return avroForms()
    case 'PROTOBUF':
      return protobufForms(framing)
    case 'JSON':
      return jsonForms()
  }
}

async function avroForms(): Promise<(schema: RegisteredSchema) => JsonForm> {
  const [{ registeredAvro }, { blockCheck }] = await Promise.all([
    import('../../lib/registry/avro/avro-type.ts'),
    import('../../lib/registry/avro/avro-blocks.ts'),
  ])
  return (schema) => {
    const { plain } = registeredAvro(schema)
    const isWithin = blockCheck(plain)
    return (bytes, start) => {
      if (isWithin?.(bytes, start) === false) throw new Error('an array, a map or a text is longer than the value')
      return plainJson(plain.fromBuffer(bytes.subarray(start)))
    }
  }
}

/** Unions without the names of their branches, bytes as Avro's own JSON has them: one character for each. */
function plainJson(value: unknown): JsonValue {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  if (Array.isArray(value)) return value.map(plainJson)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainJson(inner)]))
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

async function protobufForms(framing: Framing): Promise<(schema: RegisteredSchema) => JsonForm> {
  const [{ fromBinary, toJson }, { protoFile, protoParser }, { messageAt }, { readPlace }] = await Promise.all([
    import('@bufbuild/protobuf'),
    import('../../lib/registry/proto-text.ts'),
    import('../../lib/registry/proto-messages.ts'),
    import('../../lib/registry/message-place.ts'),
  ])
  const parser = await protoParser()
  return (schema) => {
    const file = protoFile(parser, schema)
    return (bytes, start) => {
      const place = readPlace(framing, bytes, start)
      const message = place && messageAt(file, framing, place)
      if (message === undefined) throw new Error('the schema has no message at the place that the value names')
      return toJson(message, fromBinary(message, bytes.subarray(place?.start ?? start)))
    }
  }
}

async function jsonForms(): Promise<(schema: RegisteredSchema) => JsonForm> {
  const { loadValidators } = await import('../../lib/registry/json-validators.ts')
  const validators = await loadValidators()
  return (schema) => {
    const problemOf = validators.compile(schema)
    return (bytes, start) => {
      const value: JsonValue = JSON.parse(bytes.toString('utf8', start))
      const problem = problemOf(value)
      if (problem !== undefined) throw new Error(problem)
      return value
    }
  }
}
