// A serverless plugin, `microbatch-local/reload`: says in one line that `sls offline` took handlers that were saved. serverless-esbuild
// bundles anew for each file that changed; the next invocation of each function has the new code, and one at work goes on to its end.

const reloadedLine = 'Handlers reloaded.'

/** Files that are saved together are one reload. */
const quietMs = 300

interface Logging {
  readonly log: { notice(text: string): void }
}

export default class ReloadPlugin {
  readonly hooks: Readonly<Record<string, () => void>>
  #timer: NodeJS.Timeout | undefined

  constructor(_serverless: unknown, _options: unknown, { log }: Logging) {
    const say = () => {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => log.notice(reloadedLine), quietMs).unref()
    }
    this.hooks = { 'after:offline:functionsUpdated:cleanup': say }
  }
}
