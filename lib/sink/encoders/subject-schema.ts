// Which schema of a registry rows are written with: the latest of a subject, one that is given and must be there, or one that is registered
// now. By the rules of Confluent's serializers (use.latest.version, auto.register.schemas), and of Glue's.

import type { GivenSchema, SubjectRegistry, SubjectVersion } from '../../registry/schema-registry.ts'
import type { EncodedPart } from '../rows/row-encoder.ts'

export interface SubjectOptions {
  readonly registry: SubjectRegistry
  /**
   * The name that the registry has for the versions of the schema.
   * @default Confluent's for the topic, `TOPIC-value` and `TOPIC-key`; for Glue `TOPIC` and `TOPIC-key`
   */
  readonly subject?: string
  /**
   * True: a schema that the subject does not have is registered at the first batch, before its rows are written. False: it must be there.
   * @default false
   */
  readonly register?: boolean
}

/** @throws Error for a registry without a topic to name the subject by */
export function subjectOf({ subject, registry }: SubjectOptions, of: EncodedPart | undefined): string {
  if (subject !== undefined) return subject
  if (of === undefined) throw new Error('no subject was given, and there is no topic to name it by')
  if (registry.framing === 'glue' && of.part === 'value') return of.topic
  return `${of.topic}-${of.part}`
}

/**
 * @param given the schema to write with; undefined for the latest that there is
 * @throws Error where the registry gave no answer, has no such schema, or refuses it
 */
export async function subjectSchema(
  { registry, register = false }: SubjectOptions,
  subject: string,
  given: GivenSchema | undefined,
): Promise<SubjectVersion> {
  if (given === undefined) {
    const latest = await registry.latest(subject)
    if (latest === null) throw new Error(`${registry.description} has no schema under ${subject}. ${remedy}`)
    return latest
  }
  const id = register ? await registered(registry, subject, given) : await registry.find(subject, given)
  if (id === null) throw new Error(`${registry.description} has no version of ${subject} with this schema. ${remedy}`)
  return { id, schema: { ...given, references: [] } }
}

const remedy = 'Register it before, or let the sink do it with register: true'

async function registered(registry: SubjectRegistry, subject: string, given: GivenSchema): Promise<string> {
  try {
    return await registry.register(subject, given)
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${registry.description}, ${subject}: ${said}`, { cause })
  }
}
