// The `microbatch` command as a process of its own, to its end.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

export const projectDir = join(import.meta.dirname, '../../..')
export const program = join(projectDir, 'local/cli/microbatch.cjs')

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CallOptions {
  readonly environment?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** What it reads on stdin, to its end. */
  readonly input?: string
}

export function microbatch(words: readonly string[], options: CallOptions = {}): Promise<Ended> {
  const { environment = {}, cwd = projectDir, input } = options
  const child = spawn(process.execPath, [program, ...words], { cwd, env: { ...process.env, ...environment } })
  child.stdin.end(input)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
}
