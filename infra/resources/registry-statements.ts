// What the role of a query may do for its schema registry: the codec of the function and the mapping ask by the same role.

import type { Parameters } from '../parameters/parameters.ts'
import type { Query } from '../queries.ts'
import { codeAsks, mappingAsks, type Registry } from '../registry.ts'
import { sinkTopics } from '../sinks/sink.ts'
import { allow, type Statement } from './statement.ts'

/**
 * Glue developer guide, "IAM examples for deserializers": a version is asked for by its id, which is no resource. Lambda developer
 * guide, "Using schema registries with Kafka event sources": the mapping looks at the registry, too.
 */
export function askRegistry(
  parameters: Parameters,
  query: Query,
  registry: Registry | undefined,
): readonly Statement[] {
  const byCode = codeAsks(query)
  const byMapping = mappingAsks(query) && parameters.kafka !== 'none'
  if (registry === undefined || parameters.kafka === 'local' || !(byCode || byMapping)) return []
  if ('glue' in registry) {
    return [
      ...(byMapping ? [allow('SeeRegistry', ['glue:GetRegistry'], [registry.glue])] : []),
      allow('ReadSchemas', ['glue:GetSchemaVersion'], ['*']),
      ...writeByGlue(query, registry.glue),
    ]
  }
  const { credentials } = registry
  if (credentials === undefined) return []
  const { secretKey } = parameters
  return [
    allow('ReadRegistrySecret', ['secretsmanager:GetSecretValue'], [credentials]),
    ...(secretKey === null ? [] : [allow('DecryptRegistrySecret', ['kms:Decrypt'], [secretKey])]),
  ]
}

/** A schema is found by its text, and registered by its name. Service authorization reference, "AWS Glue": both resources are asked for. */
function writeByGlue(query: Query, registry: string): readonly Statement[] {
  const asked = new Set(sinkTopics(query).map(({ schemas }) => schemas))
  const resources = [registry, `${registry.replace(':registry/', ':schema/')}/*`]
  return [
    ...(asked.has('find') || asked.has('register')
      ? [allow('FindSchemas', ['glue:GetSchemaByDefinition'], resources)]
      : []),
    ...(asked.has('register')
      ? [allow('RegisterSchemas', ['glue:CreateSchema', 'glue:RegisterSchemaVersion'], resources)]
      : []),
  ]
}
