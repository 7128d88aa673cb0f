// `microbatch start`: checks that it can start, runs the pipeline, prints the tables until it is asked to end. Tables go to
// stdout, its own words to stderr.
import { resolve } from 'node:path'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { exitCodeOf, listenForStop } from 'serverless-offline-kafka-mapping/internal/command/stop-signal'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { tryLock } from '../../process/lock.ts'
import { helpText, sharedOptions, withOptions } from '../options.ts'
import { assertFree } from '../pipeline/offline.ts'
import { runPipeline } from '../pipeline/pipeline.ts'
import type { PipelineOptions } from '../pipeline/pipeline-options.ts'
import { openRunLog } from '../pipeline/run-log.ts'
import { openTableLog } from '../pipeline/table-log.ts'
import { dataOf, deleteLocalData } from '../service/data.ts'
import { readDefinition } from '../service/definition.ts'
import { findService, makeLocalDir } from '../service/service.ts'
import { deadLetterFileOf, misspeltVariables, readCliSettings, securityProblem } from '../service/settings.ts'

const { dir, brokers, partitions, 'allow-remote': allowRemote } = sharedOptions
const options = {
  fresh: {
    type: 'boolean',
    default: false,
    help: 'deletes the local data first: topics, offsets, state, printed tables, dead letters, buckets and queues',
  },
  record: {
    type: 'string',
    value: 'FILE',
    help: 'writes each invocation to FILE, a line of JSON each, for replay; .gz and .zst are compressed',
  },
  verbose: { type: 'boolean', default: false, help: "shows the log lines and the framework's own words too" },
  dir,
  brokers: { ...brokers, help: 'a Kafka to use, host:port,…, instead of starting one' },
  partitions,
  'allow-remote': allowRemote,
} as const

export const startCommand: Command = {
  name: 'start',
  summary: 'the service on this machine: Kafka, the DynamoDB API, the mapping, the functions; prints their tables',
  help: helpText({
    usage: 'start [options]',
    options,
    variables: [
      ...(['KAFKA_BROKERS', 'KAFKA_PORT', 'PARTITIONS', 'OFFLINE_LAMBDA_PORT', 'OFFLINE_HTTP_PORT'] as const),
      ...([
        'DYNAMODB_PORT',
        'S3_PORT',
        'SQS_PORT',
        'PAGE_PORT',
        'DEAD_LETTER_FILE',
        'ALLOW_REMOTE',
        'LOCAL_DIR',
      ] as const),
    ],
    notes: `Makes the topics that the functions read and the tables of resources, and runs sls offline. A function that is scheduled each
minute is invoked at once, too, and again when handlers were saved, which ends what is at work. The commands beside a running start want the same variables.
Ctrl-C ends everything it started; the next start goes on where this one was.`,
  }),
  async run(words) {
    const { values } = parseWords('start', [], options, words)
    refuseWhatNpmKept(process.env)
    const settings = readCliSettings(withOptions(process.env, values))
    for (const line of misspeltVariables(process.env)) notice(`WARN  ${line}`)
    const service = findService({ dir: values.dir, environment: process.env })
    const insecure = securityProblem(settings)
    if (insecure !== undefined)
      throw new LocalError(
        'SETTINGS_UNSUPPORTED',
        `${insecure}: unset them, and name a plaintext listener. mapping, batch, verify and the topic commands take them.`,
      )
    makeLocalDir(service)
    const data = dataOf(service)
    const lock = tryLock(data.startLock, `process ${process.pid}`)
    if ('heldBy' in lock) {
      throw new LocalError(
        'ALREADY_RUNNING',
        `microbatch start runs already in this folder: ${lock.heldBy}. End it first.`,
      )
    }
    try {
      await assertFree(settings.dynamoDbPort, 'DYNAMODB_PORT')
      if (values.fresh) await deleteLocalData(service, deadLetterFileOf(service, settings), notice)
      return await runUntilStopped({
        service,
        settings,
        readDefinition: () => readDefinition(service, settings),
        recordFile: values.record === undefined ? undefined : resolve(values.record),
        verbose: values.verbose,
        log: openRunLog(data.logs, new Date()),
        tables: openTableLog(data.tables),
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

async function runUntilStopped(pipeline: PipelineOptions): Promise<number> {
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
  const work = runPipeline(pipeline, ending.signal).catch((error: unknown) => {
    if (error !== ending.signal.reason) throw error
  })
  await Promise.race([work, urged])
  return stopped
}
