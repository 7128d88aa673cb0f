// What `npm start` keeps running, in the order things need each other: Kafka, the topic, the embedded DynamoDB, serverless
// offline, the first minute of ticks. Ends all of it, the other way round, when it is told to.

import { relative } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { type AllowedHosts, parseAllowedHosts } from 'serverless-offline-kafka-mapping/internal/safety'
import { bindToCluster } from '../../dynamodb/binding.ts'
import { type DynamoDb, startDynamoDb } from '../../dynamodb/server.ts'
import { findOrStartKafka, type RunningKafka } from '../../kafka/find.ts'
import { ensureTopic, probe } from '../../kafka/probe.ts'
import { kafkaDataDir, stateDir } from '../data.ts'
import { deployedName } from '../function-name.ts'
import { invokeOnce } from '../invoke-once.ts'
import { type CliSettings, projectDir } from '../settings.ts'
import { keepRunning } from './keep-running.ts'
import { ownsCurrentMinute } from './minute.ts'
import { type Offline, startOffline } from './offline.ts'
import type { RunLog } from './run-log.ts'
import type { TableLog } from './table-log.ts'

export interface PipelineOptions {
  readonly settings: CliSettings
  readonly recordFile: string | undefined
  readonly verbose: boolean
  readonly log: RunLog
  readonly tables: TableLog
  /** Its own words, for people. */
  readonly notice: (line: string) => void
}

const topicPartitions = 3

/** Runs until the signal is aborted; then everything is ended in order: the consumers, after them what they use. */
export async function runPipeline(options: PipelineOptions, signal: AbortSignal): Promise<void> {
  const { settings, notice } = options
  const allowed = parseAllowedHosts(settings.allowRemote)
  notice('Starting Kafka ...')
  const kafka = await keepRunning<RunningKafka>(
    {
      name: 'Kafka',
      notice,
      start: (startSignal) =>
        findOrStartKafka({
          configured: settings.kafkaBrokers,
          port: settings.kafkaPort,
          ...(settings.kafkaPort === 9092 ? { internalPort: 29092 } : {}),
          dataDir: kafkaDataDir,
          projectDir,
          signal: startSignal,
          allowed,
          log: notice,
        }),
    },
    signal,
  )
  try {
    signal.throwIfAborted()
    const { brokers } = kafka.first
    const partitions = await ensureTopic(brokers, settings.topic, topicPartitions, allowed)
    const dynamoDb = await startState(settings, brokers, allowed)
    try {
      notice('Starting serverless offline ...')
      const offline = await keepRunning<Offline>(
        {
          name: 'serverless offline',
          notice,
          start: (startSignal) => startOfflineAndTicks(options, brokers, dynamoDb.endpoint, startSignal),
        },
        signal,
      )
      try {
        sayWhatRuns(options, kafka.first, partitions, dynamoDb)
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
      } finally {
        await offline.stop()
      }
    } finally {
      await dynamoDb.stop()
    }
  } finally {
    await kafka.stop()
  }
}

/** In this process: it ends with us whatever our death, and a handler that dies or is killed does not touch it. */
async function startState(settings: CliSettings, brokers: readonly string[], allowed: AllowedHosts): Promise<DynamoDb> {
  const cluster = await probe(brokers, 10_000, allowed)
  if (cluster === undefined) throw new LocalError('KAFKA_UNAVAILABLE', `Kafka at ${brokers.join(',')} went away.`)
  bindToCluster(stateDir, cluster.clusterId)
  return startDynamoDb({ folder: stateDir, port: settings.dynamoDbPort })
}

async function startOfflineAndTicks(
  options: PipelineOptions,
  brokers: readonly string[],
  dynamoDbEndpoint: string,
  signal: AbortSignal,
): Promise<Offline> {
  const { settings, recordFile, verbose, log, tables, notice } = options
  const { allowRemote } = settings
  const outputs = { log: log.write, table: tables.write, notice }
  const offline = await startOffline(
    { settings, brokers, dynamoDbEndpoint, recordFile, allowRemote, verbose, ...outputs },
    signal,
  )
  if (ownsCurrentMinute(offline.scheduledAtMs, Date.now())) produceThisMinute(options, signal)
  else notice('The first ticks come with the next full minute.')
  return offline
}

/**
 * Not awaited: it lasts to the end of the minute. Not as an asynchronous (Event) invocation either: one whose handler throws
 * kills serverless-offline 14. That the producer failed is in its own log lines.
 */
function produceThisMinute({ settings, notice }: PipelineOptions, ending: AbortSignal): void {
  invokeOnce({
    endpoint: `http://localhost:${settings.offlineLambdaPort}`,
    allowRemote: '',
    functionName: deployedName('producer'),
    payload: '{}',
    signal: ending,
  }).catch((error: unknown) => {
    if (!ending.aborted) notice(`WARN  ${error instanceof Error ? error.message : String(error)}`)
  })
}

function sayWhatRuns(
  { settings, recordFile, log, notice }: PipelineOptions,
  kafka: RunningKafka,
  partitions: number,
  dynamoDb: DynamoDb,
): void {
  const short = (file: string) => {
    const path = relative(process.cwd(), file)
    return path.startsWith('..') ? file : path
  }
  const lines: [string, string][] = [
    ['Kafka', `${kafka.brokers.join(',')} (${kafka.description})`],
    ['Topic', `${settings.topic}, ${partitions} partitions`],
    ['DynamoDB', `${dynamoDb.endpoint} (${short(stateDir)})`],
    ['Lambda', `http://localhost:${settings.offlineLambdaPort} (npm run invoke -- tape test/events/self-managed.json)`],
    ['Dead letters', short(settings.deadLetterFile)],
    ['Log', short(log.file)],
    ...(recordFile === undefined ? [] : [['Recording', short(recordFile)] satisfies [string, string]]),
  ]
  notice(['', ...lines.map(([name, text]) => `${name.padEnd(13)}${text}`), 'Ctrl-C ends all of it.', ''].join('\n'))
}
