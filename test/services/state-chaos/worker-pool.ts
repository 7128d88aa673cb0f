// The containers of the proof as their parent has them: processes that are given batches, that answer or die, and that are replaced
// when they were killed. A container that was given up may be given another batch while it still works on the old one.

import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { OutputMode } from '../../../lib/index.ts'
import type { Answer, Task } from './worker.ts'

export interface PoolOptions {
  readonly size: number
  readonly mode: OutputMode
  readonly shards: number
  readonly endpoint: string
  readonly table: string
  /** For the files of the sinks. */
  readonly folder: string
}

export interface Worker {
  /** Tasks that it has not answered. */
  readonly pending: ReadonlySet<number>
  /** @returns its answer, or null where it died before */
  run(task: Task): Promise<Answer | null>
  /** kill -9, now. The next `workers()` has another in its place. */
  kill(): void
}

export interface WorkerPool {
  /** Those that are alive, made anew where some are missing. */
  workers(): readonly Worker[]
  /** Resolves when no worker has a task. */
  settled(): Promise<void>
  stop(): Promise<void>
}

export function workerPool({ size, mode, shards, endpoint, table, folder }: PoolOptions): WorkerPool {
  const alive = new Set<
    Worker & { readonly process: ChildProcess; readonly answers: Map<number, (answer: Answer | null) => void> }
  >()
  const exits = new Set<Promise<void>>()
  let made = 0
  let waiting: (() => void)[] = []
  const isIdle = (): boolean => [...alive].every(({ pending }) => pending.size === 0)
  const noteIdle = (): void => {
    if (!isIdle()) return
    for (const resolve of waiting) resolve()
    waiting = []
  }

  function start(): void {
    const file = join(folder, `worker-${made++}.ndjson`)
    const credentials = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_REGION: 'local' }
    const child = fork(join(import.meta.dirname, 'worker.ts'), [mode, String(shards), file], {
      env: { ...process.env, ...credentials, AWS_ENDPOINT_URL_DYNAMODB: endpoint, STATE_TABLE: table },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const answers = new Map<number, (answer: Answer | null) => void>()
    const pending = new Set<number>()
    const end = (id: number, answer: Answer | null): void => {
      const resolve = answers.get(id)
      answers.delete(id)
      pending.delete(id)
      resolve?.(answer)
      noteIdle()
    }
    const worker = {
      process: child,
      answers,
      pending,
      run: (task: Task) =>
        new Promise<Answer | null>((resolve) => {
          pending.add(task.id)
          answers.set(task.id, resolve)
          // One that is dying no longer takes messages; its end answers for it.
          child.send(task, () => undefined)
        }),
      kill: () => {
        alive.delete(worker)
        child.kill('SIGKILL')
      },
    }
    alive.add(worker)
    child.on('message', (answer: Answer) => end(answer.id, answer))
    exits.add(
      new Promise((resolve) => {
        child.once('exit', () => {
          alive.delete(worker)
          for (const id of [...pending]) end(id, null)
          noteIdle()
          resolve()
        })
      }),
    )
  }

  return {
    workers() {
      while (alive.size < size) start()
      return [...alive]
    },
    settled: () => (isIdle() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    async stop() {
      for (const { process: child } of alive) child.kill('SIGKILL')
      await Promise.all(exits)
    },
  }
}
