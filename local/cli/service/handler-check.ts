// Whether the modules of the service's functions load with the environments that they will have: a setting that a function refuses
// ends a start, in one line, instead of failing each batch. They load in a thread of their own, which ends with the check.
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

/** In the thread. What it says first is the end: the loading that failed and why, or nothing. */
const script = `
const { parentPort, workerData } = require('node:worker_threads')
const base = { ...process.env }
async function load() {
  for (const [index, { url, environment }] of workerData.entries()) {
    for (const name of Object.keys(process.env)) delete process.env[name]
    Object.assign(process.env, base, environment)
    try {
      await import(url)
    } catch (error) {
      return { index, text: error?.code === undefined ? String(error?.stack ?? error) : error.message }
    }
  }
}
load().then((failure) => parentPort.postMessage(failure))`

/**
 * Checks the functions that a start feeds: those with a Kafka event, and those that are scheduled each minute.
 * @param environment of the framework, under which the functions run
 * @throws LocalError SETTINGS_INVALID naming the function, with its own words
 */
export async function checkHandlers(
  service: Service,
  definition: PrintedService,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const fed = [...consumersOf(definition).map(({ functionKey }) => functionKey), ...minutely(definition)]
  const loadings: Loading[] = []
  for (const key of new Set(fed)) {
    if (!runsOnNode(definition, key)) continue
    const { url, file } = await bundleHandler(service, definition, key)
    loadings.push({ key, file, url, environment: functionEnvironment(definition, functionOf(definition, key)) })
  }
  const failure = await failureOf(loadings, environment)
  if (failure === undefined) return
  const { key, file } = loadings[failure.index] ?? { key: '?', file: '?' }
  throw new LocalError('SETTINGS_INVALID', `${file} (function ${key}): ${failure.text}`)
}

interface Failure {
  readonly index: number
  readonly text: string
}

async function failureOf(loadings: readonly Loading[], env: NodeJS.ProcessEnv): Promise<Failure | undefined> {
  const worker = new Worker(script, { eval: true, workerData: loadings, env, stdout: true, stderr: true })
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
