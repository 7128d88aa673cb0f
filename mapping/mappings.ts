// All mappings of a service, from its definition to running: settings read, brokers chosen and checked before anything is
// dialled, one Invoker and one recording shared. The plugin and the command line start it alike.

import type { EventOrigin } from '../lib/event/kafka-event.ts'
import { systemClocks } from './clocks.ts'
import type { AwsService } from './destination/destination.ts'
import { openDestination } from './destination/open-destination.ts'
import { LocalError } from './error.ts'
import { compileFilters } from './filter/filters.ts'
import type { RecordFilter } from './intake.ts'
import { lambdaApi } from './invoke/lambda-api.ts'
import type { Log } from './journal.ts'
import { Mapping } from './mapping.ts'
import { metricNames } from './metrics.ts'
import { type MappingReport, serveMetrics } from './metrics-endpoint.ts'
import { assertSupportedNode } from './node-version.ts'
import { openRecording } from './recording/recording.ts'
import { type AllowedHosts, assertAllowedHost, hostOf } from './safety.ts'
import type { KafkaSecurity } from './settings/kafka-security.ts'
import { type MappingSettings, readSettings, type ServiceDefinition } from './settings/settings.ts'
import { kafkaSource } from './source/kafka-source.ts'
import { printable } from './terminal.ts'

export interface MappingsOptions extends ServiceDefinition {
  /** The function's key in serverless.yml -> its name at the endpoint. */
  readonly functionName: (key: string) => string
  /** Of the Lambda Invoke API: `http://localhost:3002`. */
  readonly endpoint: string
  /** KAFKA_BROKERS: instead of what the events name. */
  readonly kafkaBrokers: readonly string[] | undefined
  /** KAFKA_SASL_… and KAFKA_SSL_…: for the brokers of all mappings. */
  readonly kafkaSecurity?: KafkaSecurity | undefined
  readonly allowed: AllowedHosts
  readonly recordFile: string | undefined
  /** Where discarded batches go whose destination is not reachable here. */
  readonly onFailureFile: string
  /** The endpoint of a service on this machine, where there is one. */
  readonly awsEndpoint: (service: AwsService) => string | undefined
  /** Of the JSON endpoint with the counters; undefined for none, 0 for any that is free. */
  readonly metricsPort: number | undefined
  /** Whether each batch is said in a line. */
  readonly saysBatches: boolean
  readonly log: Log
}

export interface Mappings {
  /** Running ones. */
  readonly count: number
  readonly metricsUrl: string | undefined
  /** Ends all; the same promise for every caller. @param hurry aborted when functions shall not be waited for any longer */
  readonly stop: (hurry: AbortSignal) => Promise<void>
}

/**
 * @throws LocalError for a setting that is wrong or a host that is not allowed, before any connection
 * @example const mappings = await startMappings({ service: 'demo', stage: 'dev', functions, … })
 */
export async function startMappings(options: MappingsOptions): Promise<Mappings> {
  const log = options.saysBatches ? withBatches(options.log) : options.log
  const all = readSettings(options, Date.now())
  for (const { functionKey, topic, enabled } of all)
    if (!enabled) log.notice(`${functionKey} <- ${topic}: not started, enabled is false`)
  const planned = all
    .filter(({ enabled }) => enabled)
    .map((settings) => ({ settings, brokers: brokersFor(settings, options), filter: filterFor(settings, log) }))
  if (planned.length === 0) return { count: 0, metricsUrl: undefined, stop: async () => undefined }
  assertSupportedNode()

  const invoker = lambdaApi({ ...options, log })
  const recording = options.recordFile === undefined ? undefined : await openRecording(options.recordFile)
  const start = async ({ settings, brokers, filter }: (typeof planned)[number]) => {
    const { functionKey, topic, consumerGroupId, onFailure } = settings
    const functionName = options.functionName(functionKey)
    log.notice(
      printable(
        `${functionKey} <- ${topic} at ${brokers.join(',')}, group ${consumerGroupId}: ` +
          `${settings.batchSize} records or ${settings.windowMs} ms, from ${settings.startingPosition.kind}`,
      ),
    )
    const mapping = new Mapping({
      settings,
      origin: originOf(settings, brokers),
      functionName,
      functionArn: `arn:aws:lambda:${options.region}:000000000000:function:${functionName}`,
      filter,
      destination:
        onFailure === undefined
          ? undefined
          : await openDestination(onFailure, {
              ...{ brokers, log, region: options.region, allowed: options.allowed, security: options.kafkaSecurity },
              awsEndpoint: options.awsEndpoint,
              file: options.onFailureFile,
            }),
      source: kafkaSource({
        ...options,
        ...settings,
        log,
        brokers,
        groupId: consumerGroupId,
        security: options.kafkaSecurity,
      }),
      invoker,
      log,
      delivered: async (payload) => {
        if (recording === undefined) return
        try {
          await recording.append({ at: new Date().toISOString(), function: functionKey, event: payload.event })
        } catch (error) {
          log.error(`the recording ${options.recordFile} lacks a batch of ${functionKey}: ${String(error)}`)
        }
      },
      ...systemClocks,
    })
    return { mapping, settings }
  }
  const running = await Promise.all(planned.map(start))
  const reports = () => running.map(({ mapping, settings }) => reportOf(mapping, settings))
  const endpoint = options.metricsPort === undefined ? undefined : await serveMetrics(options.metricsPort, reports)
  if (endpoint !== undefined) log.notice(`counters: ${endpoint.url}`)
  for (const { mapping } of running) mapping.start()

  let stopped: Promise<void> | undefined
  const end = async (hurry: AbortSignal): Promise<void> => {
    await Promise.all(running.map(({ mapping }) => mapping.stop(hurry)))
    for (const report of reports()) log.notice(countersLine(report))
    await endpoint?.close()
    invoker.close()
    await recording?.close()
  }
  return {
    count: running.length,
    metricsUrl: endpoint?.url,
    stop: (hurry) => {
      stopped ??= end(hurry)
      return stopped
    },
  }
}

/** What is only for --verbose otherwise; serverless's own methods keep their `this`. */
const withBatches = (log: Log): Log => ({
  notice: (text) => log.notice(text),
  warning: (text) => log.warning(text),
  error: (text) => log.error(text),
  info: (text) => log.notice(text),
  debug: (text) => log.debug(text),
})

function reportOf(mapping: Mapping, { functionKey, topic, consumerGroupId }: MappingSettings): MappingReport {
  const lags = mapping.lags()
  return {
    function: functionKey,
    topic,
    consumerGroupId,
    metrics: mapping.metrics.sums(),
    MaxOffsetLag: Math.max(0, ...lags.values()),
    SumOffsetLag: [...lags.values()].reduce((sum, lag) => sum + lag, 0),
    OffsetLagByPartition: Object.fromEntries(lags),
  }
}

/** @example 'bars <- stock-ticks: PolledEventCount 12, InvokedEventCount 12, CommittedEventCount 12' */
function countersLine(report: MappingReport): string {
  const counts = metricNames.flatMap((name) => (report.metrics[name] === 0 ? [] : [`${name} ${report.metrics[name]}`]))
  return printable(`${report.function} <- ${report.topic}: ${counts.join(', ') || 'no records'}`)
}

function brokersFor(settings: MappingSettings, options: MappingsOptions): readonly string[] {
  const brokers = options.kafkaBrokers ?? settings.bootstrapServers
  if (brokers.length === 0) {
    const what =
      settings.source === 'msk'
        ? 'an msk event names a cluster on AWS; say which Kafka stands for it here'
        : 'its bootstrapServers are references into CloudFormation, which have no value here; say which Kafka is meant'
    throw new LocalError(
      'SETTINGS_INVALID',
      `functions.${settings.functionKey}: ${what}, for example KAFKA_BROKERS=localhost:9092.`,
    )
  }
  for (const broker of brokers) assertAllowedHost(hostOf(broker), `the broker ${printable(broker)}`, options.allowed)
  return brokers
}

function filterFor({ functionKey, filterPatterns }: MappingSettings, log: Log): RecordFilter | undefined {
  if (filterPatterns.length === 0) return undefined
  const filters = compileFilters(filterPatterns, `functions.${functionKey}: FilterCriteria.Filters`)
  for (const notice of filters.notices) log.notice(printable(notice))
  return filters
}

const originOf = (settings: MappingSettings, brokers: readonly string[]): EventOrigin =>
  settings.clusterArn === undefined
    ? { eventSource: 'SelfManagedKafka', bootstrapServers: brokers.join(',') }
    : { eventSource: 'aws:kafka', eventSourceArn: settings.clusterArn, bootstrapServers: brokers.join(',') }
