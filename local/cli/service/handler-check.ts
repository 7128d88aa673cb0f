// Whether the modules of the service's functions load with the environments that they will have: a setting that a function refuses
// ends a start, in one line, instead of failing each batch. So does kept state that is another query's than the one that a module
// exports beside a handler. They load in a thread of their own, which ends with the check.
import { Worker } from 'node:worker_threads'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { consumersOf, functionOf, minutely, runsOnNode } from './definition.ts'
import { functionEnvironment } from './environment.ts'
import { bundleHandler, type HandlerBundle, usingBundler } from './handler-bundle.ts'
import { globalName, overhearing } from './overheard-spread.ts'
import type { Service } from './service.ts'

/** What the thread loads: one module after the other, each under its environment. */
interface Loading {
  readonly key: string
  readonly handlerName: string
  readonly file: string
  readonly url: string
  readonly environment: Readonly<Record<string, string>>
}

/** A query that keeps state, as the module of a function exports it. */
export interface StatefulQuery {
  readonly key: string
  /** Its own name, under which its state is kept. */
  readonly name: string
  /** Whether a table has something under that name. */
  readonly isKept: boolean
}

/**
 * In the thread. It answers once: what failed and where, or the queries that keep state. The library that compares state is the
 * service's own, whose query it is; one from before it could compare is not asked. How a handler spreads its groups is said to
 * `kafkaHandler` alone, which is therefore overheard.
 */
const script = `
const { createRequire, registerHooks } = require('node:module')
const { fileURLToPath, pathToFileURL } = require('node:url')
const { parentPort, workerData: { loadings, tables, overhearing } } = require('node:worker_threads')
const base = { ...process.env }
const spreads = globalThis.${globalName} = new WeakMap()
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    const isAsked = specifier === 'microbatch' && context.conditions.includes('import')
    if (!isAsked) return found
    return { url: 'data:text/javascript,' + encodeURIComponent(overhearing.replaceAll('LIBRARY', () => found.url)), format: 'module', shortCircuit: true }
  },
})
async function checkKept(url, query) {
  if (!query?.plan?.aggregation) return []
  const library = createRequire(fileURLToPath(url)).resolve('microbatch')
  const { checkState, dynamoState } = await import(pathToFileURL(library))
  let isKept = false
  for (const table of checkState === undefined ? [] : tables) {
    const store = dynamoState({ table })
    const get = async (key) => {
      const item = await store.get(key)
      isKept ||= item !== undefined
      return item
    }
    await checkState(query, { ...store, get }, spreads.get(query))
  }
  return [{ name: query.name, isKept }]
}
async function load() {
  const stateful = []
  for (const [index, { key, handlerName, url, environment }] of loadings.entries()) {
    for (const name of Object.keys(process.env)) delete process.env[name]
    Object.assign(process.env, base, environment)
    try {
      const module = await import(url)
      const exported = { ...module.default, ...module }
      if (typeof exported[handlerName] !== 'function') {
        const names = Object.keys(exported).filter((name) => name !== 'default' && typeof exported[name] === 'function')
        const there = names.length === 0 ? 'It exports no function.' : 'Its functions: ' + names.join(', ') + '.'
        return { index, text: 'the module exports no function ' + handlerName + ', which serverless.yml names. ' + there }
      }
      for (const found of await checkKept(url, exported[key + 'Query'])) stateful.push({ key, ...found })
    } catch (error) {
      return { index, text: error?.code === undefined ? String(error?.stack ?? error) : error.message }
    }
  }
  return { stateful }
}
load().then((answer) => parentPort.postMessage(answer))`

export interface HandlerCheckOptions {
  /** The environment of the framework, under which the functions run: it names the DynamoDB API. */
  readonly environment: NodeJS.ProcessEnv
  /** Tables there that may hold what queries keep. @default none, and kept state is not compared */
  readonly tables?: readonly string[]
}

/**
 * Checks the functions that a start feeds: those with a Kafka event, and those that are scheduled each minute.
 * @returns the queries among them that keep state
 * @throws LocalError SETTINGS_INVALID naming the function, with its own words
 */
export async function checkHandlers(
  service: Service,
  definition: PrintedService,
  { environment, tables = [] }: HandlerCheckOptions,
): Promise<readonly StatefulQuery[]> {
  const loadings: Loading[] = []
  for (const [key, { url, file, handlerName }] of await bundleHandlers(service, definition)) {
    const own = functionEnvironment(definition, functionOf(definition, key))
    loadings.push({ key, handlerName, file, url, environment: own })
  }
  const answer = await answerOf({ loadings, tables }, environment)
  if ('stateful' in answer) return answer.stateful
  const { key, file } = loadings[answer.index] ?? { key: '?', file: '?' }
  throw new LocalError('SETTINGS_INVALID', `${file} (function ${key}): ${answer.text}`)
}

/**
 * Their modules, bundled: what does not parse is said here, in a fraction of a second.
 * @throws LocalError SETTINGS_INVALID with the place
 * @example (await bundleHandlers(service, definition)).get('totals')?.file // 'handlers.ts'
 */
export async function bundleHandlers(
  service: Service,
  definition: PrintedService,
): Promise<ReadonlyMap<string, HandlerBundle>> {
  const fed = [...consumersOf(definition).map(({ functionKey }) => functionKey), ...minutely(definition)]
  const bundles = new Map<string, HandlerBundle>()
  await usingBundler(async () => {
    for (const key of new Set(fed))
      if (runsOnNode(definition, key)) bundles.set(key, await bundleHandler(service, definition, key))
  })
  return bundles
}

interface Failure {
  readonly index: number
  readonly text: string
}

async function answerOf(
  workerData: { readonly loadings: readonly Loading[]; readonly tables: readonly string[] },
  env: NodeJS.ProcessEnv,
): Promise<Failure | { readonly stateful: readonly StatefulQuery[] }> {
  const given = { ...workerData, overhearing: overhearing('LIBRARY') }
  const worker = new Worker(script, { eval: true, workerData: given, env, stdout: true, stderr: true })
  try {
    return await new Promise<Failure | { readonly stateful: readonly StatefulQuery[] }>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', (code) => reject(new Error(`a function's module ended the process with ${code}`)))
    })
  } finally {
    await worker.terminate()
  }
}
