// What serverless-offline runs Python handlers with, in place of its own PythonRunner, with its invoke.py as it is. That runner takes
// None for no answer yet, does not see that a handler's exception has ended the process, and misses an answer that follows
// something printed without a line break: each costs the function's whole timeout. Its processes die of the terminal's Ctrl-C in the
// middle of a batch, where the mapping lets that batch end.

import { type ChildProcess, spawn } from 'node:child_process'
import { delimiter, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Runner, RunnerClass } from './node-runners.ts'
import { offlineContext } from './offline-context.ts'
import type { OfflineFunction } from './offline-function.ts'

interface Running {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
  stderr: string
}

/** Runs the script whose path is the first word after it, deaf to the terminal's Ctrl-C: this process ends it. */
const deafToCtrlC =
  'import runpy, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); ' +
  "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
const answerStart = '{"__offline_payload__":'
const isWindows = process.platform === 'win32'
/** The last of what a process says on stderr: a traceback ends with the exception. */
const maxStderrLength = 8_000

/**
 * @param script serverless-offline's invoke.py: an absolute URL
 * @example export default pythonRunner('file:///…/python-runner/invoke.py')
 */
export const pythonRunner = (script: string): RunnerClass =>
  class PythonRunner implements Runner {
    readonly #given: OfflineFunction
    readonly #env: NodeJS.ProcessEnv
    #process: ChildProcess | undefined
    #running: Running | undefined

    constructor(given: OfflineFunction, env: NodeJS.ProcessEnv) {
      this.#given = given
      this.#env = env
    }

    run(event: unknown, context: object): Promise<unknown> {
      return new Promise((resolve, reject) => {
        this.#running = { resolve, reject, stderr: '' }
        this.#process ??= this.#start()
        this.#process.stdin?.write(`${JSON.stringify({ context: pythonContext(context, this.#given), event })}\n`)
      })
    }

    cleanup(): undefined {
      this.#process?.kill()
      this.#process = undefined
    }

    #start(): ChildProcess {
      const child = this.#spawn()
      if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => this.#said(line))
      // Python writes the marks of a traceback one by one.
      if (child.stderr !== null)
        createInterface({ input: child.stderr }).on('line', (line) => {
          if (this.#running !== undefined)
            this.#running.stderr = `${this.#running.stderr}${line}\n`.slice(-maxStderrLength)
          offlineContext().log.notice(line)
        })
      // A process that has ended is said by its end, not by the pipe that it leaves.
      child.stdin?.on('error', () => undefined)
      child.on('error', (error) => this.#ended(child, error))
      child.on('close', (code) => this.#ended(child, exceptionIn(this.#running?.stderr ?? '', code)))
      return child
    }

    #spawn(): ChildProcess {
      const { handler, runtime } = this.#given
      const dot = handler.lastIndexOf('.')
      const [python = 'python3'] = runtime.split('.')
      const virtual = process.env.VIRTUAL_ENV
      const bin = virtual === undefined ? [] : [join(virtual, isWindows ? 'Scripts' : 'bin')]
      return spawn(
        isWindows ? 'python.exe' : python,
        [
          '-u',
          '-c',
          deafToCtrlC,
          fileURLToPath(script),
          relative(process.cwd(), handler.slice(0, dot)),
          handler.slice(dot + 1),
        ],
        { env: { ...process.env, PATH: [...bin, process.env.PATH].join(delimiter), ...this.#env } },
      )
    }

    #said(line: string): void {
      const { printed, answer } = readLine(line)
      if (printed !== '') offlineContext().log.notice(printed)
      if (answer === undefined) return
      this.#running?.resolve(answer.value)
      this.#running = undefined
    }

    /** The next invocation has a new process. */
    #ended(child: ChildProcess, error: Error): void {
      if (this.#process !== child) return
      this.#process = undefined
      this.#running?.reject(error)
      this.#running = undefined
    }
  }

/** What invoke.py makes its context of: without a name and a time each function is `Fake` and has six seconds. */
const pythonContext = (context: object, { timeout }: OfflineFunction): object => ({
  ...context,
  ...{ name: Reflect.get(context, 'functionName'), version: '$LATEST', timeout: timeout / 1_000 },
})

/** @example readLine('working…{"__offline_payload__": null}') // { printed: 'working…', answer: { value: null } } */
export function readLine(line: string): { readonly printed: string; readonly answer?: { readonly value: unknown } } {
  const start = line.indexOf(answerStart)
  if (start < 0) return { printed: line }
  try {
    const parsed: Readonly<Record<string, unknown>> = JSON.parse(line.slice(start))
    return { printed: line.slice(0, start), answer: { value: parsed.__offline_payload__ } }
  } catch {
    return { printed: line }
  }
}

/** A traceback's last line is the exception: @example exceptionIn('Traceback …\nValueError: bad meter\n', 1).message // 'bad meter' */
export function exceptionIn(stderr: string, code: number | null): Error {
  const trace = stderr.slice(stderr.lastIndexOf('Traceback (most recent call last)')).trimEnd()
  const [, name, message] = /^([A-Za-z_][\w.]*)(?:: ?(.*))?$/.exec(trace.split('\n').at(-1) ?? '') ?? []
  const isException = stderr.includes('Traceback (most recent call last)') && name !== undefined
  const error = new Error(isException ? (message ?? name) : `python ended with code ${code} and gave no answer`)
  error.name = isException ? name : 'Runtime.ExitError'
  // serverless-offline prints it, and the traceback stands there already.
  error.stack = `${error.name}: ${error.message}`
  return error
}
