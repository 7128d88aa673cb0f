// The Kafka event source mapping of a consumer: the event of serverless.yml, and what the framework's events cannot say, or osls
// and Serverless v4 by different names, as `resources.extensions` of the mapping that it makes of the event.

import { mappingId } from './mapping-id.ts'
import { arnOf } from './names.ts'
import { type Auth, authOf } from './parameters/authentication.ts'
import type { Parameters } from './parameters/parameters.ts'
import type { Query } from './queries.ts'
import { clusterArnOf } from './reach.ts'
import { type Registry, registryProperty } from './registry.ts'
import { failedBatchQueueId } from './resources/queues.ts'

/** API SourceAccessConfiguration, by the names of the framework's `accessConfigurations`. */
const accessNames: Readonly<Partial<Record<Auth, string>>> = {
  plain: 'saslPlainAuth',
  'scram-sha-256': 'saslScram256Auth',
  'scram-sha-512': 'saslScram512Auth',
  mtls: 'clientCertificateTlsAuth',
}

/** The framework insists on credentials where a laptop's Kafka asks for none. */
const unusedSecret = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:unused-on-a-laptop'

export interface Mapping {
  /** Null where something else invokes the function. */
  readonly event: object | null
  /** By the logical id of the mapping that the framework makes of the event. */
  readonly extensions: Readonly<Record<string, object>>
}

export interface RegistryOfMapping {
  readonly registry?: Registry | undefined
  /** SCHEMA_REGISTRY_URL of a laptop's shell. */
  readonly localUrl?: string
}

/**
 * @param topicIds the logical ids of the topics that the stack makes
 * @example kafkaMapping(parameters, bars, new Map()).event // { msk: { arn, topic, consumerGroupId, … } }
 */
export function kafkaMapping(
  parameters: Parameters,
  query: Query,
  topicIds: ReadonlyMap<string, string>,
  { registry, localUrl = '' }: RegistryOfMapping = {},
): Mapping {
  const { kafka, bootstrapServers } = parameters
  const id = mappingId(parameters, query)
  if (id === null) return { event: null, extensions: {} }
  const { topic } = query
  const common = commonOf(query)
  const of = extension(parameters, query, topicIds.get(topic))
  const asking = registryProperty(registry, parameters, query, localUrl)
  const more = { ...of, Properties: { ...of.Properties, ...asking } }
  const arn = clusterArnOf(parameters)
  if (arn !== null) {
    const scram = authOf(parameters) === 'scram-sha-512' ? { saslScram512: parameters.credentials } : {}
    return { event: { msk: { arn, ...scram, ...common } }, extensions: { [id]: more } }
  }
  const accessConfigurations = kafka === 'local' ? { saslScram512Auth: [unusedSecret] } : accessOf(parameters)
  return { event: { kafka: { bootstrapServers, accessConfigurations, ...common } }, extensions: { [id]: more } }
}

/** What both kinds of event have. */
const commonOf = (query: Query) => ({
  topic: query.topic,
  consumerGroupId: query.consumerGroupId,
  batchSize: query.batchSize,
  maximumBatchingWindow: query.maximumBatchingWindow,
  startingPosition: query.startingPosition,
  ...(query.startingPositionTimestamp === undefined
    ? {}
    : { startingPositionTimestamp: query.startingPositionTimestamp }),
  ...(query.enabled === undefined ? {} : { enabled: query.enabled }),
  ...(query.filterPatterns === undefined ? {} : { filterPatterns: query.filterPatterns }),
})

function accessOf(parameters: Parameters) {
  const { credentials, rootCertificate, subnetIds, securityGroupIds } = parameters
  const name = accessNames[authOf(parameters)]
  return {
    ...(name === undefined || credentials === null ? {} : { [name]: [credentials] }),
    ...(rootCertificate === null ? {} : { serverRootCaCertificate: [rootCertificate] }),
    ...(subnetIds.length === 0 ? {} : { vpcSubnet: subnetIds, vpcSecurityGroup: securityGroupIds }),
  }
}

const failedBatches = { OnFailure: { Destination: arnOf(failedBatchQueueId) } }

/** Counts of events by what became of them; an alarm watches those that were dropped (resources/alarms.ts). */
const eventMetrics = { Metrics: ['EventCount'] }

function extension(parameters: Parameters, query: Query, topicId: string | undefined) {
  const { kafka, maxRetries, maxRecordAgeSeconds, partialBatches, credentials } = parameters
  const isMskMtls = clusterArnOf(parameters) !== null && authOf(parameters) === 'mtls'
  return {
    // The pollers of a topic that is not there yet fail until it is.
    ...(topicId === undefined ? {} : { DependsOn: [topicId] }),
    Properties: {
      ...pollers(parameters),
      // The framework leaves out a window of 0, and AWS would take its own.
      ...(query.maximumBatchingWindow === 0 ? { MaximumBatchingWindowInSeconds: 0 } : {}),
      // On a laptop nothing is given up after ten retries: the handler that fails is being worked on.
      ...(kafka === 'local' ? {} : { DestinationConfig: failedBatches, MetricsConfig: eventMetrics }),
      ...(maxRetries === null ? {} : { MaximumRetryAttempts: maxRetries }),
      ...(maxRecordAgeSeconds === null ? {} : { MaximumRecordAgeInSeconds: maxRecordAgeSeconds }),
      ...(partialBatches && query.partialBatches ? { FunctionResponseTypes: ['ReportBatchItemFailures'] } : {}),
      ...(isMskMtls ? { SourceAccessConfigurations: [{ Type: 'CLIENT_CERTIFICATE_TLS_AUTH', URI: credentials }] } : {}),
    },
  }
}

/**
 * API ProvisionedPollerConfig: empty, it turns provisioned mode off; left out, a mapping that has it keeps it, and its cost.
 */
function pollers({ minPollers, maxPollers }: Parameters) {
  if (minPollers === null || maxPollers === null) return {}
  return {
    ProvisionedPollerConfig: maxPollers === 0 ? {} : { MinimumPollers: minPollers, MaximumPollers: maxPollers },
  }
}
