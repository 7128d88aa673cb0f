// The `msk:` and `kafka:` events of serverless.yml, read as AWS reads them: every limit checked before anything runs. What
// AWS offers and this mapping does not reproduce yet is refused by name, never passed over.

import { createHash } from 'node:crypto'
import { z } from 'zod'
import { LocalError } from '../error.ts'
import { refuseExtensions } from './extensions.ts'
import * as limits from './limits.ts'

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
  /** Of a `kafka` event; an `msk` event names a cluster instead. */
  readonly bootstrapServers: readonly string[]
  /** Of an `msk` event, as text; a reference into CloudFormation becomes a stand-in. */
  readonly clusterArn: string | undefined
}

/** Where the events come from: `serverless.service`, its stage and region. */
export interface ServiceDefinition {
  readonly service: string
  readonly stage: string
  readonly region: string
  readonly functions: Readonly<Record<string, { readonly events?: readonly unknown[] | undefined } | undefined>>
  /** `serverless.service.resources`: extensions of mappings are looked for in it. */
  readonly resources?: unknown
}

const common = {
  topic: z.string().max(limits.topicName.maxLength).regex(limits.topicName.pattern),
  batchSize: z.int().min(limits.batchSize.min).max(limits.batchSize.max).default(limits.batchSize.default),
  maximumBatchingWindow: z.int().min(limits.batchingWindow.minSeconds).max(limits.batchingWindow.maxSeconds).optional(),
  // AWS requires it; osls 4.3.1 fills in TRIM_HORIZON.
  startingPosition: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']).default('TRIM_HORIZON'),
  startingPositionTimestamp: z.number().positive().optional(),
  enabled: z.boolean().default(true),
  consumerGroupId: z.string().max(limits.consumerGroupId.maxLength).regex(limits.consumerGroupId.pattern).optional(),
  filterPatterns: z.unknown().optional(),
  onFailureDestination: z.unknown().optional(),
  // How many pollers and at what price: of no account for one mapping on one machine.
  provisionedPollerConfig: z.looseObject({}).optional(),
}

const servers = z
  .union([z.string().transform((list) => list.split(',').map((entry) => entry.trim())), z.array(z.string())])
  .pipe(z.array(z.string().regex(/^[^\s:]+:\d+$|^\[[0-9a-f:]+\]:\d+$/i, 'expected host:port')).min(1))
  .pipe(z.array(z.string()).max(limits.maxBootstrapServers))

const mskEvent = z.strictObject({
  ...common,
  arn: z.union([z.string().min(1), z.looseObject({})]),
  saslScram512: z.unknown().optional(),
})

const kafkaEvent = z.strictObject({
  ...common,
  bootstrapServers: servers,
  // Credentials in AWS Secrets Manager: nothing to read here, the local broker is plaintext.
  accessConfigurations: z.unknown().optional(),
})

/** `localhost:9092, other:9092` or a list of them -> the list, checked. */
export const bootstrapServers = servers

/**
 * All mappings of a service, disabled ones included, in the order of serverless.yml.
 *
 * @param nowMs to refuse a starting timestamp in the future, as AWS does
 * @throws LocalError SETTINGS_INVALID or SETTINGS_UNSUPPORTED naming function, event and setting
 * @example readSettings({ service: 'demo', stage: 'dev', region: 'eu-west-1', functions }, Date.now())
 */
export function readSettings(definition: ServiceDefinition, nowMs: number): readonly MappingSettings[] {
  const mappings: MappingSettings[] = []
  for (const [functionKey, functionDefinition] of Object.entries(definition.functions)) {
    for (const [index, event] of (functionDefinition?.events ?? []).entries()) {
      const found = kafkaEventOf(event)
      if (found === undefined) continue
      const where = `functions.${functionKey}.events[${index}].${found.source}`
      mappings.push(readEvent(definition, functionKey, found.source, found.value, where, nowMs))
    }
  }
  if (mappings.length > 0) refuseExtensions(definition.resources)
  refuseSharedGroups(mappings)
  return mappings
}

function kafkaEventOf(event: unknown): { source: 'msk' | 'kafka'; value: unknown } | undefined {
  if (typeof event !== 'object' || event === null) return undefined
  if ('msk' in event) return { source: 'msk', value: event.msk }
  if ('kafka' in event) return { source: 'kafka', value: event.kafka }
  return undefined
}

function readEvent(
  definition: ServiceDefinition,
  functionKey: string,
  source: 'msk' | 'kafka',
  value: unknown,
  where: string,
  nowMs: number,
): MappingSettings {
  const parsed = source === 'msk' ? mskEvent.safeParse(value) : kafkaEvent.safeParse(value)
  if (!parsed.success) throw new LocalError('SETTINGS_INVALID', `${where}: ${z.prettifyError(parsed.error)}`)
  const event = parsed.data
  for (const key of ['filterPatterns', 'onFailureDestination'] as const) {
    if (event[key] !== undefined)
      throw new LocalError('SETTINGS_UNSUPPORTED', `${where}.${key} is not reproduced locally yet; take it out to run.`)
  }
  return {
    functionKey,
    source,
    topic: event.topic,
    batchSize: event.batchSize,
    windowMs:
      event.maximumBatchingWindow === undefined ? limits.batchingWindow.defaultMs : event.maximumBatchingWindow * 1000,
    startingPosition: startingPositionOf(event.startingPosition, event.startingPositionTimestamp, where, nowMs),
    enabled: event.enabled,
    consumerGroupId: event.consumerGroupId ?? generatedGroupId(definition, functionKey, event.topic),
    bootstrapServers: 'bootstrapServers' in event ? event.bootstrapServers : [],
    clusterArn: 'arn' in event ? clusterArn(event.arn, definition.region) : undefined,
  }
}

function startingPositionOf(
  kind: StartingPosition['kind'],
  timestampSeconds: number | undefined,
  where: string,
  nowMs: number,
): StartingPosition {
  if (kind !== 'AT_TIMESTAMP') {
    if (timestampSeconds === undefined) return { kind }
    throw new LocalError(
      'SETTINGS_INVALID',
      `${where}.startingPositionTimestamp goes with startingPosition: AT_TIMESTAMP, not with ${kind}.`,
    )
  }
  if (timestampSeconds === undefined)
    throw new LocalError('SETTINGS_INVALID', `${where}: AT_TIMESTAMP needs startingPositionTimestamp, in Unix seconds.`)
  if (timestampSeconds * 1000 > nowMs)
    throw new LocalError(
      'SETTINGS_INVALID',
      `${where}.startingPositionTimestamp is in the future; it is in Unix seconds, not milliseconds.`,
    )
  return { kind, timestampMs: timestampSeconds * 1000 }
}

/**
 * AWS takes the mapping's UUID; a laptop wants one that the next start finds again, so that commits are not lost.
 * @example generatedGroupId({ service: 'demo', stage: 'dev', … }, 'bars', 'stock-ticks') // 'demo-dev-bars-stock-ticks'
 */
function generatedGroupId({ service, stage }: ServiceDefinition, functionKey: string, topic: string): string {
  const id = [service, stage, functionKey, topic].join('-').replace(/[^a-zA-Z0-9\-/*:_+=.@]/g, '_')
  if (id.length <= limits.consumerGroupId.maxLength) return id
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 16)
  return `${id.slice(0, limits.consumerGroupId.maxLength - digest.length - 1)}-${digest}`
}

const clusterArn = (arn: unknown, region: string): string =>
  typeof arn === 'string' ? arn : `arn:aws:kafka:${region}:000000000000:cluster/${referencedName(arn)}/local`

/** `{ Ref: Cluster }`, `{ 'Fn::GetAtt': [Cluster, Arn] }`, `{ 'Fn::ImportValue': … }` -> the first name in it. */
function referencedName(reference: unknown): string {
  const text = JSON.stringify(reference).match(/:\s*\[?\s*"([A-Za-z0-9-]+)/)
  return text?.[1] ?? 'cluster'
}

/** "Must be unique among all your Kafka event sources" (developer guide, "Customizable consumer group ID"). */
function refuseSharedGroups(mappings: readonly MappingSettings[]): void {
  const owners = new Map<string, string>()
  for (const { consumerGroupId, functionKey } of mappings) {
    const owner = owners.get(consumerGroupId)
    if (owner !== undefined)
      throw new LocalError(
        'SETTINGS_INVALID',
        `functions ${owner} and ${functionKey} have the consumer group "${consumerGroupId}": give one of their events ` +
          'a consumerGroupId of its own, it must be unique among all mappings.',
      )
    owners.set(consumerGroupId, functionKey)
  }
}
