// Whether a service needs a registry on this machine, and at which port: where a mapping's SchemaRegistryConfig, or the variable
// SCHEMA_REGISTRY_URL of a function, names one at a loopback address.
import { isLoopback } from 'serverless-offline-kafka-mapping/internal/safety'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { readSettings } from 'serverless-offline-kafka-mapping/internal/settings/settings'

/** What of a service says where its registry is. */
export interface RegistryNames {
  /** The URIs of its mappings that are literal. */
  readonly mappings: readonly (string | undefined)[]
  /** The variables SCHEMA_REGISTRY_URL of its functions. */
  readonly functions: readonly (string | undefined)[]
}

/**
 * @returns undefined where none is named on this machine
 * @example neededPort({ mappings: ['http://localhost:8081'], functions: [] }) // 8081
 */
export function neededPort({ mappings, functions }: RegistryNames): number | undefined {
  for (const name of [...functions, ...mappings]) {
    if (name === undefined || !URL.canParse(name)) continue
    const { protocol, hostname, port } = new URL(name)
    if (protocol === 'http:' && isLoopback(hostname)) return Number(port || 80)
  }
  return undefined
}

/** @param environmentOf what a function has been given by serverless.yml */
export const registryNames = (
  definition: PrintedService,
  environmentOf: (key: string) => Readonly<Record<string, string>>,
): RegistryNames => ({
  mappings: readSettings(definition, Date.now()).map(({ schemaRegistry }) => schemaRegistry?.uri),
  functions: Object.keys(definition.functions).map((key) => environmentOf(key).SCHEMA_REGISTRY_URL),
})
