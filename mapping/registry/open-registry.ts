// The registry of a mapping, as it is reached from here: the one that its settings name where that is on this machine or allowed by
// name, or another one in its place. Secrets that AccessConfigs name cannot be read from here: credentials stand in the URL.

import { confluentRegistry } from '../../lib/registry/confluent-registry.ts'
import { glueRegistry } from '../../lib/registry/glue-registry.ts'
import type { SchemaRegistry } from '../../lib/registry/schema-registry.ts'
import { LocalError } from '../error.ts'
import { type AllowedHosts, assertAllowedHost } from '../safety.ts'
import type { SchemaRegistrySettings } from './schema-registry-config.ts'

export interface RegistryOptions {
  /** KAFKA_MAPPING_SCHEMA_REGISTRY: in place of what the settings name. */
  readonly url: string | undefined
  /** A Glue API on this machine, where there is one. */
  readonly glueEndpoint: string | undefined
  readonly allowed: AllowedHosts
  readonly region: string
}

/**
 * @param where the mapping, for messages
 * @throws LocalError SETTINGS_UNSUPPORTED for a registry that only AWS, or CloudFormation, knows; REMOTE_REFUSED for another machine
 * @example openRegistry(settings, 'functions.bars', options).framing // 'confluent'
 */
export function openRegistry(
  { uri, isGlue }: SchemaRegistrySettings,
  where: string,
  { url, glueEndpoint, allowed, region }: RegistryOptions,
): SchemaRegistry {
  if (url === undefined && isGlue && glueEndpoint !== undefined) {
    return glueRegistry({
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL: glueEndpoint,
    })
  }
  const address = url ?? (isGlue ? undefined : uri)
  if (address === undefined) {
    const what = isGlue ? `${uri} is on AWS` : 'the registry is a reference into CloudFormation'
    throw new LocalError(
      'SETTINGS_UNSUPPORTED',
      `${where}: SchemaRegistryURI: ${what}; say what stands for it here: KAFKA_MAPPING_SCHEMA_REGISTRY=http://localhost:8081` +
        (isGlue ? ', or AWS_ENDPOINT_URL_GLUE for a Glue API of this machine.' : '.'),
    )
  }
  assertAllowedHost(new URL(address).hostname, 'the schema registry', allowed)
  return confluentRegistry({ url: address })
}
