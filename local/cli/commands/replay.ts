// `microbatch replay`: the events of a recording once more, in their order, through the handler in this process, or through a
// Lambda endpoint. No Kafka is involved, and nothing is committed anywhere.
import { resolve } from 'node:path'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { type RecordedInvocation, readRecording } from 'serverless-offline-kafka-mapping/internal/recording/recording'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { invokeOnce, isLocalEndpoint } from '../invoke-once.ts'
import { helpText, sharedOptions, withOptions } from '../options.ts'
import { byHand } from '../service/by-hand.ts'
import { deployedName, functionOf, readDefinition } from '../service/definition.ts'
import { findService, type Service } from '../service/service.ts'
import { readCliSettings } from '../service/settings.ts'

type Deliver = (event: RecordedInvocation) => Promise<void>

const { dir, 'into-live-state': intoLiveState, 'allow-remote': allowRemote } = sharedOptions
const options = {
  function: { type: 'string', value: 'NAME', help: 'sends only the events of this function' },
  endpoint: {
    type: 'string',
    value: 'URL',
    help: 'invokes the functions there; without it their handlers run in this process',
  },
  dir,
  'into-live-state': intoLiveState,
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
    const invoke = (url: string, functionName: string, event: RecordedInvocation) =>
      throughEndpoint(url, settings.allowRemote, functionName, event)
    let deliver: Deliver
    if (isRemote) deliver = (event) => invoke(endpoint, event.function, event)
    else {
      const service = findService({ dir: values.dir, environment: process.env })
      const definition = await readDefinition(service, settings)
      if (only !== undefined) functionOf(definition, only)
      if (endpoint !== undefined && !values['into-live-state']) throw wouldWrite(endpoint)
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
  { function: name, event }: RecordedInvocation,
): Promise<void> {
  const answer = await invokeOnce({ endpoint, allowRemote, functionName, payload: JSON.stringify(event) })
  if (answer.functionError !== undefined) throw failed(name, answer.payload)
}

/** The handlers themselves, each loaded with its first event. */
function inProcess(service: Service, definition: PrintedService): Deliver {
  const call = byHand(service, definition, { file: 'dead-letters.replay.ndjson' })
  return async ({ function: name, event }) => {
    const { error } = await call(name, event)
    if (error !== undefined) throw failed(name, messageOf(error.thrown), error.thrown)
  }
}

const wouldWrite = (endpoint: string): LocalError =>
  new LocalError(
    'COMMAND_INVALID',
    `The functions at ${endpoint} would write these events into the state that they keep. If it is meant: --into-live-state. ` +
      'Without --endpoint they run in this process, over empty state.',
  )

function failed(name: string, reason: string, cause?: unknown): LocalError {
  return new LocalError('INVOKE_FAILED', `${name} failed: ${reason}`, { cause })
}
