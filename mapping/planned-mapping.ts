// A mapping that is to be started, checked as far as it can be without dialling anything: which brokers it reads, what its events
// say of their origin, which records it lets through.

import type { EventOrigin } from '../lib/event/kafka-event.ts'
import type { SchemaRegistry } from '../lib/registry/schema-registry.ts'
import type { AwsService } from './destination/destination.ts'
import { LocalError } from './error.ts'
import { compileFilters } from './filter/filters.ts'
import type { RecordFilter } from './intake.ts'
import type { Log } from './log.ts'
import { openRegistry } from './registry/open-registry.ts'
import { type AllowedHosts, assertAllowedHost, hostOf } from './safety.ts'
import type { MappingSettings } from './settings/settings.ts'
import { printable } from './terminal.ts'

export interface PlannedMapping {
  readonly settings: MappingSettings
  readonly brokers: readonly string[]
  readonly origin: EventOrigin
  readonly filter: RecordFilter | undefined
  readonly registry: SchemaRegistry | undefined
}

export interface PlanOptions {
  /** KAFKA_MAPPING_BROKERS: instead of what the events name. */
  readonly kafkaBrokers: readonly string[] | undefined
  readonly allowed: AllowedHosts
  /** KAFKA_MAPPING_SCHEMA_REGISTRY: instead of what the mappings name. */
  readonly schemaRegistry?: string | undefined
  readonly awsEndpoint: (service: AwsService) => string | undefined
  readonly region: string
  readonly log: Pick<Log, 'notice'>
}

/**
 * @throws LocalError SETTINGS_INVALID where no broker is known; REMOTE_REFUSED for one that is not to be dialled
 * @example plannedMapping(settings, { kafkaBrokers: undefined, allowed: noRemoteHosts, log }).brokers // ['localhost:9092']
 */
export function plannedMapping(settings: MappingSettings, options: PlanOptions): PlannedMapping {
  const brokers = brokersFor(settings, options)
  const bootstrapServers = brokers.join(',')
  const origin: EventOrigin =
    settings.clusterArn === undefined
      ? { eventSource: 'SelfManagedKafka', bootstrapServers }
      : { eventSource: 'aws:kafka', eventSourceArn: settings.clusterArn, bootstrapServers }
  const registry = registryFor(settings, options)
  return { settings, brokers, origin, filter: filterFor(settings, options.log), registry }
}

const registryFor = (
  { functionKey, schemaRegistry: settings }: MappingSettings,
  { schemaRegistry: url, awsEndpoint, allowed, region }: PlanOptions,
): SchemaRegistry | undefined =>
  settings &&
  openRegistry(settings, `functions.${functionKey}`, { url, glueEndpoint: awsEndpoint('glue'), allowed, region })

function brokersFor(settings: MappingSettings, { kafkaBrokers, allowed }: PlanOptions): readonly string[] {
  const brokers = kafkaBrokers ?? settings.bootstrapServers
  if (brokers.length === 0) {
    const what =
      settings.source === 'msk'
        ? 'an msk event names a cluster on AWS; say which Kafka stands for it here'
        : 'its bootstrapServers are references into CloudFormation, which have no value here; say which Kafka is meant'
    throw new LocalError(
      'SETTINGS_INVALID',
      `functions.${settings.functionKey}: ${what}, for example KAFKA_MAPPING_BROKERS=localhost:9092.`,
    )
  }
  for (const broker of brokers) assertAllowedHost(hostOf(broker), `the broker ${printable(broker)}`, allowed)
  return brokers
}

function filterFor(
  { functionKey, filterPatterns }: MappingSettings,
  log: Pick<Log, 'notice'>,
): RecordFilter | undefined {
  if (filterPatterns.length === 0) return undefined
  const filters = compileFilters(filterPatterns, `functions.${functionKey}: FilterCriteria.Filters`)
  for (const notice of filters.notices) log.notice(printable(notice))
  return filters
}
