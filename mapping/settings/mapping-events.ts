// The `msk:` and `kafka:` events of a function as the resources osls 4 (and Serverless 3 and 4) make of them: the same logical
// id, so that `resources.extensions` finds it, and the same properties. An unknown key is refused, since osls refuses it.

import { z } from 'zod'
import { LocalError } from '../error.ts'
import { issuesText } from './issues-text.ts'

/** A resource with where it stands, before it is checked. */
export interface FoundResource {
  readonly logicalId: string
  readonly functionKey: string
  readonly where: string
  readonly properties: Readonly<Record<string, unknown>>
}

const common = {
  topic: z.string(),
  batchSize: z.unknown().optional(),
  maximumBatchingWindow: z.unknown().optional(),
  startingPosition: z.unknown().optional(),
  startingPositionTimestamp: z.unknown().optional(),
  enabled: z.unknown().optional(),
  consumerGroupId: z.string().min(1).optional(),
  filterPatterns: z.array(z.looseObject({})).min(1).optional(),
  onFailureDestination: z.unknown().optional(),
  provisionedPollerConfig: z
    .strictObject({ minimumPollers: z.unknown().optional(), maximumPollers: z.unknown().optional() })
    .optional(),
  // The name of the same in Serverless Framework 4.
  provisionedPollers: z
    .strictObject({ min: z.unknown().optional(), max: z.unknown().optional(), group: z.unknown().optional() })
    .optional(),
}

const mskEvent = z.strictObject({
  ...common,
  arn: z.union([z.string().min(1), z.looseObject({})]),
  saslScram512: z.unknown().optional(),
})

const kafkaEvent = z.strictObject({
  ...common,
  bootstrapServers: z.unknown(),
  accessConfigurations: z.record(z.string(), z.unknown()).optional(),
})

/**
 * @returns undefined for an event of another kind
 * @throws LocalError SETTINGS_INVALID naming the event and the key
 * @example resourceOfEvent('bars', { msk: { arn, topic: 'ticks' } }, 0)?.logicalId // 'BarsEventSourceMappingMSKDemoTicks'
 */
export function resourceOfEvent(functionKey: string, event: unknown, index: number): FoundResource | undefined {
  if (typeof event !== 'object' || event === null) return undefined
  const where = (source: string) => `functions.${functionKey}.events[${index}].${source}`
  if ('msk' in event) return ofMsk(functionKey, event.msk, where('msk'))
  if ('kafka' in event) return ofKafka(functionKey, event.kafka, where('kafka'))
  return undefined
}

/** Two events with one logical id are one mapping after a deploy, the later one's, and says nothing. */
export function refuseSharedLogicalIds(found: readonly FoundResource[]): void {
  const places = new Map<string, string>()
  for (const { logicalId, where } of found) {
    const first = places.get(logicalId)
    if (first !== undefined)
      throw new LocalError(
        'SETTINGS_INVALID',
        `${first} and ${where} both become ${logicalId}, of which a deploy makes one mapping, the second: signs other than ` +
          'letters and digits of a topic do not count. Take one out, or write it as a resource: ' +
          'resources.Resources.<Name>, Type AWS::Lambda::EventSourceMapping.',
      )
    places.set(logicalId, where)
  }
}

function ofMsk(functionKey: string, value: unknown, where: string): FoundResource {
  const event = read(mskEvent, value, where)
  const logicalId = `${normalized(functionKey)}EventSourceMappingMSK${alphanumeric(clusterToken(event.arn))}${alphanumeric(event.topic)}`
  return {
    logicalId,
    functionKey,
    where,
    properties: present({
      EventSourceArn: event.arn,
      AmazonManagedKafkaEventSourceConfig: group(event.consumerGroupId),
      SourceAccessConfigurations:
        event.saslScram512 === undefined ? undefined : [{ Type: 'SASL_SCRAM_512_AUTH', URI: event.saslScram512 }],
      ...shared(event),
    }),
  }
}

function ofKafka(functionKey: string, value: unknown, where: string): FoundResource {
  const event = read(kafkaEvent, value, where)
  return {
    logicalId: `${normalized(functionKey)}EventSourceMappingKafka${alphanumeric(event.topic, 158)}`,
    functionKey,
    where,
    properties: present({
      SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: event.bootstrapServers } },
      SelfManagedKafkaEventSourceConfig: group(event.consumerGroupId),
      SourceAccessConfigurations: accessConfigurations(event.accessConfigurations),
      ...shared(event),
    }),
  }
}

function read<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw new LocalError('SETTINGS_INVALID', `${where}: ${issuesText(parsed.error)}`)
  return parsed.data
}

function shared(event: z.output<typeof mskEvent> | z.output<typeof kafkaEvent>): Record<string, unknown> {
  const { provisionedPollerConfig: config, provisionedPollers: pollers } = event
  return {
    Topics: [event.topic],
    // AWS requires it; osls 4.3.1 fills in TRIM_HORIZON.
    StartingPosition: event.startingPosition ?? 'TRIM_HORIZON',
    StartingPositionTimestamp: event.startingPositionTimestamp,
    BatchSize: event.batchSize,
    // osls 4.3.1 drops a window of 0 and deploys 500 ms; here 0 is what it says.
    MaximumBatchingWindowInSeconds: event.maximumBatchingWindow,
    Enabled: event.enabled,
    FilterCriteria:
      event.filterPatterns === undefined
        ? undefined
        : { Filters: event.filterPatterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) },
    DestinationConfig:
      event.onFailureDestination === undefined ? undefined : { OnFailure: { Destination: event.onFailureDestination } },
    ProvisionedPollerConfig:
      config !== undefined
        ? present({ MinimumPollers: config.minimumPollers, MaximumPollers: config.maximumPollers })
        : pollers !== undefined
          ? present({ MinimumPollers: pollers.min, MaximumPollers: pollers.max, PollerGroupName: pollers.group })
          : undefined,
  }
}

const group = (consumerGroupId: string | undefined) =>
  consumerGroupId === undefined ? undefined : { ConsumerGroupId: consumerGroupId }

const accessTypes = new Map([
  ['vpcSubnet', 'VPC_SUBNET'],
  ['vpcSecurityGroup', 'VPC_SECURITY_GROUP'],
  ['saslPlainAuth', 'BASIC_AUTH'],
  ['saslScram256Auth', 'SASL_SCRAM_256_AUTH'],
  ['saslScram512Auth', 'SASL_SCRAM_512_AUTH'],
  ['clientCertificateTlsAuth', 'CLIENT_CERTIFICATE_TLS_AUTH'],
  ['serverRootCaCertificate', 'SERVER_ROOT_CA_CERTIFICATE'],
])

const accessConfigurations = (configurations: Readonly<Record<string, unknown>> | undefined) =>
  configurations === undefined
    ? undefined
    : Object.entries(configurations).flatMap(([type, values]) =>
        [values].flat().map((URI) => ({ Type: accessTypes.get(type) ?? type, URI })),
      )

const present = (properties: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined))

// osls lib/plugins/aws/lib/naming.js
const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
const normalized = (name: string): string => capitalized(name.replace(/-/g, 'Dash').replace(/_/g, 'Underscore'))
const alphanumeric = (name: string, maxLength = 79): string =>
  capitalized(name.replace(/[^0-9A-Za-z]/g, '')).slice(0, maxLength)

/** `BarsLambdaFunction`, as osls names the function's resource. */
export const lambdaLogicalId = (functionKey: string): string => `${normalized(functionKey)}LambdaFunction`

/** osls package/compile/events/msk/get-msk-cluster-name-token.js; a GetAtt, which osls refuses, by the resource's name. */
function clusterToken(arn: unknown): string {
  if (typeof arn === 'string') return arn.split('/')[1] ?? ''
  if (typeof arn !== 'object' || arn === null) return ''
  const target: unknown = Object.values(arn)[0]
  const [name] = [target].flat()
  return typeof name === 'string' ? name : ''
}
