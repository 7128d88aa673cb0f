// Whether the modules of the service's functions load with the environments that they will have: a setting that a function refuses
// ends a start, in one line, instead of failing each batch. So does kept state that is another query's than the one that a module
// exports beside a handler. They load in a thread of their own, which ends with the check.
import { Worker } from 'node:worker_threads'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { consumersOf, functionOf, minutely, runsOnNode } from './definition.ts'
import { functionEnvironment } from './environment.ts'
import { bundleHandler } from './handler-bundle.ts'
import type { Service } from './service.ts'

/** What the thread loads: one module after the other, each under its environment. */
interface Loading {
  readonly key: string
  readonly file: string
  readonly url: string
  readonly environment: Readonly<Record<string, string>>
}

/**
 * In the thread. What it says first is the end: the loading that failed and why, or nothing. The library that compares state is
 * the service's own, whose query it is; one from before it could compare is not asked.
 */
const script = `
const { createRequire } = require('node:module')
const { fileURLToPath, pathToFileURL } = require('node:url')
const { parentPort, workerData: { loadings, tables } } = require('node:worker_threads')
const base = { ...process.env }
async function checkKept(url, query) {
  if (tables.length === 0 || !query?.plan?.aggregation) return
  const library = createRequire(fileURLToPath(url)).resolve('microbatch')
  const { checkState, dynamoState } = await import(pathToFileURL(library))
  for (const table of checkState === undefined ? [] : tables) await checkState(query, dynamoState({ table }))
}
async function load() {
  for (const [index, { key, url, environment }] of loadings.entries()) {
    for (const name of Object.keys(process.env)) delete process.env[name]
    Object.assign(process.env, base, environment)
    try {
      const module = await import(url)
      await checkKept(url, module[key + 'Query'] ?? module.default?.[key + 'Query'])
    } catch (error) {
      return { index, text: error?.code === undefined ? String(error?.stack ?? error) : error.message }
    }
  }
}
load().then((failure) => parentPort.postMessage(failure))`

export interface HandlerCheckOptions {
  /** The environment of the framework, under which the functions run: it names the DynamoDB API. */
  readonly environment: NodeJS.ProcessEnv
  /** Tables there that may hold what queries keep. @default none, and kept state is not compared */
  readonly tables?: readonly string[]
}

/**
 * Checks the functions that a start feeds: those with a Kafka event, and those that are scheduled each minute.
 * @throws LocalError SETTINGS_INVALID naming the function, with its own words
 */
export async function checkHandlers(
  service: Service,
  definition: PrintedService,
  { environment, tables = [] }: HandlerCheckOptions,
): Promise<void> {
  const fed = [...consumersOf(definition).map(({ functionKey }) => functionKey), ...minutely(definition)]
  const loadings: Loading[] = []
  for (const key of new Set(fed)) {
    if (!runsOnNode(definition, key)) continue
    const { url, file } = await bundleHandler(service, definition, key)
    loadings.push({ key, file, url, environment: functionEnvironment(definition, functionOf(definition, key)) })
  }
  const failure = await failureOf({ loadings, tables }, environment)
  if (failure === undefined) return
  const { key, file } = loadings[failure.index] ?? { key: '?', file: '?' }
  throw new LocalError('SETTINGS_INVALID', `${file} (function ${key}): ${failure.text}`)
}

interface Failure {
  readonly index: number
  readonly text: string
}

async function failureOf(
  workerData: { readonly loadings: readonly Loading[]; readonly tables: readonly string[] },
  env: NodeJS.ProcessEnv,
): Promise<Failure | undefined> {
  const worker = new Worker(script, { eval: true, workerData, env, stdout: true, stderr: true })
  try {
    return await new Promise<Failure | undefined>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', (code) => reject(new Error(`a function's module ended the process with ${code}`)))
    })
  } finally {
    await worker.terminate()
  }
}
