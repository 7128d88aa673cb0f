// serverless-offline with our mapping in it, as a child under our own Node: started, watched until it takes invocations,
// its output presented, ended in order.
import { join } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { describeExit, startChild } from '../../process/child.ts'
import { describeListener, isTaken, listenerOn } from '../../process/port.ts'
import { type CliSettings, projectDir, withoutAwsAccount } from '../settings.ts'
import type { Running } from './keep-running.ts'
import { eachLine } from './lines.ts'
import { writeTo } from './output.ts'
import { busyPort, present } from './presenter.ts'

export interface OfflineOptions {
  readonly settings: CliSettings
  readonly brokers: readonly string[]
  /** Of the DynamoDB API on this machine. */
  readonly dynamoDbEndpoint: string
  readonly recordFile: string | undefined
  readonly allowRemote: string
  readonly verbose: boolean
  /** A line for the log file. */
  readonly log: (line: string) => void
  /** A line that the handlers printed, before it is shown. */
  readonly table: (line: string) => void
  /** A line for the person. */
  readonly notice: (line: string) => void
}

export interface Offline extends Running {
  /** Epoch milliseconds at which the producer's schedule was set. */
  readonly scheduledAtMs: number
  /** Resolves when it has ended and everything it printed has been shown. */
  readonly ended: Promise<string>
  /** SIGINT: the batch in flight ends and its offsets are committed; SIGKILL after 30 s. */
  stop(): Promise<void>
}

const stopTimeoutMs = 30_000
const startTimeoutMs = 60_000

/**
 * Starts `serverless offline` and waits until its Lambda endpoint answers and its schedules are set.
 * @param signal gives up the start, and ends the child
 * @throws LocalError CHILD_FAILED with what it said, PORT_TAKEN naming who has its port
 */
export async function startOffline(options: OfflineOptions, signal: AbortSignal): Promise<Offline> {
  const { settings, notice, log, table, verbose } = options
  await assertFree(settings.offlineLambdaPort, 'OFFLINE_LAMBDA_PORT')
  const child = await startChild({
    command: process.execPath,
    args: [join(projectDir, 'node_modules/.bin/serverless'), 'offline', '--noSponsor'],
    cwd: projectDir,
    env: childEnvironment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  let scheduledAtMs: number | undefined
  const show = (stream: 'stdout' | 'stderr') => async (line: string) => {
    if (stream === 'stderr' && line.startsWith('Scheduling [producer]')) scheduledAtMs = Date.now()
    const presented = present(stream, line, verbose)
    if (presented.log !== undefined) log(presented.log)
    if (presented.output !== undefined) {
      table(presented.output)
      await writeTo(process.stdout, `${presented.output}\n`)
    }
    if (presented.notice !== undefined) notice(presented.notice)
    const port = busyPort(line)
    if (port !== undefined) notice(`Port ${port} is taken by ${describeListener(listenerOn(port))}.`)
    if (stream === 'stderr' && said.push(line) > 20) said.shift()
  }
  const { stdout, stderr } = child.process
  if (stdout === null || stderr === null) throw new Error('serverless offline was started without pipes')
  const printed = Promise.all([eachLine(stdout, show('stdout')), eachLine(stderr, show('stderr'))])
  let exit: string | undefined
  const ended = Promise.all([child.exited, printed]).then(([ending]) => {
    exit = describeExit(ending)
    return exit
  })
  const stop = async () => {
    await child.stop('SIGINT', stopTimeoutMs)
    await ended
  }

  const deadlineMs = performance.now() + startTimeoutMs
  while (scheduledAtMs === undefined || !(await isTaken(settings.offlineLambdaPort))) {
    if (signal.aborted) {
      await stop()
      signal.throwIfAborted()
    }
    if (exit !== undefined || performance.now() > deadlineMs) {
      await child.kill()
      const words = said.map((line) => `  | ${printable(line)}`).join('\n')
      const what = exit === undefined ? `was not ready after ${startTimeoutMs / 1000} s` : `ended (${exit})`
      throw new LocalError('CHILD_FAILED', `serverless offline ${what} while it was starting. It said:\n${words}`)
    }
    await new Promise((wake) => setTimeout(wake, 100))
  }
  return {
    scheduledAtMs,
    ended,
    stop,
    async kill() {
      await child.kill()
    },
  }
}

/** @throws LocalError PORT_TAKEN naming who has the port, and the variable that gives it another */
export async function assertFree(port: number, variable: string): Promise<void> {
  if (!(await isTaken(port))) return
  const holder = describeListener(listenerOn(port))
  throw new LocalError('PORT_TAKEN', `Port ${port} is taken by ${holder}. End it, or set ${variable} to another port.`)
}

function childEnvironment(options: OfflineOptions): NodeJS.ProcessEnv {
  const { settings, brokers, dynamoDbEndpoint, recordFile, allowRemote, verbose } = options
  return {
    ...withoutAwsAccount(process.env),
    PWD: projectDir,
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_MAPPING_BROKERS: brokers.join(','),
    // What npm start shows are the tables.
    ...(verbose ? {} : { KAFKA_MAPPING_QUIET_BATCHES: 'true' }),
    AWS_ENDPOINT_URL_DYNAMODB: dynamoDbEndpoint,
    TOPIC: settings.topic,
    DEAD_LETTER_FILE: settings.deadLetterFile,
    OFFLINE_HTTP_PORT: String(settings.offlineHttpPort),
    OFFLINE_LAMBDA_PORT: String(settings.offlineLambdaPort),
    ...(recordFile === undefined ? {} : { KAFKA_MAPPING_RECORD_FILE: recordFile }),
    ...(allowRemote === '' ? {} : { ALLOW_REMOTE: allowRemote, KAFKA_MAPPING_ALLOW_REMOTE: allowRemote }),
  }
}
