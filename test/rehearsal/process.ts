// Tools as child processes: run to their end, or kept running; always stopped by their own pid.

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

export const projectDir = join(import.meta.dirname, '../..')
export const workDir = join(projectDir, '.local/rehearsal')

export interface RunOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly timeoutMs?: number
}

/**
 * @returns what it wrote to stdout and stderr, together
 * @throws Error with all it said where it ends with another code than 0 or not in time
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { cwd = projectDir, env = process.env, timeoutMs = 120_000 } = options
  // `sls` waits on a terminal for ever where a handler does not load.
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  if (code === 0) return said
  throw new Error(`${command} ${args.join(' ')} ended with ${code ?? 'a signal, out of time'}:\n${said}`)
}

/** Ends a child that was started here and waits for it. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill(signal)
  await closed
}

/** The environment without anything of an AWS account of the user's, and with credentials that mean nothing. */
export const withoutAccount = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))),
  AWS_ACCESS_KEY_ID: 'rehearsal',
  AWS_SECRET_ACCESS_KEY: 'rehearsal',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
})
