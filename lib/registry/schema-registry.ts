// The port through which the schema of a record is fetched: one question, by the id that the record carries. Codecs and the local
// mapping ask it; it decides nothing about records.

/** The header that the registry's serializers put before a value. */
export type Framing = 'confluent' | 'glue'

export type SchemaFormat = 'AVRO' | 'PROTOBUF' | 'JSON'

/** Another schema that one names: an Avro type, an imported .proto file, a `$ref`. */
export interface SchemaReference {
  /** The name that the schema has for it. */
  readonly name: string
  readonly schema: string
}

export interface RegisteredSchema {
  readonly format: SchemaFormat
  /** The text as it was registered. */
  readonly schema: string
  /** All that it names, and all that those name: what is named by others comes before them. */
  readonly references: readonly SchemaReference[]
}

export interface SchemaRegistry {
  readonly framing: Framing
  /** For messages: `http://localhost:8081`. Never with credentials. */
  readonly description: string
  /**
   * @param id a number from 1 up as text, or a UUID
   * @returns null where the registry answers that it has no such schema
   * @throws where there was no answer: then nothing is known of the id
   */
  schema(id: string): Promise<RegisteredSchema | null>
}

/**
 * A registry of schemas in memory, for tests.
 * @example memoryRegistry({ 7: { format: 'AVRO', schema: JSON.stringify(tradeSchema) } })
 */
export function memoryRegistry(
  schemas: Readonly<Record<string, Omit<RegisteredSchema, 'references'> & Partial<RegisteredSchema>>>,
  framing: Framing = 'confluent',
): SchemaRegistry {
  const known = new Map(Object.entries(schemas))
  return {
    framing,
    description: 'a registry in memory',
    schema: async (id) => {
      const found = known.get(id)
      return found === undefined ? null : { references: [], ...found }
    },
  }
}
