// The functions of the service in `start`: serverless offline, what it prints kept and shown, and the rest of the minute of what is
// scheduled.
import { messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { invokeOnce } from '../invoke-once.ts'
import { deployedName, minutely } from '../service/definition.ts'
import { frameworkEnvironment } from '../service/environment.ts'
import type { PageAddress } from '../service/page-address.ts'
import { ownsCurrentMinute } from './minute.ts'
import { type Offline, startOffline } from './offline.ts'
import type { Deployment, PipelineOptions } from './pipeline-options.ts'

export interface FunctionsOptions extends PipelineOptions {
  /** Ends the run in order. */
  readonly fail: (error: unknown) => void
  readonly page: PageAddress | undefined
  /** Variables that say where the APIs for the sinks are. */
  readonly sinkApis: Readonly<Record<string, string>>
}

/** @throws what keeps serverless offline from starting */
export async function startFunctions(
  options: FunctionsOptions,
  brokers: readonly string[],
  { definition, ports }: Deployment,
  signal: AbortSignal,
): Promise<Offline> {
  const { service, settings, recordFile, verbose, log, tables, notice, fail, page, sinkApis } = options
  const scheduled = minutely(definition)
  const environment = {
    ...frameworkEnvironment(service, { ...settings, kafkaBrokers: brokers }, process.env),
    ...sinkApis,
    // What start shows are the tables.
    ...(verbose ? {} : { KAFKA_MAPPING_QUIET_BATCHES: 'true' }),
    OFFLINE_HTTP_PORT: String(ports.http),
    OFFLINE_LAMBDA_PORT: String(ports.lambda),
    ...(recordFile === undefined ? {} : { KAFKA_MAPPING_RECORD_FILE: recordFile }),
    ...(page === undefined ? {} : { KAFKA_MAPPING_PAGE_PORT: String(page.port), KAFKA_MAPPING_PAGE_TOKEN: page.token }),
    ...(settings.allowRemote === ''
      ? {}
      : { ALLOW_REMOTE: settings.allowRemote, KAFKA_MAPPING_ALLOW_REMOTE: settings.allowRemote }),
  }
  // A line that cannot be kept ends the run: what is printed and not kept would count as lost.
  const keep = (write: (line: string) => void) => (line: string) => {
    try {
      write(line)
    } catch (error) {
      fail(error)
    }
  }
  const outputs = { verbose, log: keep(log.write), table: keep(tables.write), notice }
  const offline = await startOffline({ folder: service.folder, ports, scheduled, environment, ...outputs }, signal)
  const isOurs = ownsCurrentMinute(offline.scheduledAtMs, Date.now())
  for (const key of scheduled) {
    if (isOurs) invokeThisMinute(deployedName(definition, key), ports.lambda, notice, signal)
    else notice(`${key} is invoked first at the next full minute.`)
  }
  return offline
}

/**
 * Not awaited: it may last to the end of the minute. Not as an asynchronous (Event) invocation either: one whose handler throws
 * kills serverless-offline 14. That the function failed is in its own log lines.
 */
function invokeThisMinute(
  functionName: string,
  lambdaPort: number,
  notice: (line: string) => void,
  signal: AbortSignal,
): void {
  const endpoint = `http://localhost:${lambdaPort}`
  invokeOnce({ endpoint, allowRemote: '', functionName, payload: '{}', signal }).catch((error: unknown) => {
    if (!signal.aborted) notice(`WARN  ${messageOf(error)}`)
  })
}
