// Which functions serverless-offline can run at all, and by which Node: a mapping of one that it cannot run would fail each batch,
// again and again, with words about a runtime.

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runtimeMajor } from '../runtime/node-handler.ts'

export interface RuntimeDefinition {
  readonly runtime?: unknown
  /** A container image in place of a handler. */
  readonly image?: unknown
}

/** serverless-offline's own list, where it is found; else the families that it has had since version 14. */
export type RunnableRuntimes = (runtime: string) => boolean

/** The runtime of functions that name none (serverless-offline, config/constants.js). */
const standardRuntime = 'nodejs20.x'

/** @param serviceDir where the service's packages are looked for */
export async function runnableRuntimes(serviceDir: string): Promise<RunnableRuntimes> {
  try {
    const entry = createRequire(join(serviceDir, 'package.json')).resolve('serverless-offline')
    const lists = await import(pathToFileURL(join(dirname(entry), 'config/supportedRuntimes.js')).href)
    const runners: ReadonlyArray<ReadonlySet<string>> = [
      ...[lists.supportedNodejs, lists.supportedPython, lists.supportedRuby, lists.supportedJava],
    ]
    return (runtime) => runners.some((names) => names.has(runtime))
  } catch {
    return (runtime) => /^(nodejs|python|ruby|java)/.test(runtime)
  }
}

/**
 * @param standard the runtime of the provider
 * @returns undefined for one that can be run, else why not and what to do, in a sentence
 * @example whyNotRun({ image: 'bars:latest' }, 'nodejs24.x', isRunnable) // 'it is a container image, which …'
 */
export function whyNotRun(
  { runtime, image }: RuntimeDefinition,
  standard: unknown,
  isRunnable: RunnableRuntimes,
): string | undefined {
  const elsewhere =
    'run it where an endpoint of the Invoke API answers, such as the runtime interface emulator, and name that: ' +
    '--lambda-endpoint URL --function-name KEY=function'
  if (image !== undefined) return `it is a container image, which serverless-offline does not run; ${elsewhere}`
  const name = String(runtime ?? standard ?? standardRuntime)
  // Its Go runner takes a handler's error for an answer; AWS has taken the runtime away.
  if (isRunnable(name) && !name.startsWith('go')) return undefined
  return `serverless-offline does not run its runtime ${name}; ${elsewhere}`
}

/** @returns what is to be said of a runtime that this Node is not; undefined where it is, or is no Node */
export function otherNode(runtime: string, own = process.versions.node): string | undefined {
  const major = runtimeMajor(runtime)
  if (Number.isNaN(major) || major === Number.parseInt(own, 10)) return undefined
  return `${runtime} is run here by Node ${own}, with the callbacks of ${runtime}; what else the two differ in is not reproduced`
}

/** @example runtimesOf({ bars: {} }, 'nodejs22.x') // ['nodejs22.x'] */
export const runtimesOf = (
  functions: Readonly<Record<string, RuntimeDefinition>>,
  standard: unknown,
): readonly string[] => [
  ...new Set(
    Object.values(functions).flatMap(({ runtime, image }) =>
      image === undefined ? [String(runtime ?? standard ?? standardRuntime)] : [],
    ),
  ),
]
