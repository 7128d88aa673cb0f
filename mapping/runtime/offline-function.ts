// A function as serverless-offline describes it to what runs it, and what its handler is given: serverless-offline's own loader
// finds the handler, since that one knows TypeScript, ES modules and reloading.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { NodeHandler } from './node-handler.ts'

/** The first argument of serverless-offline's runners, as far as it is used. */
export interface OfflineFunction {
  readonly codeDir: string
  readonly functionKey: string
  readonly handler: string
  readonly runtime: string
  readonly servicePath: string
  /** Milliseconds. */
  readonly timeout: number
}

export interface LoadedFunction extends OfflineFunction {
  /** serverless-offline's `aws-lambda-ric/UserFunction.js`: an absolute URL. */
  readonly loader: string
}

interface Loader {
  readonly load: (appRoot: string, handler: string) => Promise<NodeHandler>
}

/** @throws what the loader or the handler's module throws */
export async function loadHandler(given: LoadedFunction, env: NodeJS.ProcessEnv): Promise<NodeHandler> {
  // Variables are texts here and in the module's own scope, whatever serverless.yml says.
  Object.assign(process.env, env)
  const { default: loader }: { readonly default: Loader } = await import(given.loader)
  return loader.load(given.servicePath, join(given.codeDir, given.handler))
}

/** The context with the one method that all runtimes have. @param timeoutMs from now */
export function lambdaContext(context: object, timeoutMs: number): object {
  const endsAtMs = performance.now() + timeoutMs
  return { ...context, getRemainingTimeInMillis: () => Math.max(0, Math.floor(endsAtMs - performance.now())) }
}

/** @example loaderBeside('file:///…/worker-thread-runner/WorkerThreadRunner.js') */
export const loaderBeside = (runner: string): string =>
  new URL('../in-process-runner/aws-lambda-ric/UserFunction.js', new URL(runner, pathToFileURL('/'))).href
