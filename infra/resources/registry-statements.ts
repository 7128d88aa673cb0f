// What the role of a query may do for its schema registry: the codec of the function and the mapping ask by the same role.

import type { Parameters } from '../parameters/parameters.ts'
import type { Query } from '../queries.ts'
import { codecAsks, mappingAsks, type Registry } from '../registry.ts'
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
  const byCodec = codecAsks(query)
  const byMapping = mappingAsks(query) && parameters.kafka !== 'none'
  if (registry === undefined || parameters.kafka === 'local' || !(byCodec || byMapping)) return []
  if ('glue' in registry) {
    return [
      ...(byMapping ? [allow('SeeRegistry', ['glue:GetRegistry'], [registry.glue])] : []),
      allow('ReadSchemas', ['glue:GetSchemaVersion'], ['*']),
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
