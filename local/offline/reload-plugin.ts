// A serverless plugin, `microbatch-local/reload`: says in one line that `sls offline` took handlers that were saved. serverless-esbuild
// bundles anew for each file that changed; the next invocation of each function has the new code, and one at work goes on to its end.
// Until the first save the bundler takes no memory.

import { endIdleBundler } from './idle-bundler.ts'

const reloadedLine = 'Handlers reloaded.'

/** Files that are saved together are one reload. */
const quietMs = 300

interface Serverless {
  readonly serviceDir?: string
  readonly service: { readonly custom?: Readonly<Record<string, unknown>> }
}

interface Logging {
  readonly log: { notice(text: string): void }
}

export default class ReloadPlugin {
  readonly hooks: Readonly<Record<string, () => unknown>>
  #timer: NodeJS.Timeout | undefined

  constructor({ serviceDir = process.cwd(), service }: Serverless, _options: unknown, { log }: Logging) {
    const say = () => {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => log.notice(reloadedLine), quietMs).unref()
    }
    // Hooks run in the order of the plugins: serverless-esbuild, which comes before, has bundled.
    const bundled = () => endIdleBundler(serviceDir, service.custom?.esbuild)
    this.hooks = {
      'before:offline:start:init': bundled,
      'before:offline:start': bundled,
      'after:offline:functionsUpdated:cleanup': say,
    }
  }
}
