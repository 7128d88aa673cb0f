// serverless-offline with our mapping in it, as a child under our own Node: started, watched until it takes invocations,
// its output presented, ended in order.
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { frameworkOf, withoutFramework } from 'serverless-offline-kafka-mapping/internal/settings/service-framework'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { type Child, describeExit, startChild } from '../../process/child.ts'
import { frameworkProcess } from '../../process/framework-process.ts'
import { describeListener, isTaken, listenerOn } from '../../process/port.ts'
import type { Running } from './keep-running.ts'
import { eachLine } from './lines.ts'
import { writeTo } from './output.ts'
import { busyPort, present } from './presenter.ts'

export interface OfflinePorts {
  readonly lambda: number
  readonly http: number
}

export interface OfflineOptions {
  /** The service's. */
  readonly folder: string
  readonly ports: OfflinePorts
  /** Functions whose schedules are waited for. */
  readonly scheduled: readonly string[]
  /** The environment of the framework, and by it of the functions. */
  readonly environment: NodeJS.ProcessEnv
  readonly verbose: boolean
  /** A line for the log file. */
  readonly log: (line: string) => void
  /** A line that the functions printed, before it is shown. */
  readonly table: (line: string) => void
  /** A line for the person. */
  readonly notice: (line: string) => void
}

export interface Offline extends Running {
  /** Epoch milliseconds at which the last of the schedules was set. */
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
 * @throws LocalError CHILD_FAILED with what it said, PORT_TAKEN naming who has its port, SETTINGS_INVALID without a framework
 */
export async function startOffline(options: OfflineOptions, signal: AbortSignal): Promise<Offline> {
  const { ports, scheduled } = options
  await assertFree(ports.lambda, 'OFFLINE_LAMBDA_PORT')
  const child = await startFramework(options)
  const said: string[] = []
  const waitedFor = new Set(scheduled)
  let scheduledAtMs = Date.now()
  const printed = presentOutput(child, options, (line) => {
    const [, key] = /^Scheduling \[([^\]]+)\]/.exec(line) ?? []
    if (key !== undefined && waitedFor.delete(key)) scheduledAtMs = Date.now()
    if (said.push(line) > 20) said.shift()
  })
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
  while (waitedFor.size > 0 || !(await isTaken(ports.lambda))) {
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

function startFramework({ folder, ports, environment }: OfflineOptions): Promise<Child> {
  const framework = frameworkOf(folder)
  if (framework === undefined) throw withoutFramework(folder)
  const words = ['offline', '--noSponsor', '--lambdaPort', String(ports.lambda), '--httpPort', String(ports.http)]
  return startChild({
    ...frameworkProcess(framework, words, environment),
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** @returns resolves when all that it printed has been shown */
function presentOutput(
  child: Child,
  { log, table, notice, verbose }: OfflineOptions,
  onStderr: (line: string) => void,
): Promise<unknown> {
  const show = (stream: 'stdout' | 'stderr') => async (line: string) => {
    if (stream === 'stderr') onStderr(line)
    const presented = present(stream, line, verbose)
    if (presented.log !== undefined) log(presented.log)
    if (presented.output !== undefined) {
      table(presented.output)
      await writeTo(process.stdout, `${presented.output}\n`)
    }
    if (presented.notice !== undefined) notice(presented.notice)
    const port = busyPort(line)
    if (port !== undefined) notice(`Port ${port} is taken by ${describeListener(listenerOn(port))}.`)
  }
  const { stdout, stderr } = child.process
  if (stdout === null || stderr === null) throw new Error('serverless offline was started without pipes')
  return Promise.all([eachLine(stdout, show('stdout')), eachLine(stderr, show('stderr'))])
}

/** @throws LocalError PORT_TAKEN naming who has the port, and the variable that gives it another */
export async function assertFree(port: number, variable: string): Promise<void> {
  if (!(await isTaken(port))) return
  const holder = describeListener(listenerOn(port))
  throw new LocalError('PORT_TAKEN', `Port ${port} is taken by ${holder}. End it, or set ${variable} to another port.`)
}
