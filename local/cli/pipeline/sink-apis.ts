// The S3 and the SQS of `start`: there for the buckets and queues that queries declare, where the shell names no API of its own, and
// Java can run them. Where one is not there the sinks write to files, which is said.
import { join } from 'node:path'
import { type DeclaredPlaces, declaredPlaces } from '../../aws/declared.ts'
import type { ApiOptions, AwsApi } from '../../aws/java-api.ts'
import { s3Jar, startS3 } from '../../aws/s3-server.ts'
import { sqsJars, startSqs } from '../../aws/sqs-server.ts'
import { javaProblem, mavenProblem } from '../../kafka/distribution.ts'
import { dataOf, type LocalData } from '../service/data.ts'
import type { Service } from '../service/service.ts'
import type { CliSettings } from '../service/settings.ts'
import { type KeptRunning, keepRunning } from './keep-running.ts'
import { assertFree } from './offline.ts'
import type { Deployment, PipelineOptions } from './pipeline-options.ts'

interface SinkApi {
  /** The word of the variable of AWS's clients: AWS_ENDPOINT_URL_S3. */
  readonly service: 'S3' | 'SQS'
  readonly program: string
  readonly port: number | 'off'
  readonly places: readonly string[]
  /** Where the sinks write without it, and it keeps what it has. */
  readonly dataDir: string
  readonly start: (options: ApiOptions, places: readonly string[]) => Promise<AwsApi>
  /** There once it was fetched. */
  readonly fetched: string
}

/** Both, whether they are needed or not. */
const sinkApis = (
  { buckets, queues }: DeclaredPlaces,
  { s3Port, sqsPort }: CliSettings,
  { kafkaLibsDir }: Service,
  data: LocalData,
): readonly SinkApi[] => [
  {
    ...{ service: 'S3', program: 'S3Proxy', port: s3Port, places: buckets, dataDir: data.s3, start: startS3 },
    fetched: s3Jar(kafkaLibsDir),
  },
  {
    ...{ service: 'SQS', program: 'ElasticMQ', port: sqsPort, places: queues, dataDir: data.sqs, start: startSqs },
    fetched: sqsJars(kafkaLibsDir),
  },
]

/** Those that `start` runs for a service, or would. */
export const neededApis = (
  queries: Deployment['definition']['queries'],
  settings: CliSettings,
  service: Service,
  environment: NodeJS.ProcessEnv,
): readonly (SinkApi & { readonly port: number })[] =>
  sinkApis(declaredPlaces(queries), settings, service, dataOf(service)).flatMap((api) =>
    api.port === 'off' ||
    api.places.length === 0 ||
    environment[`AWS_ENDPOINT_URL_${api.service}`] ||
    environment.AWS_ENDPOINT_URL
      ? []
      : [{ ...api, port: api.port }],
  )

/** Why Java cannot run one, in words; undefined where it can. */
export const apiProblem = async ({ kafkaLibsDir }: Service, fetched: string): Promise<string | undefined> =>
  (await javaProblem()) ?? (await mavenProblem(kafkaLibsDir, fetched))

export interface RunningSinkApis {
  /** Read by the plugin of the queries (infra/input.ts). */
  readonly environment: Readonly<Record<string, string>>
  /** A line each, for people. */
  readonly summary: readonly (readonly [string, string])[]
  stop(): Promise<void>
}

/** @throws LocalError PORT_TAKEN, CHILD_FAILED; the signal's reason */
export async function keepSinkApis(
  { service, settings, notice }: PipelineOptions,
  { definition }: Deployment,
  signal: AbortSignal,
): Promise<RunningSinkApis> {
  const kept: { readonly api: SinkApi; readonly running: KeptRunning<AwsApi> }[] = []
  const stop = async () => {
    for (const { running } of kept) await running.stop()
  }
  try {
    for (const api of neededApis(definition.queries, settings, service, process.env)) {
      const problem = await apiProblem(service, api.fetched)
      if (problem !== undefined) {
        notice(
          `WARN  No ${api.service} for ${api.places.join(', ')}: ${problem}. The sinks write below ${api.dataDir}.`,
        )
        continue
      }
      await assertFree(api.port, `${api.service}_PORT`)
      notice(`Starting an ${api.service} for the sinks (${api.program}) ...`)
      const options = {
        ...{ port: api.port, dataDir: api.dataDir, libsDir: service.kafkaLibsDir, log: notice },
        logFile: join(dataOf(service).logs, `${api.service.toLowerCase()}.log`),
      }
      const start = (startSignal: AbortSignal) => api.start({ ...options, signal: startSignal }, api.places)
      kept.push({ api, running: await keepRunning<AwsApi>({ name: api.program, notice, start }, signal) })
    }
  } catch (error) {
    await stop()
    throw error
  }
  return {
    environment: Object.fromEntries(kept.map(({ api, running }) => [`SINKS_${api.service}_URL`, running.first.url])),
    summary: kept.map(({ api, running }) => [api.service, `${running.first.url} (${api.places.join(', ')})`]),
    stop,
  }
}
