// `microbatch invoke`: one event, by hand, through the Lambda endpoint of a running `start` (or `sls offline`).
import { readFileSync } from 'node:fs'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { invokeOnce, isLocalEndpoint } from '../invoke-once.ts'
import { jsonText } from '../json-text.ts'
import { helpText, sharedOptions, withOptions } from '../options.ts'
import { deployedName, readDefinition } from '../service/definition.ts'
import { findService } from '../service/service.ts'
import { type CliSettings, readCliSettings } from '../service/settings.ts'

const { dir, 'allow-remote': allowRemote, json } = sharedOptions
const options = {
  endpoint: {
    type: 'string',
    value: 'URL',
    help: 'of the Lambda Invoke API (http://localhost:3002, or the port that the service has)',
  },
  dir,
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
    variables: ['OFFLINE_LAMBDA_PORT', 'ALLOW_REMOTE'],
    notes: "Prints the function's answer; ends with 1 if the function failed. Its tables are where start runs.",
  }),
  async run(words) {
    const { values, words: given } = parseWords('invoke', ['FUNCTION', 'EVENT.json'], options, words)
    const [name = '', file = ''] = given
    const settings = readCliSettings(withOptions(process.env, values))
    const payload = readEvent(file)
    const { endpoint, functionName } = await targetOf(name, values, settings)
    const answer = await invokeOnce({ endpoint, allowRemote: settings.allowRemote, functionName, payload })
    if (values.json) console.log(jsonText({ payload: parsed(answer.payload), functionError: answer.functionError }))
    else if (answer.functionError === undefined) {
      if (answer.payload !== '') console.log(indented(answer.payload))
    } else console.error(`${name} failed (${answer.functionError}):\n${indented(answer.payload)}`)
    return answer.functionError === undefined ? 0 : 1
  },
}

/** The functions of this machine are those of the service; elsewhere a name is taken as it is. */
async function targetOf(
  name: string,
  { endpoint, dir: folder }: { readonly endpoint?: string | undefined; readonly dir?: string | undefined },
  settings: CliSettings,
) {
  if (endpoint !== undefined && !isLocalEndpoint(endpoint)) return { endpoint, functionName: name }
  const service = findService({ dir: folder, environment: process.env })
  const definition = await readDefinition(service, settings)
  const port = settings.offlineLambdaPort ?? definition.offline.lambdaPort ?? 3002
  return { endpoint: endpoint ?? `http://localhost:${port}`, functionName: deployedName(definition, name) }
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
