// Whether the modules of the service's functions load with the environments that they will have: a setting that a function refuses
// is found when a start begins, in one line, and not with each batch. Each loads in a thread of its own, which ends with the check.
import { Worker } from 'node:worker_threads'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { consumersOf, functionOf, minutely } from './definition.ts'
import { functionEnvironment } from './environment.ts'
import { bundleHandler } from './handler-bundle.ts'
import type { Service } from './service.ts'

/** In the thread: loads the module, and says with what error it failed. */
const script = `
const { parentPort, workerData } = require('node:worker_threads')
const failed = ({ message = '', stack = '', code }) => parentPort.postMessage(code === undefined ? stack || message : message)
import(workerData).then(() => parentPort.postMessage(''), failed)`

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
  for (const key of new Set(fed)) {
    const { runtime = definition.runtime ?? 'nodejs', ...own } = functionOf(definition, key)
    if (!runtime.startsWith('nodejs')) continue
    const { url, file } = await bundleHandler(service, definition, key)
    const problem = await problemOf(url, { ...environment, ...functionEnvironment(definition, own) })
    if (problem !== '') throw new LocalError('SETTINGS_INVALID', `${file} (function ${key}): ${problem}`)
  }
}

/** @returns '' where it loads */
async function problemOf(url: string, env: NodeJS.ProcessEnv): Promise<string> {
  const worker = new Worker(script, { eval: true, workerData: url, env, stdout: true, stderr: true })
  try {
    return await new Promise<string>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
      worker.once('exit', (code) => resolve(`it ended the process with ${code} while it was loaded.`))
    })
  } finally {
    await worker.terminate()
  }
}
