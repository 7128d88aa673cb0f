// Docker Compose, as this project uses it: the services of docker-compose.yml started and ended by name, and asked what runs.
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'

export interface Compose {
  /** Runs to its end; what it says of its progress goes to stderr, since stdout is for tables. @param signal ends it early */
  run(words: readonly string[], signal?: AbortSignal): Promise<void>
  /** The services that run now. */
  running(): Promise<ReadonlySet<string>>
}

/** Why Docker cannot be used here, in one line; undefined when it can. */
export async function dockerIsMissing(folder: string): Promise<string | undefined> {
  if (!existsSync(join(folder, 'docker-compose.yml'))) return 'there is no docker-compose.yml in this folder'
  if (!(await succeeds('docker', ['compose', 'version']))) return 'docker with its compose plugin is not installed'
  if (!(await succeeds('docker', ['info']))) return 'the Docker engine does not answer'
  return undefined
}

/**
 * @param variables for docker-compose.yml, beside those of this process
 * @throws LocalError DOCKER_FAILED, from each call, with what was asked
 * @example await composeIn(folder, { KAFKA_PORT: '9092' }).run(['up', '--detach', '--wait', 'kafka'])
 */
export function composeIn(folder: string, variables: Readonly<Record<string, string>>): Compose {
  const options = { cwd: folder, env: { ...process.env, ...variables } }
  return {
    async run(words, signal) {
      signal?.throwIfAborted()
      // in a process group of its own: a Ctrl-C is ours to pass on, and does not end what is ending things
      const stdio = ['ignore', 2, 2] satisfies ['ignore', number, number]
      const child = spawn('docker', ['compose', ...words], { ...options, stdio, detached: true })
      const end = () => child.kill('SIGINT')
      signal?.addEventListener('abort', end, { once: true })
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once('error', (error) => reject(failure(words, `could not be started: ${error.message}`, error)))
        child.once('exit', resolve)
      }).finally(() => signal?.removeEventListener('abort', end))
      signal?.throwIfAborted()
      if (code !== 0) throw failure(words, `ended with ${code}`)
    },
    async running() {
      const words = ['--profile', '*', 'ps', '--status', 'running', '--services']
      try {
        const { stdout } = await promisify(execFile)('docker', ['compose', ...words], options)
        return new Set(stdout.split('\n').filter((name) => name !== ''))
      } catch (error) {
        throw failure(words, `failed: ${String(error)}`, error)
      }
    },
  }
}

function failure(words: readonly string[], how: string, cause?: unknown): LocalError {
  return new LocalError('DOCKER_FAILED', `docker compose ${words.join(' ')} ${how}`, { cause })
}

function succeeds(command: string, words: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(command, [...words], { timeout: 10_000 }, (error) => resolve(error === null))
  })
}
