// A mapping's SchemaRegistryConfig: which registry, which attributes of a record are held to their schemas, and in which form the
// function gets them (developer guide, "Using schema registries with Kafka event sources").

import { z } from 'zod'

export type RegisteredAttribute = 'KEY' | 'VALUE'

export interface SchemaRegistrySettings {
  /** The URL of a registry of Confluent's kind, or the ARN of one of Glue's; undefined for what only CloudFormation knows. */
  readonly uri: string | undefined
  readonly isGlue: boolean
  /** JSON text, or the bytes as they were written without the header. */
  readonly format: 'JSON' | 'SOURCE'
  readonly attributes: ReadonlySet<RegisteredAttribute>
}

/** API KafkaSchemaRegistryConfig; CloudFormation: at most two access configurations, which name secrets. */
export const schemaRegistryConfig = z.strictObject({
  SchemaRegistryURI: z.union([z.string().min(1).max(10_000), z.looseObject({})]).optional(),
  EventRecordFormat: z.enum(['JSON', 'SOURCE']).optional(),
  AccessConfigs: z
    .array(
      z.strictObject({
        Type: z.enum(['BASIC_AUTH', 'CLIENT_CERTIFICATE_TLS_AUTH', 'SERVER_ROOT_CA_CERTIFICATE']).optional(),
        URI: z.unknown().optional(),
      }),
    )
    .max(2)
    .optional(),
  SchemaValidationConfigs: z.array(z.strictObject({ Attribute: z.enum(['KEY', 'VALUE']) })).optional(),
})

export type SchemaRegistryConfig = z.output<typeof schemaRegistryConfig>

/** @returns what is missing; an empty configuration is one that was taken away */
export function registryProblem(config: SchemaRegistryConfig | undefined): string | undefined {
  if (config === undefined || isEmpty(config)) return undefined
  const { SchemaRegistryURI: uri, EventRecordFormat: format, SchemaValidationConfigs: attributes = [] } = config
  if (uri === undefined)
    return 'SchemaRegistryConfig needs SchemaRegistryURI: the URL of a registry, or the ARN of one of Glue.'
  if (format === undefined) return 'SchemaRegistryConfig needs EventRecordFormat: JSON or SOURCE.'
  if (attributes.length === 0)
    return 'SchemaRegistryConfig needs SchemaValidationConfigs: Attribute KEY, VALUE or both.'
  if (typeof uri === 'string' && !glueArn.test(uri) && !/^https?:\/\//.test(uri))
    return `SchemaRegistryURI ${uri} is neither a URL nor the ARN of a Glue registry.`
  return undefined
}

const glueArn = /^arn:aws[a-z-]*:glue:[a-z0-9-]+:\d{12}:registry\/.+/

const isEmpty = (config: SchemaRegistryConfig): boolean => Object.values(config).every((value) => value === undefined)

/** @param config one without a problem */
export function registrySettings(config: SchemaRegistryConfig | undefined): SchemaRegistrySettings | undefined {
  if (config === undefined || isEmpty(config)) return undefined
  const {
    SchemaRegistryURI: uri,
    EventRecordFormat: format = 'JSON',
    SchemaValidationConfigs: attributes = [],
  } = config
  return {
    uri: typeof uri === 'string' ? uri : undefined,
    isGlue: typeof uri === 'string' && glueArn.test(uri),
    format,
    attributes: new Set(attributes.map(({ Attribute }) => Attribute)),
  }
}
