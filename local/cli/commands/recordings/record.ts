// `microbatch record`: `start` with a recording, under a name of its own; or a range of a topic as the events that a function's
// mapping would send for it, or events of an archive, without invoking anybody.
import { resolve } from 'node:path'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { codeVersion } from 'serverless-offline-kafka-mapping/internal/recording/code-version'
import { recordedMapping } from 'serverless-offline-kafka-mapping/internal/recording/recorded-mapping'
import { openRecording } from 'serverless-offline-kafka-mapping/internal/recording/recording'
import { importArchive, timeText } from '../../../recording/import-archive.ts'
import { openSource } from '../../../replay/open-source.ts'
import { count, progressLine } from '../../../replay/progress-line.ts'
import { recordCount } from '../../../replay/replayed-batch.ts'
import { endingBySignal } from '../../ending.ts'
import { helpText, kafkaVariables, sharedOptions, withOptions } from '../../options.ts'
import { say } from '../../say.ts'
import { readDefinition } from '../../service/definition.ts'
import { findService } from '../../service/service.ts'
import { readCliSettings } from '../../service/settings.ts'
import { startCommand } from '../start.ts'
import { sourceOptions, sourceWords } from './shared.ts'

const { failed, ...ofTopic } = sourceOptions
const { dir, brokers, 'allow-remote': allowRemote } = sharedOptions
const options = {
  ...ofTopic,
  import: {
    type: 'string',
    value: 'PATH',
    help: 'events that EventBridge or CloudWatch Logs archived: a file or a folder',
  },
  dir,
  brokers,
  'allow-remote': allowRemote,
} as const

/** Lines are compressed together, some of them. */
const flushBytes = 256 * 1024

export const recordCommand: Command = {
  name: 'record',
  summary: 'start --record FILE: writes each invocation to a file while it runs; or a range of a topic',
  help: helpText({
    usage: 'record FILE [options]\nmicrobatch record FILE --topic NAME | --import PATH [options]',
    words: [['FILE', 'NDJSON; .gz and .zst are compressed; one that is there already is appended to']],
    options,
    variables: kafkaVariables,
    notes: `Without --topic and --import it is the same as microbatch start --record FILE, and its other options are those of start. With it, the range is
written as the events that the function's mapping would send: nobody is invoked, and nothing is committed. A recording holds the
records as they are (mode 0600). A BOUNDARY is as in microbatch batch.`,
  }),
  async run(words) {
    if (!words.some((word) => /^--(topic|import)(=|$)/.test(word))) return recordStart(words)
    const { values, words: given } = parseWords('record', ['FILE'], options, words)
    const settings = readCliSettings(withOptions(process.env, values))
    const service = findService({ dir: values.dir, environment: process.env })
    const definition = await readDefinition(service, settings)
    const onWarning = (line: string) => say(`WARN  ${line}`)
    const path = resolve(given[0] ?? '')
    const code = await codeVersion(service.folder)
    if (values.import !== undefined) {
      const [functionKey] = values.function ?? []
      const { invocations, others } = await importArchive(values.import, definition, functionKey)
      for (const where of others) onWarning(`${where} is no event with its records`)
      const archived = await openRecording(path, { source: 'archive', code, mappings: [] }, flushBytes)
      for (const invocation of invocations) archived.append(invocation)
      await archived.close()
      say(`Recorded ${count(invocations.length, 'event', 'events')} of ${values.import}.`)
      return 0
    }
    const source = await openSource(sourceWords(undefined, { ...values, failed: false }), {
      ...{ definition, settings, onWarning },
    })
    const mappings = source.mapping === undefined ? [] : [recordedMapping(source.mapping)]
    const ending = endingBySignal()
    const progress = progressLine(process.stderr)
    let [numEvents, numRecords] = [0, 0]
    try {
      const recording = await openRecording(path, { source: 'kafka', code, mappings }, flushBytes)
      try {
        for await (const { functionKey, atMs, reason, event } of source.batches()) {
          if (ending.signal.aborted) break
          recording.append({
            at: timeText(atMs),
            function: functionKey,
            ...(reason && { reason }),
            outcome: 'none',
            event,
          })
          numEvents += 1
          numRecords += recordCount(event)
          progress.update(numEvents, numRecords, source.fraction())
        }
      } finally {
        await recording.close()
      }
    } finally {
      progress.clear()
      await source.close()
    }
    say(`Recorded ${count(numEvents, 'event', 'events')} of ${source.name}: ${count(numRecords, 'record', 'records')}.`)
    return ending.exitCode()
  },
}

function recordStart(words: readonly string[]): Promise<number> {
  const [file = '', ...rest] = parseWords('record', ['FILE'], {}, words.slice(0, 1)).words
  return startCommand.run(['--record', file, ...rest, ...words.slice(1)])
}
