// `microbatch batch`: a query over a range of its topic, once, as one table. It reads beside whatever else runs, and changes
// nothing: no offsets, no state, no dead letters.
import { setFlagsFromString } from 'node:v8'
import type { TopicBatchResult } from 'microbatch'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { describeRanges, parseBoundary, rangesOf } from '../../kafka/offset-range.ts'
import { jsonText } from '../json-text.ts'
import { helpText, kafkaVariables, sharedOptions, withOptions } from '../options.ts'
import { printToEnd } from '../pipeline/output.ts'
import { readDefinition } from '../service/definition.ts'
import { findService } from '../service/service.ts'
import { kafkaOf, readCliSettings } from '../service/settings.ts'

const { dir, brokers, 'allow-remote': allowRemote, json } = sharedOptions
const options = {
  query: { type: 'string', value: 'NAME', help: 'the function whose query it is; its module exports NAMEQuery' },
  from: { type: 'string', value: 'BOUNDARY', default: 'earliest', help: 'where to begin (earliest)' },
  to: {
    type: 'string',
    value: 'BOUNDARY',
    default: 'latest',
    help: 'where to end, without it (latest, as it is when the command starts)',
  },
  dir,
  brokers,
  'allow-remote': allowRemote,
  json: { ...json, help: 'a line of JSON for each row, in place of the table' },
} as const

export const batchCommand: Command = {
  name: 'batch',
  summary: 'a query over what is in its topic, once: the whole result as one table',
  help: helpText({
    usage: 'batch --query NAME [options]',
    options,
    variables: kafkaVariables,
    notes: `A BOUNDARY is earliest, latest, a time of the records' own timestamps (2026-01-05T14:30:00Z, UTC where it names no zone, or
epoch milliseconds), or partition:offset,… (0:120,1:80; partitions that are not named are not read).
The query runs with the environment that serverless.yml gives its function. The table goes to stdout. Records that cannot be
decoded are counted on stderr; none is written anywhere.`,
  }),
  async run(words) {
    // Records are dead as soon as they are folded: V8 would wait until there is four times what is alive.
    setFlagsFromString('--heap-growing-percent=30')
    const { values } = parseWords('batch', [], options, words)
    const { query } = values
    if (query === undefined)
      throw new LocalError('COMMAND_INVALID', 'batch needs --query NAME, a function of the service.')
    const from = parseBoundary('--from', values.from)
    const to = parseBoundary('--to', values.to)
    const settings = readCliSettings(withOptions(process.env, values))
    const service = findService({ dir: values.dir, environment: process.env })
    const definition = await readDefinition(service, settings)
    // Only now, when the framework's process has ended: both would take their memory at once.
    const { batchQuery, sayingWhatFailed } = await import('../service/query.ts')
    const { openTopic } = await import('../../kafka/topic-reader.ts')
    const run = await sayingWhatFailed(async () => (await batchQuery(service, definition, query))())
    let numRecords = 0
    const places: string[] = []
    for (const topic of run.topics) {
      const reader = await openTopic({ ...kafkaOf(settings), topic })
      try {
        const ranges = await rangesOf(reader, from, to)
        places.push(`${topic} (${describeRanges(ranges)})`)
        await sayingWhatFailed(() =>
          reader.read(ranges, async (records) => {
            numRecords += records.length
            await run.add(records)
          }),
        )
      } finally {
        await reader.close()
      }
    }
    const result = await sayingWhatFailed(() => run.result())
    await printToEnd(values.json ? linesOf(result) : [result.table])
    const count = `${numRecords} records of ${places.join(', ')}: ${result.numRows} rows`
    for (const line of [count, ...badRecords(result)]) process.stderr.write(`${printable(line)}\n`)
    return 0
  },
}

/** Some hundred rows at a time: a text of all would be as large as the rows. */
function* linesOf({ rows }: TopicBatchResult): Iterable<string> {
  for (let from = 0; from < rows.length; from += 500)
    yield rows
      .slice(from, from + 500)
      .map((row) => `${jsonText(row)}\n`)
      .join('')
}

/** How many records are not in the table because they are bad, and where the first of them stand. */
export function badRecords({ numBad, firstBad }: TopicBatchResult): readonly string[] {
  if (numBad === 0) return []
  const more = numBad > firstBad.length && firstBad.length > 0 ? ['  …'] : []
  const bad = numBad === 1 ? '1 bad record is' : `${numBad} bad records are`
  return [`WARN  ${bad} not in the table:`, ...firstBad.map((line) => `  ${line}`), ...more]
}
