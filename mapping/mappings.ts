// All mappings of a service, from its definition to running: settings read, brokers chosen and checked before anything is
// dialled, one Invoker and one recording shared. The plugin and the command line start it alike.

import { availableParallelism } from 'node:os'
import { systemClocks } from './clocks.ts'
import type { AwsService } from './destination/destination.ts'
import { openDestination } from './destination/open-destination.ts'
import { createFaults, withFaults } from './dispatch/faults.ts'
import { createPermits, type Permits } from './dispatch/permits.ts'
import { eventPublisher, onMappingEvent } from './events/channel.ts'
import type { MappingEvent } from './events/mapping-event.ts'
import type { Invoker } from './invoke/invoker.ts'
import { lambdaApi } from './invoke/lambda-api.ts'
import type { Log } from './log.ts'
import { Mapping } from './mapping.ts'
import { assertSupportedNode } from './node-version.ts'
import { openPage } from './page/page.ts'
import { shownMapping } from './page/shown-mappings.ts'
import { type PlannedMapping, plannedMapping } from './planned-mapping.ts'
import { codeVersion } from './recording/code-version.ts'
import { recordInvocations } from './recording/invocations.ts'
import { recordedMapping } from './recording/recorded-mapping.ts'
import { openRecording } from './recording/recording.ts'
import { recordRegistry } from './registry/record-registry.ts'
import { registeredSource } from './registry/registered-source.ts'
import { journal } from './report/journal.ts'
import { countersLine, mappingReport } from './report/mapping-report.ts'
import { serveMetrics } from './report/metrics-endpoint.ts'
import type { AllowedHosts } from './safety.ts'
import type { KafkaSecurity } from './settings/kafka-security.ts'
import * as limits from './settings/limits.ts'
import { type MappingSettings, readSettings, type ServiceDefinition } from './settings/settings.ts'
import { type BufferedByAll, bufferedByAll } from './source/flow-control.ts'
import { kafkaSource } from './source/kafka-source.ts'
import { printable } from './terminal.ts'

export interface MappingsOptions extends ServiceDefinition {
  /** The function's key in serverless.yml -> its name at the endpoint. */
  readonly functionName: (key: string) => string
  /** The URL of a Lambda Invoke API: `http://localhost:3002`. */
  readonly endpoint: string
  /** KAFKA_MAPPING_BROKERS: instead of what the events name. */
  readonly kafkaBrokers: readonly string[] | undefined
  /** KAFKA_MAPPING_SASL_… and KAFKA_MAPPING_SSL_…: for the brokers of all mappings. */
  readonly kafkaSecurity?: KafkaSecurity | undefined
  readonly allowed: AllowedHosts
  readonly recordFile: string | undefined
  /** Where discarded batches go whose destination is not reachable here. */
  readonly onFailureFile: string
  /** KAFKA_MAPPING_SCHEMA_REGISTRY: instead of what the mappings name. */
  readonly schemaRegistry?: string | undefined
  /** The endpoint of a service on this machine, where there is one. */
  readonly awsEndpoint: (service: AwsService) => string | undefined
  /** The port of the JSON endpoint with the counters; undefined for none, 0 for any that is free. */
  readonly metricsPort: number | undefined
  /** The port of the page, and its token where it is to be the same at each start; left out for no page. */
  readonly page?: { readonly port: number; readonly token: string | undefined } | undefined
  /** Invocations at once over all mappings; left out, what a laptop bears. */
  readonly maxInvocations?: number | undefined
  /** Whether each batch is said in a line. */
  readonly saysBatches: boolean
  /** Why a function cannot be run at the endpoint, in a sentence; its mappings are not started. Left out: all can. */
  readonly whyNotRun?: (functionKey: string) => string | undefined
  readonly log: Log
}

export interface Mappings {
  /** Running ones. */
  readonly count: number
  readonly metricsUrl: string | undefined
  /** Ends all; the same promise for every caller. @param abort aborted when functions shall not be waited for any longer */
  readonly stop: (abort: AbortSignal) => Promise<void>
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
  const runnable = all.filter((settings) => settings.enabled && isRunnable(settings, options))
  const planned = runnable.map((settings) => plannedMapping(settings, { ...options, log }))
  if (planned.length === 0) return { count: 0, metricsUrl: undefined, stop: async () => undefined }
  assertSupportedNode()

  const invoker = lambdaApi({ ...options, log })
  const { recordFile } = options
  const recording = recordFile === undefined ? undefined : await recordingOf(recordFile, runnable)
  const recorders = recording === undefined ? [] : [recordInvocations(recording, `the recording ${recordFile}`, log)]
  const permits = permitsFor(runnable, options.maxInvocations)
  const shared = { invoker, recorders, permits, buffered: bufferedByAll() }
  const running = await Promise.all(planned.map((plan) => mappingOf(plan, { ...options, log }, shared)))
  const reports = () => running.map(({ mapping, settings }) => mappingReport(settings, mapping.metrics, mapping.lags()))
  const endpoint =
    options.metricsPort === undefined ? undefined : await serveMetrics(options.metricsPort, reports, options.allowed)
  if (endpoint !== undefined) log.notice(`counters: ${endpoint.url}`)
  const page =
    options.page &&
    (await openPage({
      ...{ ...options.page, log, service: `${options.service}-${options.stage}` },
      mappings: running.map((one) => shownMapping(one, invoker, permits)),
    }))
  for (const { mapping } of running) mapping.start()

  let stopped: Promise<void> | undefined
  const end = async (abort: AbortSignal): Promise<void> => {
    await Promise.all(running.map(({ mapping }) => mapping.stop(abort)))
    for (const report of reports()) log.notice(countersLine(report))
    for (const end of running.flatMap(({ subscriptions }) => subscriptions)) end()
    await endpoint?.close()
    await page?.close()
    invoker.close()
    await recording?.close()
  }
  return {
    count: running.length,
    metricsUrl: endpoint?.url,
    stop: (abort) => {
      stopped ??= end(abort)
      return stopped
    },
  }
}

const recordingOf = async (file: string, all: readonly MappingSettings[]) =>
  openRecording(file, {
    source: 'mapping',
    code: await codeVersion(process.cwd()),
    mappings: all.map(recordedMapping),
  })

interface SharedByMappings {
  readonly invoker: Invoker
  readonly recorders: ReadonlyArray<(event: MappingEvent) => void>
  readonly permits: Permits
  readonly buffered: BufferedByAll
}

function permitsFor(all: readonly MappingSettings[], max: number | undefined): Permits {
  const { least, most, perProcessor } = limits.maxInvocations
  const bearable = Math.min(most, Math.max(least, perProcessor * availableParallelism()))
  const reserved = all.flatMap(({ functionKey, reservedConcurrency }) =>
    reservedConcurrency === undefined ? [] : [[functionKey, reservedConcurrency] as const],
  )
  return createPermits({ max: max ?? bearable, reserved: new Map(reserved) })
}

/** Refused once, by name, in place of a batch that fails for ever. */
function isRunnable(
  { functionKey, topic, reservedConcurrency }: MappingSettings,
  { whyNotRun, log }: MappingsOptions,
): boolean {
  const why =
    reservedConcurrency === 0
      ? 'its reservedConcurrency is 0: AWS too would throttle every invocation'
      : whyNotRun?.(functionKey)
  if (why !== undefined) log.error(printable(`${functionKey} <- ${topic}: not started: ${why}`))
  return why === undefined
}

async function mappingOf(
  { settings, brokers, origin, filter, registry }: PlannedMapping,
  options: MappingsOptions,
  { invoker, recorders, permits, buffered }: SharedByMappings,
) {
  const { functionKey, topic, consumerGroupId, onFailure } = settings
  const { log, region, allowed, kafkaSecurity: security } = options
  log.notice(
    printable(
      `${functionKey} <- ${topic} at ${brokers.join(',')}, group ${consumerGroupId}: ` +
        `${settings.batchSize} records or ${settings.windowMs} ms; from the group's commits, else ` +
        `${settings.startingPosition.kind} (another consumerGroupId begins anew)`,
    ),
  )
  const functionName = options.functionName(functionKey)
  const events = eventPublisher({ functionKey, topic, consumerGroupId })
  const reachable = { brokers, allowed, security, log, region }
  const destination =
    onFailure &&
    (await openDestination(onFailure, {
      ...reachable,
      awsEndpoint: options.awsEndpoint,
      file: options.onFailureFile,
    }))
  const source = kafkaSource({
    ...{ ...settings, ...reachable, events, debug: (text: string) => log.debug(text) },
    onFailureTopic: onFailure?.kind === 'kafka' ? onFailure.topic : undefined,
  })
  const { schemaRegistry } = settings
  const faults = createFaults()
  const injected = (fault: string) => events.publish({ kind: 'faultInjected', fault })
  const mapping = new Mapping({
    ...{ settings, origin, filter, destination, events, functionName, permits, buffered },
    invoker: options.page === undefined ? invoker : withFaults(invoker, faults, injected),
    functionArn: `arn:aws:lambda:${region}:000000000000:function:${functionName}`,
    source:
      registry === undefined || schemaRegistry === undefined
        ? source
        : registeredSource(source, recordRegistry(schemaRegistry, registry), events),
    ...systemClocks,
  })
  const subscriptions = [journal(log), ...recorders].map((listener) => onMappingEvent(listener, events.mapping))
  return { mapping, settings, subscriptions, identity: events.mapping, functionName, faults }
}

/** Says the lines that otherwise only --verbose shows; serverless's own methods keep their `this`. */
const withBatches = (log: Log): Log => ({
  notice: (text) => log.notice(text),
  warning: (text) => log.warning(text),
  error: (text) => log.error(text),
  info: (text) => log.notice(text),
  debug: (text) => log.debug(text),
})
