// The schema registry that a function's codec asks, from the variables that its deployment sets. On a laptop only this machine is asked,
// and hosts that were allowed by name.

import { Password, readSecret } from '../kafka/secret.ts'
import { confluentRegistry } from '../registry/confluent-registry.ts'
import { glueRegistry } from '../registry/glue-registry.ts'
import type { SubjectRegistry } from '../registry/schema-registry.ts'
import { type Environment, isOnLambda, RegistryVariables, readVariables } from './variables.ts'

/**
 * SCHEMA_REGISTRY_URL, and the secret of SCHEMA_REGISTRY_CREDENTIALS, which is read before the first question and after a refusal.
 *
 * @param environment `process.env`
 * @throws MicrobatchError CONFIG_INVALID naming each variable that is wrong or missing, and on a laptop for a registry elsewhere
 * @example const trades = avro(Trade, { registry: registryFromEnvironment(process.env) })
 */
export function registryFromEnvironment(environment: Environment): SubjectRegistry {
  const variables = readVariables(
    RegistryVariables,
    environment,
    'serverless.yml sets SCHEMA_REGISTRY_URL for a function whose codec asks a registry.',
  )
  const allowedHosts = isOnLambda(variables) ? undefined : variables.ALLOW_REMOTE
  const { SCHEMA_REGISTRY_URL: url, SCHEMA_REGISTRY_CREDENTIALS: secret } = variables
  if (url === 'glue') return glueRegistry({ ...environment, allowedHosts })
  return confluentRegistry({
    url,
    ...(allowedHosts === undefined ? {} : { allowedHosts }),
    ...(secret === undefined
      ? {}
      : { credentials: () => readSecret(secret, Password, { ...environment, allowedHosts }) }),
  })
}
