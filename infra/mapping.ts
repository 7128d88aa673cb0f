// The Kafka event source mapping of a consumer: the event of serverless.yml, and what the framework's events cannot say, or osls
// and Serverless v4 by different names, as `resources.extensions` of the mapping that it makes of the event.

import { clusterArnOf } from './environment.ts'
import type { Names } from './names.ts'
import { type Auth, authOf, type Parameters } from './parameters.ts'

export interface MappingOptions {
  /** Of a query without state; one with state is all or nothing (docs/guarantees.md). */
  readonly allowsPartialBatches: boolean
}

/** Enough for a few seconds of a busy topic; 6 MB end a batch in any case. */
const batchSize = 1000
/** The guide's trigger of 3 seconds: the window opens at the first record. */
const batchingWindowSeconds = 3

/** API SourceAccessConfiguration, by the names of the framework's `accessConfigurations`. */
const accessNames: Readonly<Partial<Record<Auth, string>>> = {
  plain: 'saslPlainAuth',
  'scram-sha-256': 'saslScram256Auth',
  'scram-sha-512': 'saslScram512Auth',
  mtls: 'clientCertificateTlsAuth',
}

/** The framework insists on credentials where a laptop's Kafka asks for none. */
const unusedSecret = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:unused-on-a-laptop'

/**
 * @param name the function's key in serverless.yml
 * @returns its events, and extensions by the logical id of their resource
 */
export function kafkaMapping(parameters: Parameters, names: Names, name: string, options: MappingOptions) {
  const { kafka } = parameters
  if (kafka === 'none') return { events: [], extensions: {} }
  const common = {
    topic: names.topic,
    consumerGroupId: consumerGroupId(names, name),
    batchSize,
    maximumBatchingWindow: batchingWindowSeconds,
    startingPosition: 'TRIM_HORIZON',
  }
  const arn = clusterArnOf(parameters)
  if (arn !== null) {
    const scram = authOf(parameters) === 'scram-sha-512' ? { saslScram512: parameters.credentials } : {}
    const cluster = typeof arn === 'string' ? (arn.split('/')[1] ?? '') : arn.Ref
    return {
      events: [{ msk: { arn, ...scram, ...common } }],
      extensions: { [logicalId(name, 'MSK', [cluster, names.topic], 79)]: extension(parameters, options) },
    }
  }
  const { bootstrapServers } = parameters
  const accessConfigurations = kafka === 'local' ? { saslScram512Auth: [unusedSecret] } : accessOf(parameters)
  return {
    events: [{ kafka: { bootstrapServers, accessConfigurations, ...common } }],
    extensions: { [logicalId(name, 'Kafka', [names.topic], 158)]: extension(parameters, options) },
  }
}

/** Named, so that IAM can name it, and so that a mapping that is made again goes on where the last one was. */
export const consumerGroupId = ({ service, stage, topic }: Names, name: string): string =>
  `${service}-${stage}-${name}-${topic}`

function accessOf(parameters: Parameters) {
  const { credentials, rootCertificate, subnetIds, securityGroupIds } = parameters
  const name = accessNames[authOf(parameters)]
  return {
    ...(name === undefined || credentials === null ? {} : { [name]: [credentials] }),
    ...(rootCertificate === null ? {} : { serverRootCaCertificate: [rootCertificate] }),
    ...(subnetIds.length === 0 ? {} : { vpcSubnet: subnetIds, vpcSecurityGroup: securityGroupIds }),
  }
}

const failedBatches = { OnFailure: { Destination: { 'Fn::GetAtt': ['FailedBatchQueue', 'Arn'] } } }

function extension(parameters: Parameters, { allowsPartialBatches }: MappingOptions) {
  const { kafka, maxRetries, maxRecordAgeSeconds, partialBatches, credentials } = parameters
  const isMskMtls = clusterArnOf(parameters) !== null && authOf(parameters) === 'mtls'
  return {
    // The pollers of a topic that is not there yet fail until it is.
    ...(kafka === 'msk-new' ? { DependsOn: ['KafkaTopic'] } : {}),
    Properties: {
      ...pollers(parameters),
      // On a laptop nothing is given up after ten retries: the handler that fails is being worked on.
      ...(kafka === 'local' ? {} : { DestinationConfig: failedBatches }),
      ...(maxRetries === null ? {} : { MaximumRetryAttempts: maxRetries }),
      ...(maxRecordAgeSeconds === null ? {} : { MaximumRecordAgeInSeconds: maxRecordAgeSeconds }),
      ...(partialBatches && allowsPartialBatches ? { FunctionResponseTypes: ['ReportBatchItemFailures'] } : {}),
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

/** As osls and Serverless name the mapping of an event, cut as they cut: `TapeEventSourceMappingKafkaStockticks`. */
const logicalId = (name: string, kind: 'MSK' | 'Kafka', parts: readonly string[], maxLength: number): string =>
  `${upper(name)}EventSourceMapping${kind}${parts
    .map((part) => upper(part.replace(/[^0-9A-Za-z]/g, '')).slice(0, maxLength))
    .join('')}`

const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
