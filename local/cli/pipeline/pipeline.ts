// What `start` keeps running, in the order things need each other: Kafka, the topics, the embedded DynamoDB with its tables,
// serverless offline, the first minute of what is scheduled. Ends all of it, the other way round, when it is told to.
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { bindToCluster } from '../../dynamodb/binding.ts'
import { type DynamoDb, startDynamoDb } from '../../dynamodb/server.ts'
import { createTables, stateTablesOf, tablesOf } from '../../dynamodb/tables.ts'
import { withAdmin } from '../../kafka/connection.ts'
import { findOrStartKafka, type RunningKafka } from '../../kafka/find.ts'
import { partitionProblem } from '../../kafka/partition-count.ts'
import { probe } from '../../kafka/probe.ts'
import { makeTopic, partitionCount } from '../../kafka/topics.ts'
import { dataOf } from '../service/data.ts'
import { consumersOf, toldPartitions, topicsOf } from '../service/definition.ts'
import { frameworkEnvironment } from '../service/environment.ts'
import { bundleHandlers, checkHandlers, type StatefulQuery } from '../service/handler-check.ts'
import { pageAddress } from '../service/page-address.ts'
import { watchService } from '../service/service-watch.ts'
import { startFunctions } from './functions.ts'
import { keepRunning } from './keep-running.ts'
import { functionsThatHaveRead, leftBehind } from './left-behind.ts'
import { assertFree, type Offline } from './offline.ts'
import type { Deployment, PipelineOptions } from './pipeline-options.ts'
import { keepRegistry } from './registry.ts'
import { runSummary } from './run-summary.ts'
import { keepSinkApis, type RunningSinkApis } from './sink-apis.ts'

/**
 * Runs until the signal is aborted; then everything is ended in order: the consumers, after them what they use.
 * @throws what keeps it from starting, a definition or a function's module that is refused among it
 */
export async function runPipeline(options: PipelineOptions, ending: AbortSignal): Promise<void> {
  const { notice, service, settings } = options
  const failing = new AbortController()
  const signal = AbortSignal.any([ending, failing.signal])
  const deploying = deploymentOf(options)
  deploying.catch((error: unknown) => failing.abort(error))
  const stopWatching = watchService(service, { notice, fail: (error) => failing.abort(error) })
  notice('Starting Kafka ...')
  const kafka = await startKafka(options, signal)
  try {
    const deployment = await deploying
    signal.throwIfAborted()
    const { brokers } = kafka.first
    const { topics, haveRead } = await lookAtTopics(options, brokers, deployment)
    const registry = await keepRegistry(options, deployment, signal)
    const dynamoDb = await startState(options, brokers).catch(async (error: unknown) => {
      await registry?.stop()
      throw error
    })
    let sinkApis: RunningSinkApis | undefined
    try {
      const apis = await keepSinkApis(options, deployment, signal)
      sinkApis = apis
      const tables = tablesOf(deployment.definition.resources)
      const made = new Set(await createTables(dynamoDb.endpoint, tables))
      for (const name of made) notice(`table ${name} made at ${dynamoDb.endpoint}`)
      const kept = stateTablesOf(tables).filter((name) => !made.has(name))
      const check = async () => {
        const queries = await checkFunctions(options, deployment, kept)
        for (const line of leftBehind(queries, haveRead)) notice(line)
      }
      if (kept.length > 0) await check()
      notice('Starting serverless offline ...')
      const fail = (error: unknown) => failing.abort(error)
      const page = await pageAddress(service, settings)
      const start = (startSignal: AbortSignal) =>
        startFunctions({ ...options, fail, page, sinkApis: apis.environment }, brokers, deployment, startSignal)
      const offline = await keepRunning<Offline>({ name: 'serverless offline', notice, start }, signal)
      try {
        const { recordFile, log } = options
        const parts = {
          kafka: kafka.first,
          topics,
          dynamoDb,
          registry: registry?.first.url,
          sinkApis: apis.summary,
          lambdaPort: deployment.ports.lambda,
          httpPort: deployment.ports.http,
          page: page?.url,
          recordFile,
          log,
        }
        notice(runSummary(service, settings, deployment.definition, parts))
        if (kept.length === 0) check().catch(fail)
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
        failing.signal.throwIfAborted()
      } finally {
        await offline.stop()
      }
    } finally {
      await sinkApis?.stop()
      await dynamoDb.stop()
      await registry?.stop()
    }
  } finally {
    await kafka.stop()
    stopWatching()
  }
}

async function deploymentOf({ readDefinition, service, settings, notice }: PipelineOptions): Promise<Deployment> {
  const definition = await readDefinition()
  if (consumersOf(definition).length === 0) notice('WARN  No function has a Kafka event: nothing is consumed.')
  await bundleHandlers(service, definition)
  const { offline } = definition
  const lambda = settings.offlineLambdaPort ?? offline.lambdaPort ?? 3002
  await assertFree(lambda, 'OFFLINE_LAMBDA_PORT')
  return { definition, ports: { lambda, http: settings.offlineHttpPort ?? offline.httpPort ?? 3000 } }
}

/**
 * While the first batch gathers, since before that it would hold back the start by what it takes of the processors; but before
 * anything runs over state that is kept.
 */
const checkFunctions = (
  { service, settings }: PipelineOptions,
  { definition }: Deployment,
  tables: readonly string[] = [],
): Promise<readonly StatefulQuery[]> =>
  checkHandlers(service, definition, { environment: frameworkEnvironment(service, settings, process.env), tables })

function startKafka({ service, settings, notice }: PipelineOptions, signal: AbortSignal) {
  const start = (startSignal: AbortSignal) =>
    findOrStartKafka({
      configured: settings.kafkaBrokers,
      port: settings.kafkaPort,
      ...(settings.kafkaPort === 9092 ? { internalPort: 29092 } : {}),
      dataDir: dataOf(service).kafka,
      libsDir: service.kafkaLibsDir,
      folder: service.folder,
      signal: startSignal,
      allowed: settings.allowedHosts,
      log: notice,
    })
  return keepRunning<RunningKafka>({ name: 'Kafka', notice, start }, signal)
}

interface FoundTopics {
  /** How many partitions each has. */
  readonly topics: ReadonlyMap<string, number>
  /** The functions whose group has committed. */
  readonly haveRead: ReadonlySet<string>
}

/**
 * Makes those that are missing.
 * @throws LocalError SETTINGS_INVALID for one that is there already with others than its functions are told
 */
function lookAtTopics(
  { settings: { allowedHosts, partitions, kafkaBrokers } }: PipelineOptions,
  brokers: readonly string[],
  { definition }: Deployment,
): Promise<FoundTopics> {
  return withAdmin({ brokers, allowed: allowedHosts }, async (admin) => {
    const topics = new Map<string, number>()
    const made = new Set<string>()
    const toldOf = toldPartitions(definition)
    for (const [topic, wanted] of topicsOf(definition, partitions)) {
      if (await makeTopic(admin, topic, wanted)) made.add(topic)
      const found = await partitionCount(admin, topic)
      const isOurs = kafkaBrokers === undefined
      const problem = partitionProblem({ topic, told: toldOf.get(topic) ?? found, found, isOurs })
      if (problem !== undefined) throw new LocalError('SETTINGS_INVALID', `${problem.says}. To do: ${problem.remedy}.`)
      topics.set(topic, found)
    }
    // Nobody has read a topic that was made just now, and a new Kafka takes a second to say so.
    const older = consumersOf(definition).filter(({ topic }) => !made.has(topic))
    return { topics, haveRead: await functionsThatHaveRead(admin, older) }
  })
}

/** In this process: it ends with us whatever our death, and a function that dies or is killed does not touch it. */
async function startState({ service, settings }: PipelineOptions, brokers: readonly string[]): Promise<DynamoDb> {
  const cluster = await probe(brokers, 10_000, settings.allowedHosts)
  if (cluster === undefined) throw new LocalError('KAFKA_UNAVAILABLE', `Kafka at ${brokers.join(',')} went away.`)
  const { state } = dataOf(service)
  bindToCluster(state, cluster.clusterId)
  return startDynamoDb({ folder: state, port: settings.dynamoDbPort })
}
