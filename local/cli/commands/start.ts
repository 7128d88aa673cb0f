// `npm start`: checks that it can start, runs the pipeline, prints the tables until it is asked to end. Tables go to stdout,
// its own words to stderr.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { exitCodeOf, listenForStop } from 'serverless-offline-kafka-mapping/internal/command/stop-signal'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { tryLock } from '../../process/lock.ts'
import { deleteLocalData, kafkaDataDir, startLock, stateDir, tablesFile } from '../data.ts'
import { loadHandlers } from '../handlers.ts'
import { assertFree } from '../pipeline/offline.ts'
import { type PipelineOptions, runPipeline } from '../pipeline/pipeline.ts'
import { openRunLog } from '../pipeline/run-log.ts'
import { openTableLog } from '../pipeline/table-log.ts'
import { localDir, makeLocalDir, readCliSettings, securityProblem } from '../settings.ts'

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
    const insecure = securityProblem(settings)
    if (insecure !== undefined)
      throw new LocalError(
        'SETTINGS_UNSUPPORTED',
        `${insecure}: unset them, and name a plaintext listener. npm run mapping, batch and verify take them.`,
      )
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
        notice,
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

async function runUntilStopped(options: PipelineOptions): Promise<number> {
  const stop = listenForStop()
  const ending = new AbortController()
  const stopped = stop.asked.then((signal) => {
    notice('Ending: the batch in flight first, then Kafka. Ctrl-C again ends it at once.')
    ending.abort(new Error(signal))
    return exitCodeOf(signal)
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
