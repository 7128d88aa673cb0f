// The rules between the fields of an event source mapping: what AWS refuses though each field alone is in its range, and what
// is not reproduced here. AWS's words where they are known.

import { registryProblem, type SchemaRegistryConfig } from '../registry/schema-registry-config.ts'
import * as limits from './limits.ts'
import type { MappingResource } from './mapping-resource.ts'

/** `{}` turns provisioned mode off (developer guide, "Scaling modes"). */
export const isProvisioned = ({ ProvisionedPollerConfig: config }: MappingResource): boolean =>
  config !== undefined && Object.values(config).some((value) => value !== undefined)

/**
 * @returns what AWS would refuse, or undefined
 * @example brokenRule(mapping, Date.now()) // 'MinimumPollers 9 is more than MaximumPollers 2.'
 */
export function brokenRule(mapping: MappingResource, nowMs: number): string | undefined {
  const timestamp = mapping.StartingPositionTimestamp
  if (mapping.StartingPosition === 'AT_TIMESTAMP') {
    if (timestamp === undefined) return 'AT_TIMESTAMP needs StartingPositionTimestamp, in Unix seconds.'
    if (timestamp * 1000 > nowMs)
      return 'StartingPositionTimestamp is in the future; it is in Unix seconds, not milliseconds.'
  } else if (timestamp !== undefined)
    return `StartingPositionTimestamp goes with AT_TIMESTAMP, not with ${mapping.StartingPosition}.`

  const managed = mapping.EventSourceArn !== undefined
  if (managed === (mapping.SelfManagedEventSource !== undefined))
    return 'a Kafka mapping has EventSourceArn (Amazon MSK) or SelfManagedEventSource, and not both.'
  if (managed && mapping.SelfManagedKafkaEventSourceConfig !== undefined)
    return 'SelfManagedKafkaEventSourceConfig goes with SelfManagedEventSource; for MSK it is AmazonManagedKafkaEventSourceConfig.'
  if (!managed && mapping.AmazonManagedKafkaEventSourceConfig !== undefined)
    return 'AmazonManagedKafkaEventSourceConfig goes with EventSourceArn; for self-managed Kafka it is SelfManagedKafkaEventSourceConfig.'

  const { MinimumPollers: min, MaximumPollers: max } = mapping.ProvisionedPollerConfig ?? {}
  if (min !== undefined && max !== undefined && min > max)
    return `MinimumPollers ${min} is more than MaximumPollers ${max}.`

  const destination = mapping.DestinationConfig?.OnFailure?.Destination
  if (typeof destination === 'string') {
    const { maxLength, pattern } = limits.destination
    if (destination.length > maxLength || !(pattern.test(destination) || destination.startsWith('file:')))
      return `Value '${destination}' at 'destinationConfig.onFailure.destination' failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern.source}`
    if (destination === `kafka://${mapping.Topics[0]}`)
      return `the on-failure topic ${destination} is the source topic itself; AWS wants another one.`
  }
  return isProvisioned(mapping) ? registryProblem(registryOf(mapping)) : provisionedOnly(mapping, destination)
}

/** DG kafka-retry-configurations, kafka-on-failure-destination, esm-logging: "Provisioned mode required". */
function provisionedOnly(mapping: MappingResource, destination: unknown): string | undefined {
  const set = [
    ['maximumRetryAttempts', mapping.MaximumRetryAttempts !== limits.retryAttempts.infinite],
    ['maximumRecordAgeInSeconds', mapping.MaximumRecordAgeInSeconds !== limits.recordAge.infinite],
    ['bisectBatchOnFunctionError', mapping.BisectBatchOnFunctionError],
    ['functionResponseTypes', mapping.FunctionResponseTypes.length > 0],
    ['destinationConfig', typeof destination === 'string' && destination.startsWith('kafka:')],
    ['schemaRegistryConfig', registryOf(mapping) !== undefined],
  ] as const
  const first = set.find(([, isSet]) => isSet)
  return first === undefined
    ? undefined
    : `Unsupported '${first[0]}' parameter for given event source mapping type. For Kafka it needs provisioned pollers: ` +
        'set ProvisionedPollerConfig (provisionedPollerConfig in the event).'
}

export const registryOf = (mapping: MappingResource): SchemaRegistryConfig | undefined =>
  mapping.AmazonManagedKafkaEventSourceConfig?.SchemaRegistryConfig ??
  mapping.SelfManagedKafkaEventSourceConfig?.SchemaRegistryConfig

/** @returns what AWS does and the local mapping does not, or undefined */
export function unsupportedFeature(mapping: MappingResource): string | undefined {
  if (mapping.SelfManagedKafkaEventSourceConfig?.ConsumptionMode === 'Queue')
    return 'ConsumptionMode: Queue reads by share groups (Kafka 4.2), which the local mapping does not; take Stream to run.'
  return undefined
}
