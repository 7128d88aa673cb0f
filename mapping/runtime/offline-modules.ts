// Modules of serverless-offline that are exchanged, or mended in one line, as they are loaded: in this process only, nothing on disk
// is touched. What a handler does wrong is then what it is on AWS. A version in which a line reads otherwise is left alone.

import * as nodeModule from 'node:module'
import { type OfflineContext, setOfflineContext } from './offline-context.ts'
import { loaderBeside } from './offline-function.ts'

interface Change {
  /** The end of the module's URL. */
  readonly module: string
  /** The new source. */
  readonly change: (source: string, url: string) => string
}

const runners = '/serverless-offline/src/lambda/handler-runner'

/** Our own class in place of a module's default export, made for what stands beside it. */
const replaced = (file: string, make: string, beside: (url: string) => string) => (_source: string, url: string) =>
  `import { ${make} } from ${JSON.stringify(ownModule(file))}\nexport default ${make}(${JSON.stringify(beside(url))})\n`

// In the repository modules are TypeScript, in the package JavaScript.
const ownModule = (file: string): string =>
  new URL(`./${file}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url).href

/** Every line that is mended, as serverless-offline 14 has it. */
export const mends = {
  /** A Java handler that threw, or a Java that did not start, says no payload: it is no answer. */
  java: {
    flawed: '    return this.#parsePayload(result)',
    mended:
      '    if (!result.includes(JavaRunner.#payloadIdentifier))\n' +
      "      throw new Error('the Java handler gave no answer: ' + (result.trim().split('\\n')[0].slice(0, 400) || 'it said nothing'))\n" +
      '    return this.#parsePayload(result)',
  },
  /** What it said instead is said once, by the failure. */
  javaNotice: {
    flawed: '      log.notice(result)\n',
    mended: '      if (result.includes(JavaRunner.#payloadIdentifier)) log.notice(result)\n',
  },
  /** The Invoke endpoint takes no requests of foreign pages. */
  server: {
    flawed: '    this.#server = new Server(serverOptions)\n',
    mended: '    this.#server = new Server(serverOptions)\n    guardRequests(this.#server)\n',
  },
  /** A large event is parsed where its handler runs. */
  event: {
    flawed: 'payload.length > 0 ? parse(payload.toString("utf8")) : {}',
    mended: 'eventOf(payload)',
  },
  /** An error is known by its own name. */
  errorType: { flawed: 'errorType: "Error",', mended: 'errorType: err.name,' },
} as const

const mendedBy =
  ({ flawed, mended }: (typeof mends)[keyof typeof mends]) =>
  (source: string): string =>
    source.replace(flawed, () => mended)

export const changes: readonly Change[] = [
  {
    module: `${runners}/worker-thread-runner/WorkerThreadRunner.js`,
    change: replaced('node-runners', 'workerRunner', loaderBeside),
  },
  {
    module: `${runners}/in-process-runner/InProcessRunner.js`,
    change: replaced('node-runners', 'inProcessRunner', loaderBeside),
  },
  {
    module: `${runners}/python-runner/PythonRunner.js`,
    change: replaced('python-runner', 'pythonRunner', (url) => new URL('./invoke.py', url).href),
  },
  {
    module: `${runners}/java-runner/JavaRunner.js`,
    change: (source) => mendedBy(mends.javaNotice)(mendedBy(mends.java)(source)),
  },
  {
    module: '/serverless-offline/src/lambda/HttpServer.js',
    change: (source) =>
      `import { guardRequests } from ${JSON.stringify(ownModule('request-guard'))}\n${mendedBy(mends.server)(source)}`,
  },
  {
    module: '/serverless-offline/src/lambda/routes/invocations/invocationsRoute.js',
    change: (source) =>
      `import { eventOf } from ${JSON.stringify(ownModule('raw-event'))}\n${mendedBy(mends.event)(source)}`,
  },
  {
    module: '/serverless-offline/src/lambda/routes/invocations/InvocationsController.js',
    change: mendedBy(mends.errorType),
  },
]

let isRegistered = false

/** To be called before serverless-offline makes its functions; a second call does nothing. @example runHandlersAsAws({ log, allowed, ending }) */
export function runHandlersAsAws(context: OfflineContext): void {
  setOfflineContext(context)
  if (isRegistered) return
  isRegistered = true
  nodeModule.registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      const found = changes.find(({ module }) => url.endsWith(module))
      if (found === undefined || loaded.source === undefined || loaded.source === null) return loaded
      const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source)
      return { ...loaded, source: found.change(source, url) }
    },
  })
}
