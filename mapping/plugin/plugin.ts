// The serverless-offline plugin: one line under `plugins` and the `msk:` and `kafka:` events of serverless.yml are fed from
// a real Kafka, as AWS's event source mapping feeds them. It starts with `sls offline` and ends before it ends.
//
// The framework loads its plugins for every command, and `print`, `package` and `deploy` feed nothing: what does is loaded by the hooks.

import type { Log } from '../log.ts'
import type { OfflineMappings, Options, Serverless } from './offline-mappings.ts'
import { pluginOptions } from './plugin-options.ts'

export default class KafkaEventSourceMappingPlugin {
  readonly commands = {
    offline: { options: pluginOptions, commands: { start: { options: pluginOptions } } },
  }
  readonly hooks: Readonly<Record<string, () => Promise<void>>>
  #mappings: OfflineMappings | undefined

  constructor(serverless: Serverless, cliOptions: Options, { log }: { readonly log: Log }) {
    const start = async () => {
      const { OfflineMappings } = await import('./offline-mappings.ts')
      this.#mappings = new OfflineMappings(serverless, cliOptions, log)
      await this.#mappings.start()
    }
    this.hooks = {
      // `sls offline start` runs init, ready, end; plain `sls offline` runs only `start`, which ends by ending the process.
      'before:offline:start:init': start,
      'before:offline:start:end': async () => this.#mappings?.stop(),
      'before:offline:start': start,
      error: async () => endSoon(),
    }
  }
}

/**
 * Where a handler cannot be bundled, serverless-esbuild leaves its builder running, and the framework, which has said why, would wait
 * for it without end.
 */
const endSoon = (): void => void setTimeout(() => process.exit(process.exitCode || 1), 1_000).unref()
