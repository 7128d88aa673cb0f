// Functions that are called by hand in this process, over empty state in memory and with a file of their own for bad records: an
// event that no topic delivered would damage the state of a stream, whose offsets it does not know.
import { join } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { present } from '../pipeline/presenter.ts'
import { deployedName } from './definition.ts'
import { type HandlerModule, loadHandlerModule } from './handler-module.ts'
import { makeLocalDir, type Service } from './service.ts'

/** What the function answered, or what it threw, which may be undefined. */
export interface Called {
  readonly answer: unknown
  readonly error?: { readonly thrown: unknown }
}

/** Calls a function by its key. */
export type CallByHand = (functionKey: string, event: unknown) => Promise<Called>

type Tables = 'stdout' | 'stderr' | 'none'

export interface ByHandOptions {
  /** `kept`: the state that the service's functions keep, where `start` has it. @default 'fresh' */
  readonly state?: 'fresh' | 'kept'
  /** Told of each module when it is loaded, before its first event. */
  readonly onLoad?: (functionKey: string, module: HandlerModule) => void
  /** For bad records, in the folder of the local data, where DEAD_LETTER_FILE names no other. */
  readonly file: string
  /** Where the functions' tables go; `none` where nothing that they print is wanted. @default stdout */
  readonly tables?: Tables | (() => Tables)
}

/**
 * Each function's module is loaded with its first event, and keeps its state from then on. What the functions print goes where
 * `start` puts it.
 * @throws LocalError from a call: COMMAND_INVALID where there is no such function, SETTINGS_INVALID where its module does not load
 * @example const { answer } = await byHand(service, definition, { file: 'dead-letters.invoke.ndjson' })('bars', event)
 */
export function byHand(
  service: Service,
  definition: PrintedService,
  { file, tables = 'stdout', state = 'fresh', onLoad = () => undefined }: ByHandOptions,
): CallByHand {
  makeLocalDir(service)
  const DEAD_LETTER_FILE = process.env.DEAD_LETTER_FILE || join(service.localDir, file)
  const overrides = { DEAD_LETTER_FILE, ...(state === 'fresh' ? { STATE: 'memory' } : {}) }
  const modules = new Map<string, HandlerModule>()
  const moduleOf = async (functionKey: string): Promise<HandlerModule> => {
    const loaded = modules.get(functionKey)
    if (loaded !== undefined) return loaded
    const module = await loadHandlerModule(service, definition, functionKey, overrides)
    modules.set(functionKey, module)
    onLoad(functionKey, module)
    return module
  }
  return async (functionKey, event) => {
    const module = await moduleOf(functionKey)
    const handler = module.exports[module.handlerName]
    if (typeof handler !== 'function') {
      throw new LocalError('SETTINGS_INVALID', `${module.file} exports no function ${module.handlerName}.`)
    }
    const restore = showLogLinesAsStartDoes(typeof tables === 'function' ? tables() : tables)
    try {
      return { answer: await handler(event, contextOf(deployedName(definition, functionKey))) }
    } catch (thrown) {
      return { answer: undefined, error: { thrown } }
    } finally {
      restore()
    }
  }
}

/** What handlers use of Lambda's context object. */
function contextOf(functionName: string) {
  const deadlineMs = Date.now() + 60_000
  return {
    functionName,
    functionVersion: '$LATEST',
    awsRequestId: crypto.randomUUID(),
    memoryLimitInMB: '256',
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  }
}

/** Handlers write to the streams of this process, their log lines by a logger of theirs: each line goes where `start` puts it. */
function showLogLinesAsStartDoes(tables: Tables): () => void {
  const { stdout, stderr } = process
  const own = { stdout: stdout.write, stderr: stderr.write }
  const to = { stdout: own.stdout.bind(stdout), stderr: own.stderr.bind(stderr) }
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (chunk: string | Uint8Array) => {
      if (tables === 'none') return true
      for (const line of String(chunk).replace(/\n$/, '').split('\n')) {
        const { output, notice } = present(name, line, false)
        if (output !== undefined) to[tables](`${output}\n`)
        if (notice !== undefined) to.stderr(`${notice}\n`)
      }
      return true
    }
  }
  return () => {
    stdout.write = own.stdout
    stderr.write = own.stderr
  }
}
