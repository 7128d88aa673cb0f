// `npm run mapping`, and the `kafka-mapping` command of the package: the mappings of a service alone, without
// serverless-offline in the process. Functions are wherever an Invoke endpoint answers: serverless-offline elsewhere, the
// runtime interface emulator, LocalStack, `sam local start-lambda`.
import { resolve } from 'node:path'
import { LocalError } from '../error.ts'
import type { Log } from '../log.ts'
import { startMappings } from '../mappings.ts'
import { assertSupportedNode } from '../node-version.ts'
import { mappingsOptions } from '../options/mappings-options.ts'
import { readServiceDefinition } from '../settings/service-definition.ts'
import { printable } from '../terminal.ts'
import { type Command, parseWords } from './command.ts'
import { commandHelp, commandOptions } from './command-options.ts'
import { exitCodeOf, listenForStop } from './stop-signal.ts'

export const mappingCommand: Command = {
  name: 'mapping',
  summary: "the Kafka mappings of a service alone; its functions are at any endpoint of Lambda's Invoke API",
  help: commandHelp('npm run mapping --'),
  async run(words) {
    assertSupportedNode()
    const { values } = parseWords('mapping', [], commandOptions, words)
    const { config = 'serverless.yml', stage } = values
    const service = await readServiceDefinition({
      file: resolve(String(config)),
      stage: stage === undefined ? undefined : String(stage),
      environment: process.env,
    })
    const options = mappingsOptions({
      values,
      commandLine: 'command',
      environment: process.env,
      service,
      standardEndpoint: () => 'http://127.0.0.1:3002',
      log: stderrLog,
    })
    const stop = listenForStop()
    const mappings = await startMappings(options)
    if (mappings.count === 0) throw new LocalError('SETTINGS_INVALID', `${config} has no Kafka mapping to run.`)
    const signal = await stop.asked
    stderrLog.notice('Kafka mappings: ending after the batches in flight (once more: without them)')
    const abort = new AbortController()
    void stop.urged.then(() => abort.abort())
    await mappings.stop(abort.signal)
    return exitCodeOf(signal)
  },
}

const say = (text: string): void => {
  process.stderr.write(`${printable(text, 2_000)}\n`)
}
const stderrLog: Log = {
  notice: say,
  warning: (text) => say(`WARN  ${text}`),
  error: (text) => say(`ERROR ${text}`),
  info: () => undefined,
  debug: () => undefined,
}
