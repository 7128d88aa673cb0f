// All Kafka mappings of a service in one normal form: events, extensions and plain resources alike, checked as AWS checks
// them. What AWS offers and this mapping does not reproduce is refused by name, never ignored.

import { inPlace, LocalError } from '../error.ts'
import { registrySettings, type SchemaRegistrySettings } from '../registry/schema-registry-config.ts'
import { serversOf } from './bootstrap-servers.ts'
import { generatedGroupIds, refuseSharedGroups } from './consumer-group-id.ts'
import * as limits from './limits.ts'
import { type FoundResource, refuseSharedLogicalIds, resourceOfEvent } from './mapping-events.ts'
import type { MappingResource } from './mapping-resource.ts'
import { isProvisioned, registryOf } from './mapping-rules.ts'
import { type OnFailure, onFailureOf } from './on-failure.ts'
import { readResource } from './read-resource.ts'
import { arnOf, withStackResources } from './stack/stack-resources.ts'

export type StartingPosition =
  | { readonly kind: 'TRIM_HORIZON' }
  | { readonly kind: 'LATEST' }
  | { readonly kind: 'AT_TIMESTAMP'; readonly timestampMs: number }

export interface MappingSettings {
  readonly functionKey: string
  readonly source: 'msk' | 'kafka'
  readonly topic: string
  readonly batchSize: number
  readonly windowMs: number
  readonly startingPosition: StartingPosition
  readonly enabled: boolean
  readonly consumerGroupId: string
  /** The brokers of a self-managed source, where they are literal; an MSK source names a cluster instead. */
  readonly bootstrapServers: readonly string[]
  /** The cluster of an MSK source, as text; a reference into CloudFormation becomes a stand-in. */
  readonly clusterArn: string | undefined
  /** JSON of EventBridge patterns, of which a record must match one; none lets everything through. */
  readonly filterPatterns: readonly string[]
  /** Invocations of the function at once, over all its mappings; undefined where it names none. */
  readonly reservedConcurrency: number | undefined
  /** Undefined on demand: then up to as many invocations at once as there are partitions. */
  readonly pollers: { readonly min: number; readonly max: number } | undefined
  /** Tries after the first; Infinity without a limit. */
  readonly maxRetries: number
  /** Infinity without a limit. */
  readonly maxRecordAgeMs: number
  readonly bisects: boolean
  readonly reportsItemFailures: boolean
  readonly onFailure: OnFailure | undefined
  /** How records are held to their schemas; undefined without a registry. */
  readonly schemaRegistry: SchemaRegistrySettings | undefined
}

export interface FunctionDefinition {
  readonly name?: string
  readonly events?: readonly unknown[] | undefined
  /** Seconds; text where a variable gave it. */
  readonly timeout?: unknown
  /** Invocations at once; text where a variable gave it. */
  readonly reservedConcurrency?: unknown
}

/** Where the events come from: `serverless.service`, its stage and region. */
export interface ServiceDefinition {
  readonly service: string
  readonly stage: string
  readonly region: string
  readonly functions: Readonly<Record<string, FunctionDefinition | undefined>>
  /** The timeout of functions that name none of their own, in seconds. */
  readonly timeout?: unknown
  /** `serverless.service.resources`: mappings, and extensions of mappings, are looked for in it. */
  readonly resources?: unknown
}

/**
 * All mappings of a service, disabled ones included: those of events in the order of serverless.yml, then plain resources.
 *
 * @param nowMs to refuse a starting timestamp in the future, as AWS does
 * @throws LocalError SETTINGS_INVALID or SETTINGS_UNSUPPORTED naming function, event and setting
 * @example readSettings({ service: 'demo', stage: 'dev', region: 'eu-west-1', functions }, Date.now())
 */
export function readSettings(definition: ServiceDefinition, nowMs: number): readonly MappingSettings[] {
  const functions = Object.entries(definition.functions)
  const fromEvents = functions.flatMap(([key, value]) =>
    (value?.events ?? []).flatMap((event, index) => resourceOfEvent(key, event, index) ?? []),
  )
  const named = functions.map(([key, value]) => ({ key, name: functionNameOf(definition, key, value?.name) }))
  const groupId = generatedGroupIds(definition)
  refuseSharedLogicalIds(fromEvents)
  const found = withStackResources(fromEvents, definition.resources, named)
  const mappings = found.map((resource) => settingsOf(definition, resource, groupId, nowMs))
  refuseSharedGroups(
    mappings.map(({ consumerGroupId }, index) => ({ consumerGroupId, where: found[index]?.where ?? '' })),
  )
  for (const { functionKey } of mappings) refuseLongFunction(definition, functionKey)
  return mappings
}

/** The name that serverless gives a function on AWS, and serverless-offline at its endpoint. */
export const functionNameOf = (
  { service, stage }: Pick<ServiceDefinition, 'service' | 'stage'>,
  functionKey: string,
  name: string | undefined,
): string => name ?? `${service}-${stage}-${functionKey}`

function settingsOf(
  definition: ServiceDefinition,
  found: FoundResource,
  groupIdOf: (functionKey: string, topic: string) => string,
  nowMs: number,
): MappingSettings {
  const { functionKey, where } = found
  const resource = readResource(found.properties, where, nowMs)
  const [topic = ''] = resource.Topics
  const consumer = resource.AmazonManagedKafkaEventSourceConfig ?? resource.SelfManagedKafkaEventSourceConfig
  const destination = resource.DestinationConfig?.OnFailure?.Destination
  const onFailure = inPlace(where, () =>
    onFailureOf(destination && arnOf(destination, definition.resources, definition.region)),
  )
  const windowSeconds = resource.MaximumBatchingWindowInSeconds
  return {
    functionKey,
    source: resource.EventSourceArn === undefined ? 'kafka' : 'msk',
    topic,
    batchSize: resource.BatchSize,
    windowMs: windowSeconds === undefined ? limits.batchingWindow.defaultMs : windowSeconds * 1000,
    startingPosition:
      resource.StartingPosition === 'AT_TIMESTAMP'
        ? { kind: 'AT_TIMESTAMP', timestampMs: (resource.StartingPositionTimestamp ?? 0) * 1000 }
        : { kind: resource.StartingPosition },
    enabled: resource.Enabled,
    consumerGroupId: consumer?.ConsumerGroupId ?? groupIdOf(functionKey, topic),
    bootstrapServers: serversOf(resource.SelfManagedEventSource?.Endpoints.KafkaBootstrapServers, where),
    clusterArn:
      resource.EventSourceArn === undefined ? undefined : clusterArn(resource.EventSourceArn, definition.region),
    filterPatterns: (resource.FilterCriteria?.Filters ?? []).map(({ Pattern }) => Pattern),
    reservedConcurrency: reservedConcurrencyOf(definition, functionKey),
    pollers: pollersOf(resource),
    maxRetries: maxRetriesOf(resource.MaximumRetryAttempts, onFailure),
    maxRecordAgeMs:
      resource.MaximumRecordAgeInSeconds === limits.recordAge.infinite
        ? Number.POSITIVE_INFINITY
        : resource.MaximumRecordAgeInSeconds * 1000,
    bisects: resource.BisectBatchOnFunctionError,
    reportsItemFailures: resource.FunctionResponseTypes.length > 0,
    onFailure,
    schemaRegistry: registrySettings(registryOf(resource)),
  }
}

/** "If infinite retries and an on-failure destination are set, Lambda retries at most 10 times" (kafka-retry-configurations). */
function maxRetriesOf(attempts: number, onFailure: OnFailure | undefined): number {
  if (attempts !== limits.retryAttempts.infinite) return attempts
  return onFailure === undefined ? Number.POSITIVE_INFINITY : limits.retryAttempts.withDestination
}

/** A value that is no count, such as a reference into CloudFormation, has no value here. */
function reservedConcurrencyOf({ functions }: ServiceDefinition, functionKey: string): number | undefined {
  const given = functions[functionKey]?.reservedConcurrency
  return given !== undefined && /^\d+$/.test(String(given)) ? Number(given) : undefined
}

function pollersOf(resource: MappingResource): MappingSettings['pollers'] {
  if (!isProvisioned(resource)) return undefined
  const { MinimumPollers, MaximumPollers } = resource.ProvisionedPollerConfig ?? {}
  const min = MinimumPollers ?? limits.pollers.min.default
  return { min, max: Math.max(min, MaximumPollers ?? limits.pollers.max.default) }
}

const clusterArn = (arn: unknown, region: string): string =>
  typeof arn === 'string' ? arn : `arn:aws:kafka:${region}:000000000000:cluster/${referencedName(arn)}/local`

/** `{ Ref: Cluster }`, `{ 'Fn::GetAtt': [Cluster, Arn] }`, `{ 'Fn::ImportValue': … }` -> the first name in it. */
function referencedName(reference: unknown): string {
  const text = JSON.stringify(reference).match(/:\s*\[?\s*"([A-Za-z0-9-]+)/)
  return text?.[1] ?? 'cluster'
}

/** DG with-msk-configure: a function that Kafka feeds runs 14 minutes at most, where others may run 15. */
function refuseLongFunction({ functions, timeout }: ServiceDefinition, functionKey: string): void {
  const seconds = Number(functions[functionKey]?.timeout ?? timeout)
  if (seconds > limits.maxFunctionTimeoutSeconds)
    throw new LocalError(
      'SETTINGS_INVALID',
      `function ${functionKey} has a timeout of ${seconds} s; for a Kafka mapping Lambda supports ` +
        `${limits.maxFunctionTimeoutSeconds} s (14 minutes) at most.`,
    )
}
