// AWS Glue Schema Registry: a schema version by its UUID, with the credentials that Lambda gives the function. The role needs
// glue:GetSchemaVersion.

import { type AwsEnvironment, awsJsonRequest, isAwsError } from '../kafka/aws-request.ts'
import type { RegisteredSchema, SchemaRegistry } from './schema-registry.ts'

/**
 * @param environment `process.env`: region and credentials as Lambda sets them; AWS_ENDPOINT_URL_GLUE, else AWS_ENDPOINT_URL, in
 *   place of AWS's own endpoint
 * @example avro(Trade, { registry: glueRegistry(process.env) })
 */
export function glueRegistry(
  environment: AwsEnvironment & { readonly AWS_ENDPOINT_URL_GLUE?: string | undefined },
): SchemaRegistry {
  const { AWS_ENDPOINT_URL_GLUE = environment.AWS_ENDPOINT_URL } = environment
  const call = { ...environment, AWS_ENDPOINT_URL: AWS_ENDPOINT_URL_GLUE }
  return {
    framing: 'glue',
    description: `AWS Glue in ${environment.AWS_REGION ?? 'no region'}`,
    async schema(id): Promise<RegisteredSchema | null> {
      let answer: unknown
      try {
        answer = await awsJsonRequest('glue', 'AWSGlue.GetSchemaVersion', { SchemaVersionId: id }, call)
      } catch (error) {
        if (isAwsError(error, 'EntityNotFoundException') || isAwsError(error, 'InvalidInputException')) return null
        throw error
      }
      const { SchemaDefinition: schema, DataFormat: format, Status: status = 'AVAILABLE' } = Object(answer)
      // A version that was just registered is PENDING until its compatibility was checked; its text is final, and so readable.
      if (status === 'FAILURE' || status === 'DELETING') return null
      if (typeof schema === 'string' && (format === 'AVRO' || format === 'PROTOBUF' || format === 'JSON'))
        return { format, schema, references: [] }
      throw new Error(`AWS Glue answered for ${id} with the format ${String(format)}; known are AVRO, PROTOBUF, JSON`)
    },
  }
}
