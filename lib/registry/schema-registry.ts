// The ports to a registry. Who reads has one question, by the id that a record carries: codecs and the local mapping ask it. Who writes asks
// by subject, and may register. A registry decides nothing about records.

import { randomUUID } from 'node:crypto'

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

/** A schema to look for, or to register; it names no other. */
export type GivenSchema = Pick<RegisteredSchema, 'format' | 'schema'>

export interface SubjectVersion {
  readonly id: string
  readonly schema: RegisteredSchema
}

/** A registry that keeps the versions of a schema under a name: a subject of Confluent's, a schema of Glue's. */
export interface SubjectRegistry extends SchemaRegistry {
  /**
   * @returns null where there is no such subject, or no version of it
   * @throws where there was no answer
   */
  latest(subject: string): Promise<SubjectVersion | null>
  /**
   * @returns the id of the schema, null where the subject has no version of it
   * @throws where there was no answer
   */
  find(subject: string, given: GivenSchema): Promise<string | null>
  /**
   * Registers a schema that the subject does not have yet; makes the subject where it is not there.
   * @returns its id
   * @throws where there was no answer, or the schema is refused: it is invalid, or incompatible with the versions before it
   */
  register(subject: string, given: GivenSchema): Promise<string>
}

/**
 * A registry of schemas in memory, for tests.
 * @example memoryRegistry({ 7: { format: 'AVRO', schema: JSON.stringify(tradeSchema) } })
 */
export function memoryRegistry(
  schemas: Readonly<Record<string, Omit<RegisteredSchema, 'references'> & Partial<RegisteredSchema>>>,
  framing: Framing = 'confluent',
): SubjectRegistry {
  const known = new Map(Object.entries(schemas).map(([id, schema]) => [id, { references: [], ...schema }]))
  const subjects = new Map<string, string[]>()
  const same = (id: string, { format, schema }: GivenSchema): boolean =>
    known.get(id)?.format === format && known.get(id)?.schema === schema
  const find = async (subject: string, given: GivenSchema): Promise<string | null> =>
    subjects.get(subject)?.find((id) => same(id, given)) ?? null
  return {
    framing,
    description: 'a registry in memory',
    schema: async (id) => known.get(id) ?? null,
    async latest(subject) {
      const id = subjects.get(subject)?.at(-1)
      const schema = known.get(id ?? '')
      return id === undefined || schema === undefined ? null : { id, schema }
    },
    find,
    async register(subject, given) {
      const found = await find(subject, given)
      if (found !== null) return found
      const id = framing === 'glue' ? randomUUID() : String(known.size + 1)
      known.set(id, { ...given, references: [] })
      subjects.set(subject, [...(subjects.get(subject) ?? []), id])
      return id
    },
  }
}
