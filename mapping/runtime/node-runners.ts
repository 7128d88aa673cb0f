// What serverless-offline runs Node handlers with, in place of its own WorkerThreadRunner and InProcessRunner. Those take a thrown
// value that is no Error for an answer, wait for ever for a handler that answers by returning, and let a stray rejection or an
// answer that cannot be cloned end the whole process.

import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { messageOf } from '../error.ts'
import { tellPrinted } from '../events/function-output.ts'
import { callHandler, errorOutcome, type HandlerOutcome } from './node-handler.ts'
import { offlineContext } from './offline-context.ts'
import { lambdaContext, loadHandler, type OfflineFunction } from './offline-function.ts'
import { RawEvent } from './raw-event.ts'

/**
 * V8's own limit for new objects is 96 MB for each worker, which four functions at once turn into hundreds: a batch of 6 MB is read
 * as fast within a quarter of it.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 24 }

/** The part of a runner that serverless-offline calls. */
export interface Runner {
  /** Resolves with the answer; rejects with an Error, always. */
  run(event: unknown, context: object): Promise<unknown>
  cleanup(): Promise<unknown> | undefined
}

export type RunnerClass = new (given: OfflineFunction, env: NodeJS.ProcessEnv) => Runner

interface Running {
  readonly invocation: number
  readonly worker: Worker
  readonly startedAtMs: number
  readonly ended: Promise<unknown>
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
}

/** What the worker thread sends. */
export interface Answered {
  /** Undefined for what happened between two invocations. */
  readonly invocation: number | undefined
  readonly outcome: HandlerOutcome
  /** The thread ends now. */
  readonly isLast: boolean
}

// In the repository modules are TypeScript, in the package JavaScript; what is no import is not rewritten by the compiler.
const workerFile = new URL(`./handler-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** @param loader serverless-offline's own: the absolute URL of its UserFunction.js */
export const workerRunner = (loader: string): RunnerClass =>
  class WorkerThreadRunner implements Runner {
    readonly #given: OfflineFunction
    readonly #env: NodeJS.ProcessEnv
    #worker: Worker | undefined
    #running: Running | undefined
    #invocations = 0

    constructor(given: OfflineFunction, env: NodeJS.ProcessEnv) {
      this.#given = given
      this.#env = env
    }

    run(event: unknown, context: object): Promise<unknown> {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      this.#invocations += 1
      const invocation = this.#invocations
      const ended = promise.catch(() => undefined)
      const worker = this.#worker ?? this.#start()
      this.#worker = worker
      this.#running = { invocation, worker, startedAtMs: performance.now(), ended, resolve, reject }
      if (event instanceof RawEvent) {
        const bytes = event.take()
        worker.postMessage({ invocation, bytes, context }, [bytes.buffer])
      } else worker.postMessage({ invocation, event, context })
      return promise
    }

    /**
     * serverless-offline calls it when the function's time is over, at its own end, and when code was built anew (serverless-esbuild):
     * there an invocation goes on to its end with the code that it has, as on AWS. It is not waited for here, since
     * serverless-offline would give nobody the new code before the slowest was done.
     */
    async cleanup(): Promise<number | undefined> {
      const [worker, running] = [this.#worker, this.#running]
      this.#worker = undefined
      if (worker === undefined) return undefined
      const { ending } = offlineContext()
      const leftMs = running === undefined ? 0 : this.#given.timeout - (performance.now() - running.startedAtMs)
      if (running === undefined || leftMs <= 0 || ending.aborted) return worker.terminate()
      const limit = new AbortController()
      const over = delay(leftMs, undefined, { signal: AbortSignal.any([ending, limit.signal]) }).catch(() => undefined)
      void Promise.race([running.ended, over]).then(() => {
        limit.abort()
        return worker.terminate()
      })
      return undefined
    }

    #start(): Worker {
      const { codeDir, functionKey, handler, runtime, servicePath, timeout } = this.#given
      const workerData = { codeDir, functionKey, handler, runtime, servicePath, timeout, loader }
      // Not the environment of this process, as on AWS.
      const worker = new Worker(workerFile, { env: this.#env, workerData, resourceLimits })
      tellPrinted(functionKey, worker.stdout)
      tellPrinted(functionKey, worker.stderr)
      worker.on('message', (answered: Answered) => {
        if (answered.isLast && this.#worker === worker) this.#worker = undefined
        this.#answered(answered)
      })
      worker.on('error', (error) => this.#died(worker, error))
      worker.on('exit', (code) => this.#died(worker, exited(code)))
      return worker
    }

    #answered({ invocation, outcome }: Answered): void {
      const running = this.#running
      if (running === undefined || invocation !== running.invocation) {
        if (outcome.kind === 'error')
          offlineContext().log.error(
            `${this.#given.functionKey}: after its answer: ${outcome.name}: ${outcome.message}`,
          )
        return
      }
      this.#running = undefined
      settle(outcome, running)
    }

    /** The next invocation has a new one. */
    #died(worker: Worker, error: unknown): void {
      if (this.#worker === worker) this.#worker = undefined
      const running = this.#running
      if (running?.worker !== worker) return
      this.#running = undefined
      // At the end of everything nobody asks any more, and serverless-offline would print it.
      if (offlineContext().ending.aborted) return
      running.reject(error instanceof Error ? error : new Error(messageOf(error)))
    }
  }

/** @param loader serverless-offline's own: the absolute URL of its UserFunction.js */
export const inProcessRunner = (loader: string): RunnerClass =>
  class InProcessRunner implements Runner {
    readonly #given: OfflineFunction
    readonly #env: NodeJS.ProcessEnv

    constructor(given: OfflineFunction, env: NodeJS.ProcessEnv) {
      this.#given = given
      this.#env = env
    }

    async run(raw: unknown, given: object): Promise<unknown> {
      let outcome: HandlerOutcome
      try {
        const event = raw instanceof RawEvent ? raw.toJSON() : raw
        const handler = await loadHandler({ ...this.#given, loader }, this.#env)
        const context = lambdaContext(given, this.#given.timeout)
        // Servers and mappings live in this process: it is never idle.
        outcome = await callHandler({ handler, event, context, runtime: this.#given.runtime, whenIdle: undefined })
      } catch (thrown) {
        outcome = errorOutcome(thrown)
      }
      return new Promise((resolve, reject) => settle(outcome, { resolve, reject }))
    }

    cleanup(): undefined {}
  }

function settle(outcome: HandlerOutcome, { resolve, reject }: Pick<Running, 'resolve' | 'reject'>): void {
  if (outcome.kind === 'answer') {
    resolve(outcome.json === undefined ? undefined : JSON.parse(outcome.json))
    return
  }
  const { name, message, stack } = outcome
  reject(Object.assign(new Error(message), { name, stack }))
}

const exited = (code: number): Error =>
  Object.assign(new Error(`the handler ended its process with code ${code} and gave no answer`), {
    name: 'Runtime.ExitError',
  })
