// `npm start`: Kafka, the topic, serverless-offline with the mapping, the first minute of ticks; then the tables, until it is
// asked to end. What it started it watches and starts again; what it started it ends. Tables go to stdout, its own words to
// stderr.
import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { bindToCluster } from '../dynamodb/binding.ts'
import { type DynamoDb, startDynamoDb } from '../dynamodb/server.ts'
import { LocalError } from '../error.ts'
import { findOrStartKafka, type RunningKafka } from '../kafka/find.ts'
import { ensureTopic, probe } from '../kafka/probe.ts'
import { tryLock } from '../process/lock.ts'
import { type AllowedHosts, parseAllowedHosts } from '../safety.ts'
import { type Command, parseWords } from './command.ts'
import { deleteLocalData, kafkaDataDir, startLock, stateDir, tablesFile } from './data.ts'
import { loadHandlers } from './handlers.ts'
import { keepRunning } from './keep-running.ts'
import { functionNameOf, invokeOnce } from './lambda.ts'
import { ownsCurrentMinute } from './minute.ts'
import { assertFree, type Offline, startOffline } from './offline.ts'
import { openRunLog, type RunLog } from './run-log.ts'
import { type CliSettings, localDir, makeLocalDir, projectDir, readCliSettings } from './settings.ts'
import { listenForStop } from './stop-signal.ts'
import { openTableLog, type TableLog } from './table-log.ts'

interface StartOptions {
  readonly settings: CliSettings
  readonly recordFile: string | undefined
  readonly verbose: boolean
  readonly log: RunLog
  readonly tables: TableLog
}

const topicPartitions = 3

export const startCommand: Command = {
  name: 'start',
  summary: 'Kafka, the scheduled producer, the mapping and the consumers on this machine; prints their tables',
  help: `npm start -- [--fresh] [--record FILE] [--verbose] [--allow-remote HOST]

  --fresh              deletes the local data first: topics, offsets, state, printed tables, dead letters
  --record FILE        writes each delivered event to FILE, a line of NDJSON each, for npm run replay
  --verbose            shows the log lines and the framework's own words too
  --allow-remote HOST  allows HOST in KAFKA_BROKERS though it is not this machine (again for more)

Environment: KAFKA_BROKERS (a Kafka to use instead of starting one), KAFKA_PORT (9092), OFFLINE_LAMBDA_PORT (3002),
OFFLINE_HTTP_PORT (3000), DYNAMODB_PORT (8000), TOPIC (stock-ticks), SYMBOLS (5; 1 is the guide's one tick a second),
SEED (42), PARTITIONS (3, of the topic), WINDOW (3 seconds, the length of a bar), WATERMARK_DELAY (10 seconds), OUTPUT_MODE
(update; append, complete), IDLE_TIMEOUT (unset; with SYMBOLS=1 or in append mode, after how long a partition without ticks no
longer holds the bars back), DEAD_LETTER_FILE (.local/dead-letters.ndjson), ALLOW_REMOTE (hosts, as --allow-remote),
LOCAL_DIR (.local; another one for a second run of this folder, with other ports). invoke, batch and verify beside a run want
the same ports and the same settings of the bars.
Ctrl-C ends everything it started; the next start goes on where this one was.`,
  async run(words) {
    const { values } = parseWords(
      'start',
      [],
      {
        fresh: { type: 'boolean', default: false },
        record: { type: 'string' },
        verbose: { type: 'boolean', default: false },
        'allow-remote': { type: 'string', multiple: true, default: [] },
      },
      words,
    )
    refuseWhatNpmKept(process.env)
    const settings = readCliSettings(process.env)
    for (const file of ['producer.ts', 'consumer.ts']) await loadHandlers(file)
    makeLocalDir()
    const lock = tryLock(startLock, `process ${process.pid}`)
    if ('heldBy' in lock) {
      throw new LocalError('ALREADY_RUNNING', `npm start runs already in this folder: ${lock.heldBy}. End it first.`)
    }
    try {
      await assertFree(settings.offlineLambdaPort, 'OFFLINE_LAMBDA_PORT')
      await assertFree(settings.dynamoDbPort, 'DYNAMODB_PORT')
      if (values.fresh) await deleteLocalData(settings, notice)
      if (existsSync(kafkaDataDir) && !existsSync(stateDir)) {
        notice(
          'State is gone and offsets are kept: bars of open windows will be short. npm start -- --fresh begins anew.',
        )
      }
      const allowRemote = [settings.allowRemote, ...values['allow-remote']].filter((host) => host !== '').join(',')
      return await runUntilStopped({
        settings: { ...settings, allowRemote },
        recordFile: values.record === undefined ? undefined : resolve(values.record),
        verbose: values.verbose,
        log: openRunLog(join(localDir, 'log'), new Date()),
        tables: openTableLog(tablesFile),
      })
    } finally {
      lock.release()
    }
  },
}

/** `npm start --fresh` is an option of npm's: it comes as a variable, and the run would go on as if it had not been asked. */
function refuseWhatNpmKept(environment: NodeJS.ProcessEnv): void {
  const kept = ['fresh', 'record', 'allow_remote'].find((name) => environment[`npm_config_${name}`] !== undefined)
  if (kept === undefined) return
  const option = `--${kept.replace('_', '-')}`
  throw new LocalError('COMMAND_INVALID', `npm kept ${option} for itself. Write: npm start -- ${option} ...`)
}

function notice(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function runUntilStopped(options: StartOptions): Promise<number> {
  const stop = listenForStop()
  const ending = new AbortController()
  const stopped = stop.asked.then((signal) => {
    notice('Ending: the batch in flight first, then Kafka. Ctrl-C again ends it at once.')
    ending.abort(new Error(signal))
    // SIGINT is how a person ends it: no failure. A caller's signal shows in the exit code as is the custom.
    return signal === 'SIGINT' ? 0 : signal === 'SIGTERM' ? 143 : 129
  })
  const urged = stop.urged.then(() => {
    notice('Ending at once.')
    process.exit(130) // the keepers of what still runs end it
  })
  const work = runPipeline(options, ending.signal).catch((error: unknown) => {
    if (error !== ending.signal.reason) throw error
  })
  await Promise.race([work, urged])
  return stopped
}

/** Runs until the signal is aborted; then everything is ended in order: the consumers, after them what they use. */
async function runPipeline(options: StartOptions, signal: AbortSignal): Promise<void> {
  const { settings } = options
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
  { settings, recordFile, verbose, log, tables }: StartOptions,
  brokers: readonly string[],
  dynamoDbEndpoint: string,
  signal: AbortSignal,
): Promise<Offline> {
  const { allowRemote } = settings
  const outputs = { log: log.write, table: tables.write, notice }
  const offline = await startOffline(
    { settings, brokers, dynamoDbEndpoint, recordFile, allowRemote, verbose, ...outputs },
    signal,
  )
  if (ownsCurrentMinute(offline.scheduledAtMs, Date.now())) produceThisMinute(settings, signal)
  else notice('The first ticks come with the next full minute.')
  return offline
}

/**
 * Not awaited: it lasts to the end of the minute. Not as an asynchronous (Event) invocation either: one whose handler throws
 * kills serverless-offline 14. That the producer failed is in its own log lines.
 */
function produceThisMinute(settings: CliSettings, ending: AbortSignal): void {
  invokeOnce({
    endpoint: `http://localhost:${settings.offlineLambdaPort}`,
    allowRemote: '',
    functionName: functionNameOf('producer'),
    payload: '{}',
    signal: ending,
  }).catch((error: unknown) => {
    if (!ending.aborted) notice(`WARN  ${error instanceof Error ? error.message : String(error)}`)
  })
}

function sayWhatRuns(
  { settings, recordFile, log }: StartOptions,
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
