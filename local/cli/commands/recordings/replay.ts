// `microbatch replay`: the events of a recording, or a range of a topic, once more through the handlers: in this process, or at a
// Lambda endpoint. Kafka is read at most, and nothing is committed anywhere.
import { resolve } from 'node:path'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { openOutput } from '../../../recording/replay-output.ts'
import { rowsFile } from '../../../recording/rows-file.ts'
import { openSource, sourceKey } from '../../../replay/open-source.ts'
import { createPacer, parsePace } from '../../../replay/pace.ts'
import { positionFile } from '../../../replay/position.ts'
import { count, progressLine } from '../../../replay/progress-line.ts'
import { type ReplayEnd, replay } from '../../../replay/run.ts'
import { endingBySignal } from '../../ending.ts'
import { isLocalEndpoint } from '../../invoke-once.ts'
import { helpText, kafkaVariables, sharedOptions, withOptions } from '../../options.ts'
import { say } from '../../say.ts'
import { readDefinition } from '../../service/definition.ts'
import { findService, makeLocalDir, type Service } from '../../service/service.ts'
import { readCliSettings } from '../../service/settings.ts'
import { fileOrTopic, sourceOptions, sourceWords, targetOf, targetOptions } from './shared.ts'

const { dir, brokers, 'allow-remote': allowRemote } = sharedOptions
const options = {
  ...sourceOptions,
  ...targetOptions,
  pace: {
    type: 'string',
    value: 'PACE',
    default: 'max',
    help: 'max, original, 10x (ten times as fast), or step (max)',
  },
  out: {
    type: 'string',
    value: 'FILE',
    help: 'writes what came of it as a recording, with the rows that were emitted',
  },
  rows: {
    type: 'string',
    value: 'FILE',
    help: 'writes the rows in the end, those of a golden test, a line of JSON each',
  },
  'no-sinks': { type: 'boolean', default: false, help: 'in this process: prints no tables, and writes no sink' },
  resume: {
    type: 'boolean',
    default: false,
    help: 'goes on where the same replay was ended, or failed, or came to its --until',
  },
  dir,
  brokers,
  'allow-remote': { ...allowRemote, help: 'allows an endpoint or a Kafka at HOST; AWS gets your own credentials' },
} as const

export const replayCommand: Command = {
  name: 'replay',
  summary: 'sends the events of a recording, or a range of a topic, through the handlers again',
  help: helpText({
    usage: 'replay FILE [options]\nmicrobatch replay --topic NAME [options]',
    words: [['FILE', 'a recording: microbatch record; .gz and .zst are unpacked']],
    options,
    variables: [...kafkaVariables, 'DEAD_LETTER_FILE', 'LOCAL_DIR'],
    notes: `In this process a function runs with the environment of serverless.yml and STATE=memory, by which it can choose to keep its
state in memory, so that every replay begins with none. DEAD_LETTER_FILE is .local/dead-letters.replay.ndjson, if it is not set.
No consumer group's commits are touched. Ends with 1 at the first batch whose function fails. Ctrl-C ends it after the batch in
flight, and says how to go on. A BOUNDARY is as in microbatch batch.`,
  }),
  async run(words) {
    const { values, words: given } = parseWords('replay', fileOrTopic(words), options, words)
    const pace = parsePace(values.pace)
    const settings = readCliSettings(withOptions(process.env, values))
    const isRemote = values.endpoint !== undefined && !isLocalEndpoint(values.endpoint)
    const service = serviceFor(values.dir, isRemote && given[0] !== undefined)
    const definition = service && (await readDefinition(service, settings))
    const deadLetterFile = 'dead-letters.replay.ndjson'
    const writesSinks = !values['no-sinks']
    const target = targetOf(values, { service, definition, settings, deadLetterFile, writesSinks })
    const what = sourceWords(given[0], values)
    const place = service && positionFile(service.localDir, `${sourceKey(what)} ${target.name} ${values.state}`)
    const done = values.resume ? (place?.read() ?? nothingToResume()) : undefined
    const numDone = done?.numDone ?? 0
    const source = await openSource(what, { definition, settings, onWarning: warn, ranges: done?.ranges })
    if (values.resume && values.rows !== undefined)
      throw new LocalError('COMMAND_INVALID', '--rows takes a whole replay: leave out --resume.')
    const rows = values.rows === undefined ? undefined : rowsFile(resolve(values.rows), target)
    const output = values.out === undefined ? undefined : await openOutput(values.out, target, service?.folder)
    const ending = endingBySignal()
    const pacer = createPacer({ pace, signal: ending.signal, input: process.stdin, say })
    try {
      const progress = progressLine(process.stderr)
      const end = await replay({
        ...{ batches: source.batches(), fraction: source.fraction, target, pacer, numDone, progress },
        onOutcome: (batch, outcome, durationMs) => {
          output?.append(batch, outcome, durationMs)
          rows?.add(batch, outcome)
        },
      })
      if (end.stopped === undefined && rows !== undefined) say(`${values.rows}: ${count(rows.write(), 'row', 'rows')}.`)
      // What --until ended has more to come, too.
      if (end.stopped === undefined && values.until === undefined) place?.remove()
      else {
        if (service !== undefined) makeLocalDir(service)
        place?.write({ ...end.position, ranges: source.ranges })
      }
      report(end, functionsText(values.function ?? []), numDone, values.until !== undefined && place !== undefined)
      return ending.exitCode()
    } finally {
      target.close()
      await Promise.all([source.close(), output?.close()])
    }
  },
}

function report(
  { numBatches, numRecords, position, stopped }: ReplayEnd,
  functions: string,
  numBefore: number,
  isPart: boolean,
): void {
  const before = numBefore === 0 ? '' : ` after ${numBefore} that were done`
  say(
    `Replayed ${count(numBatches, 'event', 'events')}${functions}${before}: ${count(numRecords, 'record', 'records')}.`,
  )
  if (stopped === undefined && !isPart) return
  const last = position.numDone === 0 ? 'before the first' : `after ${position.where} (${position.numDone} done)`
  if (stopped === undefined) {
    say(`It stands ${last}. --resume goes on there: to the end, or up to a later --until.`)
    return
  }
  if (stopped.kind === 'asked') {
    say(`It was ended ${last}. The same command with --resume goes on there.`)
    return
  }
  const { batch, message, thrown } = stopped
  const problem = `${batch.functionKey} failed at ${batch.where}: ${message}`
  throw new LocalError('INVOKE_FAILED', `${problem}\nIt stands ${last}; --resume begins with this batch.`, {
    cause: thrown,
  })
}

/** A recording is sent elsewhere without a service. */
const serviceFor = (dir: string | undefined, isNone: boolean): Service | undefined =>
  isNone ? undefined : findService({ dir, environment: process.env })

const functionsText = (functions: readonly string[]): string =>
  functions.length === 0 ? '' : ` of ${functions.join(', ')}`

function nothingToResume(): never {
  throw new LocalError('COMMAND_INVALID', '--resume: no replay of this kind was ended before its end.')
}
const warn = (line: string): void => say(`WARN  ${line}`)
