// `microbatch send`: the lines of a file, or of stdin as they come, as the records of a topic. A line goes as it is: what is no
// JSON is a bad record, which is worth trying, too.
import { addAbortListener } from 'node:events'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { Message } from 'kafkajs'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError, messageOf } from 'serverless-offline-kafka-mapping/internal/error'
import { withAdmin, withProducer } from '../../kafka/connection.ts'
import { sendRecords } from '../../kafka/record-sender.ts'
import { describeTopic } from '../../kafka/topics.ts'
import { endingBySignal } from '../ending.ts'
import { jsonText } from '../json-text.ts'
import { helpText, kafkaVariables, sharedOptions, withOptions } from '../options.ts'
import { lineGroups } from '../pipeline/lines.ts'
import { kafkaOf, readCliSettings } from '../service/settings.ts'
import { wholeNumber } from '../whole-number.ts'

const { brokers, 'allow-remote': allowRemote, json } = sharedOptions
const options = {
  topic: { type: 'string', value: 'NAME', help: 'where they go' },
  key: {
    type: 'string',
    value: 'COLUMN',
    help: "the column of each line's JSON that is the record's key; without it, none",
  },
  rate: { type: 'string', value: 'N', help: 'N records a second; as fast as they come otherwise' },
  partition: { type: 'string', value: 'N', help: 'all into this partition; by the key, or in turn, otherwise' },
  brokers,
  'allow-remote': allowRemote,
  json: { ...json, help: 'the count as { topic, sent }' },
} as const

export const sendCommand: Command = {
  name: 'send',
  summary: 'the lines of a file, or of stdin, as the records of a topic',
  help: helpText({
    usage: 'send FILE --topic NAME [options]',
    words: [['FILE', 'a record a line, NDJSON by custom; - reads stdin, as it comes']],
    options,
    variables: kafkaVariables,
    notes:
      'Empty lines are passed over. Ctrl-C ends it after the request in flight, and says how many records were sent.',
  }),
  async run(words) {
    const { values, words: given } = parseWords('send', ['FILE'], options, words)
    const { topic, key } = values
    if (topic === undefined) throw new LocalError('COMMAND_INVALID', 'send needs --topic NAME.')
    const ratePerSecond = wholeNumber('--rate', values.rate, 1)
    const partition = wholeNumber('--partition', values.partition, 0)
    const address = kafkaOf(readCliSettings(withOptions(process.env, values)))
    const partitions = await withAdmin(address, (admin) => describeTopic(admin, topic))
    if (partition !== undefined && partition >= partitions.length) {
      const there = `${topic} has the partitions 0 to ${partitions.length - 1}`
      throw new LocalError('COMMAND_INVALID', `--partition ${partition}: ${there}.`)
    }
    const ending = endingBySignal()
    const input = await inputOf(given[0] ?? '')
    addAbortListener(ending.signal, () => input.destroy())
    let sent = 0
    const onSent = (count: number) => {
      sent += count
    }
    try {
      const batches = messagesOf(input, { key, partition, signal: ending.signal })
      const sending = { topic, ratePerSecond, onSent, signal: ending.signal }
      await withProducer(address, (producer) => sendRecords(batches, { producer, ...sending }))
    } finally {
      if (values.json) console.log(jsonText({ topic, sent }))
      else process.stderr.write(`Sent ${sent} record${sent === 1 ? '' : 's'} to ${topic}.\n`)
    }
    return ending.exitCode()
  },
}

/** @throws LocalError COMMAND_INVALID for a file that cannot be read */
async function inputOf(file: string): Promise<Readable> {
  if (file === '-') return process.stdin
  try {
    return (await open(file)).createReadStream()
  } catch (error) {
    throw unreadable(error)
  }
}

const unreadable = (error: unknown): LocalError =>
  new LocalError('COMMAND_INVALID', `the records cannot be read: ${messageOf(error)}`, { cause: error })

interface MessageOptions {
  readonly key: string | undefined
  readonly partition: number | undefined
  readonly signal: AbortSignal
}

/** @throws LocalError COMMAND_INVALID for a line that has no key, with its number */
async function* messagesOf(
  input: Readable,
  { key, partition, signal }: MessageOptions,
): AsyncGenerator<readonly Message[]> {
  let lineNumber = 0
  try {
    for await (const lines of lineGroups(input)) {
      const messages = lines.flatMap((line): Message[] => {
        lineNumber += 1
        if (line.trim() === '') return []
        const keyed = key === undefined ? {} : { key: keyOf(line, key, lineNumber) }
        return [{ value: line, ...keyed, ...(partition === undefined ? {} : { partition }) }]
      })
      if (messages.length > 0) yield messages
    }
  } catch (error) {
    if (signal.aborted) return // reading was ended by us
    if (error instanceof LocalError) throw error
    throw unreadable(error)
  }
}

/** Text as it is, other values as JSON; null has no key, as in Kafka. */
function keyOf(line: string, column: string, lineNumber: number): string | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw new LocalError('COMMAND_INVALID', `line ${lineNumber} is not JSON, so it has no key: ${messageOf(error)}`)
  }
  const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, column)
  if (!isObject) throw new LocalError('COMMAND_INVALID', `line ${lineNumber} has no column ${column} for its key.`)
  const key: unknown = Reflect.get(Object(value), column)
  return key === null ? null : typeof key === 'string' ? key : JSON.stringify(key)
}
