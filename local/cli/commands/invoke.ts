// `microbatch invoke`: one event, by hand. A function that is fed by Kafka runs in this process, over empty state, since an event
// that its topic did not deliver would damage what it keeps; any other, through the Lambda endpoint of a running `start`.
import { readFileSync } from 'node:fs'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { type Answer, invokeOnce, isLocalEndpoint } from '../invoke-once.ts'
import { jsonText } from '../json-text.ts'
import { helpText, sharedOptions, withOptions } from '../options.ts'
import { byHand, type Called } from '../service/by-hand.ts'
import { deployedName, functionOf, isFedByKafka, readDefinition, runsOnNode } from '../service/definition.ts'
import { findService } from '../service/service.ts'
import { type CliSettings, readCliSettings } from '../service/settings.ts'

const { dir, 'into-live-state': intoLiveState, 'allow-remote': allowRemote, json } = sharedOptions
const options = {
  endpoint: {
    type: 'string',
    value: 'URL',
    help: 'of the Lambda Invoke API (http://localhost:3002, or the port that the service has)',
  },
  dir,
  'into-live-state': intoLiveState,
  'allow-remote': { ...allowRemote, help: 'allows an endpoint at HOST, with your own AWS credentials and region' },
  json: { ...json, help: 'the answer on one line: { payload, functionError }' },
} as const

export const invokeCommand: Command = {
  name: 'invoke',
  summary: 'invokes a function once, with an event from a file',
  help: helpText({
    usage: 'invoke FUNCTION EVENT.json [options]',
    words: [
      ['FUNCTION', "its key in serverless.yml; at another endpoint than this machine's its whole name"],
      ['EVENT.json', 'the event; - reads it from stdin'],
    ],
    options,
    variables: ['OFFLINE_LAMBDA_PORT', 'DEAD_LETTER_FILE', 'ALLOW_REMOTE', 'LOCAL_DIR'],
    notes: `A function that Kafka feeds runs in this process, with the environment of serverless.yml and STATE=memory: over empty state of
its own, and its bad records go to .local/dead-letters.invoke.ndjson. With --into-live-state, and for any other function, it is
invoked where start runs, and its tables are there. Prints the function's answer; ends with 1 if the function failed.`,
  }),
  async run(words) {
    const { values, name, file } = await parseInvocation(words)
    const settings = readCliSettings(withOptions(process.env, values))
    const payload = readEvent(file)
    const { endpoint } = values
    const answer =
      endpoint !== undefined && !isLocalEndpoint(endpoint)
        ? await invokeOnce({ endpoint, allowRemote: settings.allowRemote, functionName: name, payload })
        : await onThisMachine(name, payload, values, settings)
    if (values.json) console.log(jsonText({ payload: parsed(answer.payload), functionError: answer.functionError }))
    else if (answer.functionError === undefined) {
      if (answer.payload !== '') console.log(indented(answer.payload))
    } else console.error(`${name} failed (${answer.functionError}):\n${indented(answer.payload)}`)
    return answer.functionError === undefined ? 0 : 1
  },
}

/** @throws LocalError COMMAND_INVALID, naming the functions of the service where the event is missing */
async function parseInvocation(words: readonly string[]) {
  try {
    const { values, words: given } = parseWords('invoke', ['FUNCTION', 'EVENT.json'], options, words)
    const [name = '', file = ''] = given
    return { values, name, file }
  } catch (error) {
    const isAlone = words.length === 1 && words[0]?.startsWith('-') === false
    if (!isAlone && words.length > 0) throw error
    const settings = readCliSettings(process.env)
    const definition = await readDefinition(findService({ dir: undefined, environment: process.env }), settings)
    if (isAlone) functionOf(definition, words[0] ?? '')
    const there = Object.keys(definition.functions).join(', ')
    throw new LocalError('COMMAND_INVALID', `${messageOf(error)} Functions: ${there}.`, { cause: error })
  }
}

interface Values {
  readonly endpoint?: string | undefined
  readonly dir?: string | undefined
  readonly 'into-live-state': boolean
  readonly json: boolean
}

/** The functions of this machine are those of the service, by their keys. */
async function onThisMachine(name: string, payload: string, values: Values, settings: CliSettings): Promise<Answer> {
  const { endpoint, dir: folder, 'into-live-state': isLive } = values
  const service = findService({ dir: folder, environment: process.env })
  const definition = await readDefinition(service, settings)
  const functionName = deployedName(definition, name)
  if (!isLive && isFedByKafka(definition, name)) {
    if (endpoint !== undefined) throw wouldWrite(name, `at ${endpoint}`)
    if (!runsOnNode(definition, name)) throw wouldWrite(name, 'that start runs')
    process.stderr.write(
      `${name} runs in this process, over empty state in memory: what start keeps is not touched (--into-live-state).\n`,
    )
    const tables = values.json ? 'stderr' : 'stdout'
    const call = byHand(service, definition, { file: 'dead-letters.invoke.ndjson', tables })
    return answerOf(await call(name, JSON.parse(payload)))
  }
  const port = settings.offlineLambdaPort ?? definition.offline.lambdaPort ?? 3002
  const at = endpoint ?? `http://localhost:${port}`
  return invokeOnce({ endpoint: at, allowRemote: settings.allowRemote, functionName, payload })
}

const wouldWrite = (name: string, where: string): LocalError =>
  new LocalError(
    'COMMAND_INVALID',
    `The function ${name} ${where} would write this event into the state that it keeps. If it is meant: --into-live-state.`,
  )

/** The answer as Lambda's API gives it. */
function answerOf({ answer, error }: Called): Answer {
  if (error === undefined) return { payload: JSON.stringify(answer) ?? 'null', functionError: undefined }
  const { thrown } = error
  const errorType = thrown instanceof Error ? thrown.name : typeof thrown
  return { payload: JSON.stringify({ errorType, errorMessage: messageOf(thrown) }), functionError: 'Unhandled' }
}

function readEvent(file: string): string {
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new LocalError('COMMAND_INVALID', `the event ${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  try {
    JSON.parse(text)
  } catch (error) {
    throw new LocalError('COMMAND_INVALID', `${file} is not JSON: ${messageOf(error)}`, { cause: error })
  }
  return text
}

/** An answer that is not JSON is shown as a string. */
function parsed(payload: string): unknown {
  try {
    return payload === '' ? null : JSON.parse(payload)
  } catch {
    return payload
  }
}

/** JSON escapes control characters, so what is printed this way is safe for a terminal. */
const indented = (payload: string): string => JSON.stringify(parsed(payload), null, 2)
