// The schema registry of a service, declared once (`custom.microbatch.registry`), and what follows for a query that says who asks it: the
// variables of its function, and the SchemaRegistryConfig of its mapping. What its role may do is in resources/registry-statements.ts.

import * as z from 'zod'
import type { Parameters } from './parameters/parameters.ts'
import type { Query } from './queries.ts'
import { Refusal } from './refusal.ts'
import { sinkTopics } from './sinks/sink.ts'

const secretArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+$/, 'expected the ARN of a secret')

/** One of Confluent's kind at a URL, or one of AWS Glue by its ARN. */
export const RegistrySettings = z.union(
  [
    z.strictObject({
      url: z.url({ protocol: /^https?$/, error: 'expected a URL' }),
      /** `username` and `password`. */
      credentials: secretArn.optional(),
    }),
    z.strictObject({
      glue: z
        .string()
        .regex(/^arn:aws[a-z-]*:glue:[a-z0-9-]+:\d{12}:registry\/.+$/, 'expected the ARN of a Glue registry'),
    }),
  ],
  'expected { url, credentials } of a registry, or { glue } with the ARN of one of AWS Glue',
)

export type Registry = z.infer<typeof RegistrySettings>

/** The codec of a query in source format asks, too, since the mapping has only taken the header away; and a sink that writes by schemas. */
export const codeAsks = ({ registry, sinks }: Pick<Query, 'registry' | 'sinks'>): boolean =>
  registry === 'codec' || registry === 'source' || sinkTopics({ sinks }).some(({ schemas }) => schemas !== undefined)

export const mappingAsks = ({ registry }: Pick<Query, 'registry'>): boolean =>
  registry === 'json' || registry === 'source'

/** What `microbatch start` runs a registry at. */
const standardUrl = 'http://localhost:8081'

/** @returns on a laptop the registry of that machine, whose header is Confluent's whatever is deployed */
const urlOf = (registry: Registry, { kafka }: Parameters, localUrl: string): string =>
  kafka === 'local' ? localUrl || standardUrl : 'url' in registry ? registry.url : 'glue'

/** @param localUrl SCHEMA_REGISTRY_URL of a laptop's shell, or '' */
export function registryVariables(
  registry: Registry | undefined,
  parameters: Parameters,
  query: Query,
  localUrl: string,
): Readonly<Record<string, string | null>> {
  if (registry === undefined || !codeAsks(query)) return {}
  const secret = 'credentials' in registry ? registry.credentials : undefined
  return {
    SCHEMA_REGISTRY_URL: urlOf(registry, parameters, localUrl),
    SCHEMA_REGISTRY_CREDENTIALS: parameters.kafka === 'local' ? null : (secret ?? null),
  }
}

/**
 * A property of the mapping, in place of what the framework makes of it. API KafkaSchemaRegistryConfig: Glue is asked by the role,
 * another one by a secret.
 */
export function registryProperty(
  registry: Registry | undefined,
  parameters: Parameters,
  query: Query,
  localUrl: string,
): object {
  if (registry === undefined || !mappingAsks(query)) return {}
  const isLocal = parameters.kafka === 'local'
  const secret = 'credentials' in registry && !isLocal ? registry.credentials : undefined
  const uri = isLocal ? urlOf(registry, parameters, localUrl) : 'url' in registry ? registry.url : registry.glue
  const config = {
    ConsumerGroupId: query.consumerGroupId,
    SchemaRegistryConfig: {
      SchemaRegistryURI: uri,
      EventRecordFormat: query.registry === 'json' ? 'JSON' : 'SOURCE',
      SchemaValidationConfigs: [{ Attribute: 'VALUE' }],
      ...(secret === undefined ? {} : { AccessConfigs: [{ Type: 'BASIC_AUTH', URI: secret }] }),
    },
  }
  const isMsk = parameters.kafka === 'msk' || parameters.kafka === 'msk-new'
  return isMsk ? { AmazonManagedKafkaEventSourceConfig: config } : { SelfManagedKafkaEventSourceConfig: config }
}

/** @throws Refusal for a query that names a registry where there is none, or one that its mapping could not ask */
export function refuseRegistry(
  registry: Registry | undefined,
  { minPollers, maxPollers }: Parameters,
  queries: readonly Query[],
): void {
  for (const query of queries) {
    const { name, registry: use } = query
    if (!codeAsks(query) && !mappingAsks(query)) continue
    if (registry === undefined) {
      const where = 'custom.microbatch.registry: { url, credentials } or { glue }'
      const asks = use === undefined ? 'a sink has schemas' : `registry: ${use}`
      throw new Refusal(`functions.${name}: ${asks}, and the service has no registry. Declare it: ${where}.`)
    }
    // Developer guide, "Using schema registries with Kafka event sources": in provisioned mode only.
    if (mappingAsks(query) && (!minPollers || !maxPollers)) {
      throw new Refusal(
        `functions.${name}: registry: ${use} needs provisioned pollers: set minPollers and maxPollers. registry: codec needs none.`,
      )
    }
  }
}
