// AWS Glue Schema Registry: a schema version by its UUID, and the versions of a schema by its name, with the credentials that Lambda gives
// the function. Reading needs glue:GetSchemaVersion; looking a schema up glue:GetSchemaByDefinition, registering glue:RegisterSchemaVersion
// and, for a name that is new, glue:CreateSchema.

import { setTimeout as sleep } from 'node:timers/promises'
import { type AwsEnvironment, awsJsonRequest, isAwsError } from '../kafka/aws-request.ts'
import type { RegisteredSchema, SchemaFormat, SubjectRegistry } from './schema-registry.ts'

export interface GlueRegistryOptions {
  /** The registry that subjects are looked for in; a version is found by its UUID in any. @default 'default-registry' */
  readonly registryName?: string
}

/** A new version is checked against those before it: so often it is asked for, as AWS's own serializers do. */
const maxChecks = 10
const checkMs = 500

/**
 * @param environment `process.env`: region and credentials as Lambda sets them; AWS_ENDPOINT_URL_GLUE, else AWS_ENDPOINT_URL, in
 *   place of AWS's own endpoint
 * @example avro(Trade, { registry: glueRegistry(process.env) })
 */
export function glueRegistry(
  environment: AwsEnvironment & { readonly AWS_ENDPOINT_URL_GLUE?: string | undefined },
  { registryName = 'default-registry' }: GlueRegistryOptions = {},
): SubjectRegistry {
  const { AWS_ENDPOINT_URL_GLUE = environment.AWS_ENDPOINT_URL } = environment
  const call = { ...environment, AWS_ENDPOINT_URL: AWS_ENDPOINT_URL_GLUE }
  /** @returns null for what is not there */
  async function ask(operation: string, input: object, absent = ['EntityNotFoundException']): Promise<Answer | null> {
    try {
      return Object(await awsJsonRequest('glue', `AWSGlue.${operation}`, input, call))
    } catch (error) {
      if (absent.some((type) => isAwsError(error, type))) return null
      throw error
    }
  }

  /** @throws Error where the version is not compatible with those before it */
  async function checked({ SchemaVersionId: id, Status: first, SchemaVersionStatus }: Answer): Promise<string> {
    let status = first ?? SchemaVersionStatus
    for (let checks = 0; status === 'PENDING' && checks < maxChecks; checks += 1) {
      await sleep(checkMs)
      status = (await ask('GetSchemaVersion', { SchemaVersionId: id }))?.Status
    }
    if (typeof id === 'string' && status === 'AVAILABLE') return id
    const why = status === 'PENDING' ? 'it is still checking it' : 'it is not compatible with the versions before it'
    throw new Error(`AWS Glue refuses the schema: ${why} (${String(status)})`)
  }

  const idOf = (subject: string) => ({ RegistryName: registryName, SchemaName: subject })
  return {
    framing: 'glue',
    description: `AWS Glue in ${environment.AWS_REGION ?? 'no region'}`,
    async schema(id) {
      // The id is out of a record: one that Glue finds malformed is none.
      const absent = ['EntityNotFoundException', 'InvalidInputException']
      const answer = await ask('GetSchemaVersion', { SchemaVersionId: id }, absent)
      return answer === null ? null : schemaIn(id, answer)
    },
    async latest(subject) {
      const asked = { SchemaId: idOf(subject), SchemaVersionNumber: { LatestVersion: true } }
      const answer = await ask('GetSchemaVersion', asked)
      const schema = answer === null ? null : schemaIn(subject, answer)
      return schema === null ? null : { id: String(answer?.SchemaVersionId), schema }
    },
    async find(subject, { schema }) {
      const answer = await ask('GetSchemaByDefinition', { SchemaId: idOf(subject), SchemaDefinition: schema })
      return answer === null ? null : checked(answer)
    },
    async register(subject, { format, schema }) {
      const version = await ask('RegisterSchemaVersion', { SchemaId: idOf(subject), SchemaDefinition: schema })
      if (version !== null) return checked(version)
      const created = await ask('CreateSchema', {
        RegistryId: { RegistryName: registryName },
        ...{ SchemaName: subject, DataFormat: format, Compatibility: 'BACKWARD', SchemaDefinition: schema },
      })
      if (created === null) throw new Error(`AWS Glue has no registry ${registryName}`)
      return checked(created)
    },
  }
}

type Answer = Readonly<Record<string, unknown>>

function schemaIn(
  name: string,
  { SchemaDefinition: schema, DataFormat: format, Status }: Answer,
): RegisteredSchema | null {
  // A version that was just registered is PENDING until its compatibility was checked; its text is final, and so readable.
  if (Status === 'FAILURE' || Status === 'DELETING') return null
  if (typeof schema === 'string' && isFormat(format)) return { format, schema, references: [] }
  throw new Error(`AWS Glue answered for ${name} with the format ${String(format)}; known are AVRO, PROTOBUF, JSON`)
}

const isFormat = (format: unknown): format is SchemaFormat =>
  format === 'AVRO' || format === 'PROTOBUF' || format === 'JSON'
