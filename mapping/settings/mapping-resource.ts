// One AWS::Lambda::EventSourceMapping resource for Kafka, as CloudFormation has it: every range that AWS checks, in its
// words where they are known. The rules between fields are mapping-rules.ts; read-resource.ts applies both.

import { z } from 'zod'
import { schemaRegistryConfig } from '../registry/schema-registry-config.ts'
import * as limits from './limits.ts'

/** A message such as `Value '0' at 'batchSize' failed to satisfy constraint: …`, the words of Lambda's ValidationException. */
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

/** kafkajs keeps topics in plain objects: of a topic called `constructor` it finds what every object has. */
const readableTopic = topic.refine((name) => !(name in {}), {
  error: ({ input }) => `a topic called ${String(input)} cannot be read by kafkajs; it needs another name`,
})

const consumerConfig = {
  ConsumerGroupId: z
    .string()
    .max(limits.consumerGroupId.maxLength, constraint('consumerGroupId', 'have length less than or equal to 200'))
    .regex(
      limits.consumerGroupId.pattern,
      constraint('consumerGroupId', 'satisfy regular expression pattern: [a-zA-Z0-9-\\/*:_+=.@-]*'),
    )
    .optional(),
  SchemaRegistryConfig: schemaRegistryConfig.optional(),
}

const recordAgeSeconds = integer('maximumRecordAgeInSeconds', {
  min: limits.recordAge.infinite,
  max: limits.recordAge.maxSeconds,
}).refine((seconds) => seconds === limits.recordAge.infinite || seconds >= limits.recordAge.minSeconds, {
  ...constraint('maximumRecordAgeInSeconds', `be -1 or at least ${limits.recordAge.minSeconds}`),
})

/** A literal or a reference into CloudFormation, which has no value here. */
const reference = z.looseObject({})

export const mappingResource = z.strictObject({
  FunctionName: z.unknown().optional(),
  EventSourceArn: z.union([z.string().min(1), reference]).optional(),
  SelfManagedEventSource: z
    .looseObject({ Endpoints: z.looseObject({ KafkaBootstrapServers: z.unknown() }) })
    .optional(),
  Topics: z
    .array(readableTopic)
    .length(
      limits.topicsPerMapping,
      constraint('topics', 'have length equal to 1 (a mapping reads one topic; make one for each)'),
    ),
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

export type MappingResource = z.output<typeof mappingResource>
