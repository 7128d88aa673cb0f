// `npm run invoke`: one event, by hand, through the Lambda endpoint of a running `npm start` (or `sls offline`).
import { readFileSync } from 'node:fs'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { deployedName } from '../function-name.ts'
import { invokeOnce, isLocalEndpoint } from '../invoke-once.ts'
import { readCliSettings } from '../settings.ts'

export const invokeCommand: Command = {
  name: 'invoke',
  summary: 'invokes a function once, with an event from a file',
  help: `npm run invoke -- FUNCTION EVENT.json [--endpoint URL] [--allow-remote HOST]

  FUNCTION             as in serverless.yml: tape, producer; at another endpoint than this machine's its whole name
  EVENT.json           the event; - reads it from stdin
  --endpoint URL       of the Lambda Invoke API, http://localhost:3002 (or OFFLINE_LAMBDA_PORT)
  --allow-remote HOST  allows an endpoint at HOST, with your own AWS credentials and region

Prints the function's answer; ends with 1 if the function failed. Its tables are where npm start runs.`,
  async run(words) {
    const { values, words: given } = parseWords(
      'invoke',
      ['FUNCTION', 'EVENT.json'],
      { endpoint: { type: 'string' }, 'allow-remote': { type: 'string' } },
      words,
    )
    const [name = '', file = ''] = given
    const settings = readCliSettings(process.env)
    const endpoint = values.endpoint ?? `http://localhost:${settings.offlineLambdaPort}`
    const answer = await invokeOnce({
      endpoint,
      allowRemote: values['allow-remote'] ?? settings.allowRemote,
      functionName: isLocalEndpoint(endpoint) ? deployedName(name) : name,
      payload: readEvent(file),
    })
    const text = indented(answer.payload)
    if (answer.functionError === undefined) {
      if (text !== '') console.log(text)
      return 0
    }
    console.error(`${name} failed (${answer.functionError}):\n${text}`)
    return 1
  },
}

function readEvent(file: string): string {
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new LocalError('COMMAND_INVALID', `the event ${file} cannot be read: ${String(error)}`, { cause: error })
  }
  try {
    JSON.parse(text)
  } catch (error) {
    throw new LocalError('COMMAND_INVALID', `${file} is not JSON: ${String(error)}`, { cause: error })
  }
  return text
}

/** JSON escapes control characters, so what is printed this way is safe for a terminal. */
function indented(json: string): string {
  try {
    return json === '' ? '' : JSON.stringify(JSON.parse(json), null, 2)
  } catch {
    return JSON.stringify(json) // an answer that is not JSON is shown as a string
  }
}
