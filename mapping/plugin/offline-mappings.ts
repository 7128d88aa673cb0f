// The mappings of one `sls offline`: they start before it and end before it ends, and what it runs for them behaves as on AWS.

import { sameSignalMs } from '../command/same-signal.ts'
import { offlineEndpoint } from '../invoke/offline-endpoint.ts'
import type { Log } from '../log.ts'
import { type Mappings, type MappingsOptions, startMappings } from '../mappings.ts'
import { mappingsOptions, type OptionValues } from '../options/mappings-options.ts'
import { runHandlersAsAws } from '../runtime/offline-modules.ts'
import type { FunctionDefinition } from '../settings/settings.ts'
import { otherNode, type RuntimeDefinition, runnableRuntimes, runtimesOf, whyNotRun } from './function-runtimes.ts'
import { asServerlessError, type ErrorClasses } from './serverless-error.ts'

/** The parts of the `serverless` object that are used; osls 4 and Serverless 3 and 4 have them alike. */
export interface Serverless extends ErrorClasses {
  readonly service: {
    readonly service: string | null
    readonly provider: {
      readonly stage?: string
      readonly region?: string
      readonly timeout?: unknown
      readonly runtime?: unknown
    }
    readonly custom?: Readonly<Record<string, unknown>>
    readonly functions?: Readonly<Record<string, FunctionDefinition & RuntimeDefinition>>
    readonly resources?: unknown
  }
  readonly serviceDir?: string
  readonly pluginManager: { readonly plugins: readonly unknown[] }
}

export type Options = OptionValues & {
  readonly stage?: string
  readonly region?: string
  readonly lambdaPort?: string | number
  readonly host?: string
}

export class OfflineMappings {
  readonly #serverless: Serverless
  readonly #options: Options
  readonly #log: Log
  readonly #abort = new AbortController()
  #mappings: Mappings | undefined
  #firstSignalAtMs: number | undefined
  readonly #ending = new AbortController()

  constructor(serverless: Serverless, options: Options, log: Log) {
    this.#serverless = serverless
    this.#options = options
    this.#log = log
  }

  /** @throws the framework's own error where the settings are refused */
  async start(): Promise<void> {
    this.#mappings = await asServerlessError(this.#serverless, async () => {
      const options = await this.#mappingsOptions()
      const mappings = await startMappings(options)
      if (mappings.count > 0) this.#runHandlers(options)
      return mappings
    })
    if (this.#mappings.count === 0) return
    this.#endBeforeOffline()
    process.on('SIGINT', () => this.#signalled())
    process.on('SIGTERM', () => this.#signalled())
  }

  #runHandlers({ allowed }: MappingsOptions): void {
    const { functions = {}, provider } = this.#serverless.service
    runHandlersAsAws({ log: this.#log, allowed, ending: this.#ending.signal })
    for (const runtime of runtimesOf(functions, provider.runtime)) {
      const said = otherNode(runtime)
      if (said !== undefined) this.#log.notice(said)
    }
    if (this.#offlineOption('useInProcess') === true)
      this.#log.warning(
        'useInProcess: handlers run in the process of serverless-offline; a stray error in one ends it, as no Lambda would',
      )
  }

  async #mappingsOptions(): Promise<MappingsOptions> {
    const { service, serviceDir = process.cwd() } = this.#serverless
    const isRunnable = await runnableRuntimes(serviceDir)
    const options = mappingsOptions({
      values: this.#options,
      commandLine: 'plugin',
      environment: process.env,
      service: {
        service: service.service ?? 'service',
        stage: this.#options.stage ?? service.provider.stage ?? 'dev',
        region: this.#options.region ?? service.provider.region ?? 'us-east-1',
        functions: service.functions ?? {},
        timeout: service.provider.timeout,
        resources: service.resources,
      },
      // Asked only where no other is named: serverless-offline's own may be none that can be found.
      standardEndpoint: () => this.#offlineEndpoint(),
      log: this.#log,
    })
    // Elsewhere another emulator runs them, and Docker has runtimes of its own.
    if (!this.#isOwn(options.endpoint) || this.#offlineOption('useDocker') === true) return options
    return {
      ...options,
      whyNotRun: (key) => whyNotRun(service.functions?.[key] ?? {}, service.provider.runtime, isRunnable),
    }
  }

  /** In serverless-offline's own order: command line, then custom; its defaults are left out. */
  #offlineOption(name: string): unknown {
    const custom: unknown = this.#serverless.service.custom?.['serverless-offline']
    const fromCommandLine: unknown = Reflect.get(this.#options, name)
    if (fromCommandLine !== undefined) return fromCommandLine
    return typeof custom === 'object' && custom !== null ? Reflect.get(custom, name) : undefined
  }

  #offlineEndpoint(): string {
    const [host = 'localhost', port = 3002] = [this.#offlineOption('host'), this.#offlineOption('lambdaPort')]
    return offlineEndpoint(String(host), String(port))
  }

  #isOwn(endpoint: string): boolean {
    try {
      return endpoint === this.#offlineEndpoint()
    } catch {
      return false
    }
  }

  /**
   * Plain `sls offline` ends its functions and the process in one go: nothing of ours could come before. Its `end` is
   * public and called through the instance, so it is wrapped there.
   */
  #endBeforeOffline(): void {
    const offline = this.#serverless.pluginManager.plugins.find(isServerlessOffline)
    if (offline === undefined) return
    const end = offline.end.bind(offline)
    offline.end = async (...args) => {
      await this.stop()
      return end(...args)
    }
  }

  #signalled(): void {
    const now = performance.now()
    if (this.#firstSignalAtMs === undefined) {
      this.#firstSignalAtMs = now
      this.#log.notice('Kafka mappings: ending after the batch in flight (once more: without it)')
      void this.stop()
    } else if (now - this.#firstSignalAtMs > sameSignalMs) {
      this.#abort.abort()
    }
  }

  async stop(): Promise<void> {
    await this.#mappings?.stop(this.#abort.signal)
    this.#ending.abort()
  }
}

const isServerlessOffline = (plugin: unknown): plugin is { end: (...args: readonly unknown[]) => Promise<unknown> } =>
  typeof plugin === 'object' &&
  plugin !== null &&
  plugin.constructor.name === 'ServerlessOffline' &&
  'end' in plugin &&
  typeof plugin.end === 'function'
