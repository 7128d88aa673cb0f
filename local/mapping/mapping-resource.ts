// One AWS::Lambda::EventSourceMapping resource for Kafka, as CloudFormation has it: every range and cross-rule that AWS
// checks, in AWS's words where they are known. Events of serverless.yml come here as the resource osls makes of them.

import { z } from 'zod'
import { LocalError } from '../error.ts'
import * as limits from './limits.ts'

/** As `Value '0' at 'batchSize' failed to satisfy constraint: …`, the words of Lambda's ValidationException. */
const constraint = (member: string, words: string) => ({
  error: (issue: { readonly input?: unknown }) =>
    `Value '${String(issue.input)}' at '${member}' failed to satisfy constraint: Member must ${words}`,
})

/** CloudFormation takes numbers as text too, and that is what a serverless variable yields. */
const integer = (member: string, { min, max }: { readonly min: number; readonly max: number }) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value),
    z
      .int()
      .min(min, constraint(member, `have value greater than or equal to ${min}`))
      .max(max, constraint(member, `have value less than or equal to ${max}`)),
  )

const boolean = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean())

const topic = z
  .string()
  .min(1)
  .max(limits.topicName.maxLength)
  .regex(
    limits.topicName.pattern,
    constraint('topics', `satisfy regular expression pattern: ${limits.topicName.pattern.source}`),
  )

const consumerConfig = {
  ConsumerGroupId: z
    .string()
    .max(limits.consumerGroupId.maxLength, constraint('consumerGroupId', 'have length less than or equal to 200'))
    .regex(
      limits.consumerGroupId.pattern,
      constraint('consumerGroupId', 'satisfy regular expression pattern: [a-zA-Z0-9-\\/*:_+=.@-]*'),
    )
    .optional(),
  SchemaRegistryConfig: z.unknown().optional(),
}

const recordAgeSeconds = integer('maximumRecordAgeInSeconds', {
  min: limits.recordAge.infinite,
  max: limits.recordAge.maxSeconds,
}).refine((seconds) => seconds === limits.recordAge.infinite || seconds >= limits.recordAge.minSeconds, {
  ...constraint('maximumRecordAgeInSeconds', `be -1 or at least ${limits.recordAge.minSeconds}`),
})

/** A literal or a reference into CloudFormation, which has no value here. */
const reference = z.looseObject({})

const resource = z.strictObject({
  FunctionName: z.unknown().optional(),
  EventSourceArn: z.union([z.string().min(1), reference]).optional(),
  SelfManagedEventSource: z
    .looseObject({ Endpoints: z.looseObject({ KafkaBootstrapServers: z.unknown() }) })
    .optional(),
  Topics: z.array(topic).length(limits.topicsPerMapping, constraint('topics', 'have length equal to 1')),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']),
  StartingPositionTimestamp: z.coerce.number().positive().optional(),
  Enabled: boolean.default(true),
  BatchSize: integer('batchSize', limits.batchSize).default(limits.batchSize.default),
  MaximumBatchingWindowInSeconds: integer('maximumBatchingWindowInSeconds', {
    min: limits.batchingWindow.minSeconds,
    max: limits.batchingWindow.maxSeconds,
  }).optional(),
  AmazonManagedKafkaEventSourceConfig: z.strictObject(consumerConfig).optional(),
  SelfManagedKafkaEventSourceConfig: z
    .strictObject({ ...consumerConfig, ConsumptionMode: z.enum(['Stream', 'Queue']).default('Stream') })
    .optional(),
  SourceAccessConfigurations: z.array(z.unknown()).max(limits.maxAccessConfigurations).optional(),
  FilterCriteria: z
    .strictObject({
      Filters: z
        .array(z.strictObject({ Pattern: z.string() }))
        .max(limits.filterCount.max)
        .optional(),
    })
    .optional(),
  DestinationConfig: z
    .strictObject({
      OnSuccess: z.undefined({ error: 'OnSuccess is not supported for event source mappings' }).optional(),
      OnFailure: z.strictObject({ Destination: z.union([z.string(), reference]).optional() }).optional(),
    })
    .optional(),
  MaximumRetryAttempts: integer('maximumRetryAttempts', limits.retryAttempts).default(limits.retryAttempts.infinite),
  MaximumRecordAgeInSeconds: recordAgeSeconds.default(limits.recordAge.infinite),
  BisectBatchOnFunctionError: boolean.default(false),
  FunctionResponseTypes: z
    .array(z.literal('ReportBatchItemFailures'))
    .max(1, constraint('functionResponseTypes', 'have length less than or equal to 1'))
    .default([]),
  ProvisionedPollerConfig: z
    .strictObject({
      MinimumPollers: integer('minimumPollers', {
        min: limits.pollers.min.least,
        max: limits.pollers.min.most,
      }).optional(),
      MaximumPollers: integer('maximumPollers', {
        min: limits.pollers.max.least,
        max: limits.pollers.max.most,
      }).optional(),
      PollerGroupName: z
        .string()
        .max(limits.pollerGroupName.maxLength)
        .regex(limits.pollerGroupName.pattern)
        .optional(),
    })
    .optional(),
  // What only costs or shows: nothing in it changes which records the function gets.
  MetricsConfig: z.unknown().optional(),
  LoggingConfig: z.unknown().optional(),
  Tags: z.unknown().optional(),
  KmsKeyArn: z.unknown().optional(),
})

export type MappingResource = z.output<typeof resource>

/**
 * @param where the place in serverless.yml, for messages
 * @param nowMs to refuse a starting timestamp in the future, as AWS does
 * @throws LocalError SETTINGS_INVALID where AWS would refuse it; SETTINGS_UNSUPPORTED for what is not reproduced
 * @example readResource({ Topics: ['ticks'], StartingPosition: 'LATEST', … }, 'resources.Resources.Bars', Date.now())
 */
export function readResource(properties: unknown, where: string, nowMs: number): MappingResource {
  const parsed = resource.safeParse(properties)
  if (!parsed.success) throw new LocalError('SETTINGS_INVALID', `${where}: ${z.prettifyError(parsed.error)}`)
  const broken = brokenRule(parsed.data, nowMs)
  if (broken !== undefined) throw new LocalError('SETTINGS_INVALID', `${where}: ${broken}`)
  const unsupported = unsupportedFeature(parsed.data)
  if (unsupported !== undefined) throw new LocalError('SETTINGS_UNSUPPORTED', `${where}: ${unsupported}`)
  return parsed.data
}

/** `{}` turns provisioned mode off (developer guide, "Scaling modes"). */
export const isProvisioned = ({ ProvisionedPollerConfig: config }: MappingResource): boolean =>
  config !== undefined && Object.values(config).some((value) => value !== undefined)

function brokenRule(mapping: MappingResource, nowMs: number): string | undefined {
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
  return isProvisioned(mapping) ? undefined : provisionedOnly(mapping, destination)
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

const registryOf = (mapping: MappingResource): unknown =>
  mapping.AmazonManagedKafkaEventSourceConfig?.SchemaRegistryConfig ??
  mapping.SelfManagedKafkaEventSourceConfig?.SchemaRegistryConfig

function unsupportedFeature(mapping: MappingResource): string | undefined {
  if (mapping.SelfManagedKafkaEventSourceConfig?.ConsumptionMode === 'Queue')
    return 'ConsumptionMode: Queue reads by share groups (Kafka 4.2), which the local mapping does not; take Stream to run.'
  if (registryOf(mapping) !== undefined)
    return 'SchemaRegistryConfig is not reproduced locally yet; take it out to run.'
  return undefined
}
