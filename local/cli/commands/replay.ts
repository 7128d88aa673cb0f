// `microbatch replay`: the events of a recording once more, in their order, through the handler in this process, or through a
// Lambda endpoint. No Kafka is involved, and nothing is committed anywhere.
import { join, resolve } from 'node:path'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { type RecordedEvent, readRecording } from 'serverless-offline-kafka-mapping/internal/recording/recording'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { invokeOnce, isLocalEndpoint } from '../invoke-once.ts'
import { helpText, sharedOptions, withOptions } from '../options.ts'
import { present } from '../pipeline/presenter.ts'
import { deployedName, functionOf, readDefinition } from '../service/definition.ts'
import { type HandlerModule, loadHandlerModule } from '../service/handler-module.ts'
import { findService, makeLocalDir, type Service } from '../service/service.ts'
import { readCliSettings } from '../service/settings.ts'

type Deliver = (event: RecordedEvent) => Promise<void>

const { dir, 'allow-remote': allowRemote } = sharedOptions
const options = {
  function: { type: 'string', value: 'NAME', help: 'sends only the events of this function' },
  endpoint: {
    type: 'string',
    value: 'URL',
    help: 'invokes the functions there; without it their handlers run in this process',
  },
  dir,
  'allow-remote': {
    ...allowRemote,
    help: 'allows an endpoint at HOST, with your own AWS credentials; --function must name the function',
  },
} as const

export const replayCommand: Command = {
  name: 'replay',
  summary: 'sends the events of a recording through the handlers again',
  help: helpText({
    usage: 'replay FILE [options]',
    words: [['FILE', 'a recording: microbatch start --record FILE']],
    options,
    variables: ['ALLOW_REMOTE', 'DEAD_LETTER_FILE', 'LOCAL_DIR'],
    notes: `In this process a function runs with the environment of serverless.yml and STATE=memory, by which it can choose to keep its
state in memory, so that every replay begins with none. DEAD_LETTER_FILE is .local/dead-letters.replay.ndjson, if it is not set.
Ends with 1 at the first event whose function fails.`,
  }),
  async run(words) {
    const { values, words: given } = parseWords('replay', ['FILE'], options, words)
    const file = resolve(given[0] ?? '')
    const settings = readCliSettings(withOptions(process.env, values))
    const { endpoint, function: only } = values
    const isRemote = endpoint !== undefined && !isLocalEndpoint(endpoint)
    if (isRemote && only === undefined) {
      throw new LocalError('REMOTE_REFUSED', `${endpoint} is not this machine: name the function by --function NAME.`)
    }
    const invoke = (url: string, functionName: string, event: RecordedEvent) =>
      throughEndpoint(url, settings.allowRemote, functionName, event)
    let deliver: Deliver
    if (isRemote) deliver = (event) => invoke(endpoint, event.function, event)
    else {
      const service = findService({ dir: values.dir, environment: process.env })
      const definition = await readDefinition(service, settings)
      if (only !== undefined) functionOf(definition, only)
      deliver =
        endpoint === undefined
          ? inProcess(service, definition)
          : (event) => invoke(endpoint, deployedName(definition, event.function), event)
    }
    let count = 0
    for await (const event of readRecording(file)) {
      if (only !== undefined && event.function !== only) continue
      await deliver(event)
      count += 1
    }
    process.stderr.write(`Replayed ${count} events${only === undefined ? '' : ` of ${only}`}.\n`)
    return 0
  },
}

async function throughEndpoint(
  endpoint: string,
  allowRemote: string,
  functionName: string,
  { function: name, event }: RecordedEvent,
): Promise<void> {
  const answer = await invokeOnce({ endpoint, allowRemote, functionName, payload: JSON.stringify(event) })
  if (answer.functionError !== undefined) throw failed(name, answer.payload)
}

/** The handlers themselves, each loaded with its first event. */
function inProcess(service: Service, definition: PrintedService): Deliver {
  makeLocalDir(service)
  const DEAD_LETTER_FILE = process.env.DEAD_LETTER_FILE || join(service.localDir, 'dead-letters.replay.ndjson')
  const overrides = { DEAD_LETTER_FILE, STATE: 'memory' }
  const modules = new Map<string, HandlerModule>()
  showLogLinesAsStartDoes()
  return async ({ function: name, event }) => {
    const module = modules.get(name) ?? (await loadHandlerModule(service, definition, name, overrides))
    modules.set(name, module)
    const handler = module.exports[module.handlerName]
    if (typeof handler !== 'function') {
      throw new LocalError('SETTINGS_INVALID', `${module.file} exports no function ${module.handlerName}.`)
    }
    try {
      await handler(event, contextOf(deployedName(definition, name)))
    } catch (error) {
      throw failed(name, messageOf(error), error)
    }
  }
}

/** What handlers use of Lambda's context object. */
function contextOf(functionName: string) {
  const deadlineMs = Date.now() + 60_000
  return {
    functionName,
    functionVersion: '$LATEST',
    awsRequestId: crypto.randomUUID(),
    memoryLimitInMB: '256',
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  }
}

/** Handlers write to the streams of this process, their log lines by a logger of theirs: each line goes where `start` puts it. */
function showLogLinesAsStartDoes(): void {
  const [toStdout, toStderr] = [process.stdout.write.bind(process.stdout), process.stderr.write.bind(process.stderr)]
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (chunk: string | Uint8Array) => {
      for (const line of String(chunk).replace(/\n$/, '').split('\n')) {
        const { output, notice } = present(name, line, false)
        if (output !== undefined) toStdout(`${output}\n`)
        if (notice !== undefined) toStderr(`${notice}\n`)
      }
      return true
    }
  }
}

function failed(name: string, reason: string, cause?: unknown): LocalError {
  return new LocalError('INVOKE_FAILED', `${name} failed: ${reason}`, { cause })
}
