// `microbatch tail`: the records of a topic as they come, or from some offset on. It commits nothing, and nobody else notices.
import type { KafkaRow } from 'microbatch'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { exitCodeOf, listenForStop } from 'serverless-offline-kafka-mapping/internal/command/stop-signal'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { PartitionEnds } from '../../kafka/offset-range.ts'
import { openTopic } from '../../kafka/topic-reader.ts'
import { helpText, kafkaVariables, sharedOptions, withOptions } from '../options.ts'
import { writeTo } from '../pipeline/output.ts'
import { recordJson, recordLine } from '../record-text.ts'
import { kafkaOf, readCliSettings } from '../service/settings.ts'
import { wholeNumber } from '../whole-number.ts'

const { brokers, 'allow-remote': allowRemote, json } = sharedOptions
const options = {
  offset: {
    type: 'string',
    value: 'OFFSET',
    default: 'latest',
    help: 'where to begin in each partition: earliest, latest (without it), or a number',
  },
  max: { type: 'string', value: 'N', help: 'ends after N records' },
  brokers,
  'allow-remote': allowRemote,
  json: { ...json, help: 'a line of JSON for each record; bytes that are no text are { hex }' },
} as const

export const tailCommand: Command = {
  name: 'tail',
  summary: 'the records of a topic as they come',
  help: helpText({
    usage: 'tail TOPIC [options]',
    words: [['TOPIC', 'its name: microbatch topic list']],
    options,
    variables: kafkaVariables,
    notes: `A line for each record: its time, place, key and value. An offset before the first that is left is the first.
Ctrl-C ends it.`,
  }),
  async run(words) {
    const { values, words: given } = parseWords('tail', ['TOPIC'], options, words)
    const [topic = ''] = given
    const max = wholeNumber('--max', values.max, 1) ?? Number.POSITIVE_INFINITY
    const begin = beginning(values.offset)
    const reader = await openTopic({ ...kafkaOf(readCliSettings(withOptions(process.env, values))), topic })
    const stop = listenForStop()
    const ending = new AbortController()
    let code = 0
    void stop.asked.then((signal) => {
      code = exitCodeOf(signal)
      ending.abort()
    })
    void stop.urged.then(() => process.exit(130))
    try {
      const from = (await reader.ends()).map((ends) => ({ partition: ends.partition, from: begin(ends) }))
      const text = values.json ? recordJson : recordLine
      let shown = 0
      const show = async (records: readonly KafkaRow[]) => {
        for (const record of records.slice(0, max - shown)) {
          if (ending.signal.aborted) return
          await writeTo(process.stdout, `${text(record)}\n`)
          shown += 1
        }
        if (shown >= max) ending.abort()
      }
      await reader.follow(from, show, ending.signal)
      return code
    } finally {
      await reader.close()
    }
  },
}

/** @throws LocalError COMMAND_INVALID saying what --offset takes */
function beginning(offset: string): (ends: PartitionEnds) => number {
  if (offset === 'earliest') return ({ earliest }) => earliest
  if (offset === 'latest') return ({ latest }) => latest
  if (!/^\d{1,15}$/.test(offset)) {
    throw new LocalError('COMMAND_INVALID', `--offset takes earliest, latest or a number, not ${offset}.`)
  }
  return ({ earliest, latest }) => Math.min(Math.max(Number(offset), earliest), latest)
}
