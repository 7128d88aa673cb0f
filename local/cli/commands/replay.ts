// `npm run replay`: the events of a recording once more, in their order, through the handler in this process, or through a
// Lambda endpoint. No Kafka is involved, and nothing is committed anywhere.
import { join } from 'node:path'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { type RecordedEvent, readRecording } from 'serverless-offline-kafka-mapping/internal/recording/recording'
import { deployedName } from '../function-name.ts'
import { loadHandlers } from '../handlers.ts'
import { invokeOnce, isLocalEndpoint } from '../invoke-once.ts'
import { present } from '../pipeline/presenter.ts'
import { type CliSettings, localDir, makeLocalDir, readCliSettings, withoutAwsAccount } from '../settings.ts'

type Deliver = (event: RecordedEvent) => Promise<void>

export const replayCommand: Command = {
  name: 'replay',
  summary: 'sends the events of a recording through the handler again',
  help: `npm run replay -- FILE [--function NAME] [--endpoint URL] [--allow-remote HOST]

  FILE                 a recording: npm start -- --record FILE, or npm run record -- FILE
  --function NAME      sends only the events of this function
  --endpoint URL       invokes the functions there; without it the handlers of handlers/consumer.ts run in this process
  --allow-remote HOST  allows an endpoint at HOST, with your own AWS credentials; --function must name the function

In this process state is kept in memory, so that every replay begins with none; records that cannot be decoded go to
 .local/dead-letters.replay.ndjson (or DEAD_LETTER_FILE).
Ends with 1 at the first event whose function fails.`,
  async run(words) {
    const { values, words: given } = parseWords(
      'replay',
      ['FILE'],
      { endpoint: { type: 'string' }, function: { type: 'string' }, 'allow-remote': { type: 'string' } },
      words,
    )
    const settings = readCliSettings(process.env)
    const { endpoint, function: only } = values
    if (endpoint !== undefined && !isLocalEndpoint(endpoint) && only === undefined) {
      throw new LocalError('REMOTE_REFUSED', `${endpoint} is not this machine: name the function by --function NAME.`)
    }
    const allowRemote = values['allow-remote'] ?? settings.allowRemote
    const deliver = endpoint === undefined ? await inProcess() : throughEndpoint(endpoint, { ...settings, allowRemote })
    let count = 0
    for await (const event of readRecording(given[0] ?? '')) {
      if (only !== undefined && event.function !== only) continue
      await deliver(event)
      count += 1
    }
    process.stderr.write(`Replayed ${count} events${only === undefined ? '' : ` of ${only}`}.\n`)
    return 0
  },
}

function throughEndpoint(endpoint: string, { allowRemote }: CliSettings): Deliver {
  return async ({ function: name, event }) => {
    const functionName = isLocalEndpoint(endpoint) ? deployedName(name) : name
    const answer = await invokeOnce({ endpoint, allowRemote, functionName, payload: JSON.stringify(event) })
    if (answer.functionError !== undefined) throw failed(name, answer.payload)
  }
}

/** The handlers themselves, over state in memory: the tables come out as they did, whatever state is kept elsewhere. */
async function inProcess(): Promise<Deliver> {
  makeLocalDir()
  const deadLetters = process.env.DEAD_LETTER_FILE ?? join(localDir, 'dead-letters.replay.ndjson')
  Object.assign(process.env, withoutAwsAccount({ ...process.env, DEAD_LETTER_FILE: deadLetters, STATE: 'memory' }))
  const module = await loadHandlers('consumer.ts')
  showLogLinesAsStartDoes()
  return async ({ function: name, event }) => {
    const handler = module[name]
    if (typeof handler !== 'function') {
      const there = Object.keys(module).filter((key) => typeof module[key] === 'function')
      throw new LocalError('COMMAND_INVALID', `handlers/consumer.ts has no function ${name}, only ${there.join(', ')}.`)
    }
    try {
      await handler(event, contextOf(name))
    } catch (error) {
      throw failed(name, error instanceof Error ? error.message : String(error), error)
    }
  }
}

/** What handlers use of Lambda's context object. */
function contextOf(name: string) {
  const deadlineMs = Date.now() + 60_000
  return {
    functionName: deployedName(name),
    functionVersion: '$LATEST',
    awsRequestId: crypto.randomUUID(),
    memoryLimitInMB: '256',
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  }
}

/** Handlers write to the streams of this process, their log lines by a logger of theirs: each line goes where `npm start` puts it. */
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
