// A folder that Maven fills, once: it is whole or not there, since it is filled beside and then renamed. Two starts at once fetch it once.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { startChild } from './child.ts'
import { waitForLock } from './lock.ts'

export interface MavenFetch {
  /** The folder. */
  readonly target: string
  readonly lockFile: string
  /** Its name for people: `Apache Kafka`. */
  readonly what: string
  /** Said before it begins: how much it is, and how long it takes. */
  readonly size: string
  /** Maven's words but for the folder to fill. */
  readonly args: readonly string[]
  readonly code: 'KAFKA_UNAVAILABLE' | 'CHILD_FAILED'
  readonly log: (line: string) => void
  /** Ends a fetch under way at once; the next one begins anew. */
  readonly signal?: AbortSignal | undefined
  /** A line about the folder that is being filled. @param seconds since it began */
  readonly progress?: (partial: string, seconds: number) => string
}

const progressEveryMs = 5_000

/** @throws LocalError of the given code with Maven's own last words; the signal's reason */
export async function fetchOnce(fetch: MavenFetch): Promise<void> {
  const { target, lockFile, what, log } = fetch
  if (existsSync(target)) return
  mkdirSync(dirname(target), { recursive: true })
  const lock = await waitForLock(lockFile, `pid ${process.pid}`, (heldBy) =>
    log(`waiting for ${heldBy}, which is fetching ${what}`),
  )
  try {
    if (!existsSync(target)) await runMaven(fetch)
  } finally {
    lock.release()
  }
}

async function runMaven({ target, what, size, args, code, log, signal, progress }: MavenFetch): Promise<void> {
  log(`Fetching ${what} by Maven (${size}; Ctrl-C ends it at once) ...`)
  const partial = resolve(`${target}.partial`)
  rmSync(partial, { recursive: true, force: true })
  const maven = await startChild({
    command: 'mvn',
    args: ['-B', '-q', ...args, `-DoutputDirectory=${partial}`],
    cwd: dirname(target),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  for (const stream of [maven.process.stdout, maven.process.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const startedMs = performance.now()
  const timer = setInterval(() => {
    if (progress !== undefined) log(progress(partial, Math.round((performance.now() - startedMs) / 1000)))
  }, progressEveryMs)
  const end = () => void maven.kill()
  signal?.addEventListener('abort', end)
  if (signal?.aborted === true) end()
  const { code: exitCode } = await maven.exited
  clearInterval(timer)
  signal?.removeEventListener('abort', end)
  signal?.throwIfAborted()
  if (exitCode !== 0) {
    const words = said.join('').trim().split('\n').slice(0, 15).join('\n')
    throw new LocalError(code, `Maven could not fetch ${what} (exit ${exitCode}):\n${words}`)
  }
  renameSync(partial, target)
}
