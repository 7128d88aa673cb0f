// A process that we start and that never outlives us. It gets a process group of its own, so that the terminal's Ctrl-C
// reaches us alone and we decide in which order things end; and a keeper, a tiny shell that holds one end of a pipe and
// ends the group when the other end (us) is gone, by whatever death: a crash or kill -9 of ours leaves no orphan.
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'

export interface ChildExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** For messages: `SIGKILL`, `exit code 1`. */
export const describeExit = ({ code, signal }: ChildExit): string => signal ?? `exit code ${code}`

export interface Child {
  readonly pid: number
  readonly process: ChildProcess
  /** Resolves when it has ended; never rejects. */
  readonly exited: Promise<ChildExit>
  /** Sends `signal` to the process itself, then, if it is still there after `graceMs`, SIGKILL to its whole group. */
  stop(signal: NodeJS.Signals, graceMs: number): Promise<ChildExit>
  /** SIGKILL to its whole group, now. */
  kill(): Promise<ChildExit>
}

export interface ChildOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly stdio: StdioOptions
}

/** Asks the group to end when its stdin closes, gives it ten seconds, then ends it. (dash's kill takes no `--`.) */
const keeperScript = `cat >/dev/null
kill -TERM "-$1" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "-$1" 2>/dev/null || exit 0; sleep 1; done
kill -KILL "-$1" 2>/dev/null`

/**
 * Starts a child in its own process group.
 * @throws the system's error when the command cannot be started (ENOENT…)
 * @example const child = await startChild({ command: 'java', args: ['-version'], stdio: 'ignore' })
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn(options.command, [...options.args], {
    detached: true,
    stdio: options.stdio,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  })
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  const pid = child.pid
  if (pid === undefined) throw new Error(`${options.command} started without a pid`)

  const keeper = spawn('/bin/sh', ['-c', keeperScript, 'keeper', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  keeper.on('error', () => {}) // no /bin/sh: the child runs on, only without its keeper
  keeper.stdin.on('error', () => {})
  keeper.unref()
  exited.then(() => {
    signalGroup(keeper.pid, 'SIGKILL')
  })

  const killGroup = () => {
    signalGroup(pid, 'SIGKILL')
    return exited
  }
  return {
    pid,
    process: child,
    exited,
    kill: killGroup,
    async stop(signal, graceMs) {
      if (child.exitCode !== null || child.signalCode !== null) return exited
      child.kill(signal)
      const timer = setTimeout(killGroup, graceMs)
      const exit = await exited
      clearTimeout(timer)
      return exit
    },
  }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error // ESRCH: it is gone already
  }
}
