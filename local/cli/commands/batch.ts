// `npm run batch`: a query over a range of its topic, once, as one table. It reads beside whatever else runs, and changes
// nothing: no offsets, no state, no dead letters.

import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { parseAllowedHosts } from 'serverless-offline-kafka-mapping/internal/safety'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { type Boundary, describeRanges, offsetRanges, parseBoundary } from '../../kafka/offset-range.ts'
import { openTopic, type TopicReader } from '../../kafka/topic-reader.ts'
import { type BatchResult, batchQuery, sayingWhatFailed } from '../batch-query.ts'
import { writeTo } from '../pipeline/output.ts'
import { brokersOf, readCliSettings } from '../settings.ts'

export const batchCommand: Command = {
  name: 'batch',
  summary: 'a query over what is in its topic, once: the whole result as one table',
  help: `npm run batch -- --query NAME [--from BOUNDARY] [--to BOUNDARY] [--allow-remote HOST]

  --query NAME         an export NAMEQuery of handlers/consumer.ts: bars, tape
  --from BOUNDARY      where to begin: earliest
  --to BOUNDARY        where to end, without it: latest, as it is when the command starts
  --allow-remote HOST  allows HOST in KAFKA_BROKERS though it is not this machine

A BOUNDARY is earliest, latest, a time of the records' own timestamps (2026-01-05T14:30:00Z, UTC where it names no zone, or
epoch milliseconds), or partition:offset,… (0:120,1:80; partitions that are not named are not read).
Environment: KAFKA_BROKERS (localhost:9092, or KAFKA_PORT), KAFKA_SASL_MECHANISM, KAFKA_USERNAME, KAFKA_PASSWORD, KAFKA_SSL,
KAFKA_SSL_CA, …_CERT, …_KEY (as npm run mapping has them), TOPIC (stock-ticks), and the settings of the query, as npm start has
them: WINDOW. The table goes to stdout. Records that cannot be decoded are counted on stderr; none is written anywhere.`,
  async run(words) {
    const { values } = parseWords(
      'batch',
      [],
      {
        query: { type: 'string' },
        from: { type: 'string', default: 'earliest' },
        to: { type: 'string', default: 'latest' },
        'allow-remote': { type: 'string', multiple: true, default: [] },
      },
      words,
    )
    const { query } = values
    if (query === undefined)
      throw new LocalError('COMMAND_INVALID', 'batch needs --query NAME, for example --query bars.')
    const from = parseBoundary('--from', values.from)
    const to = parseBoundary('--to', values.to)
    const settings = readCliSettings(process.env)
    const run = (await sayingWhatFailed(() => batchQuery(query)))()
    const allowed = parseAllowedHosts([settings.allowRemote, ...values['allow-remote']].join(','))
    const reader = await openTopic({
      brokers: brokersOf(settings),
      security: settings.kafkaSecurity,
      topic: run.topic,
      allowed,
    })
    try {
      const ranges = await rangesOf(reader, from, to)
      let numRecords = 0
      const result = await sayingWhatFailed(async () => {
        await reader.read(ranges, async (records) => {
          numRecords += records.length
          await run.add(records)
        })
        return run.result()
      })
      await print(result.table)
      const count = `${numRecords} records of ${run.topic} (${describeRanges(ranges)}): ${result.numRows} rows`
      for (const line of [count, ...badRecords(result)]) process.stderr.write(`${printable(line)}\n`)
      return 0
    } finally {
      await reader.close()
    }
  },
}

async function print(text: string): Promise<void> {
  process.stdout.on('error', (error) => {
    if ('code' in error && error.code === 'EPIPE') process.exit(0) // `npm run batch … | head` has seen enough
    throw error
  })
  await writeTo(process.stdout, text)
}

async function rangesOf(reader: TopicReader, from: Boundary, to: Boundary) {
  const ends = await reader.ends()
  const times = new Map<number, ReadonlyMap<number, number>>()
  for (const boundary of [from, to]) {
    if (boundary.kind === 'time') times.set(boundary.epochMs, await reader.atTime(boundary.epochMs))
  }
  return offsetRanges({ ends, from, to, atTime: (epochMs) => times.get(epochMs) ?? new Map() })
}

/** How many records are not in the table because they are bad, and where the first of them stand. */
export function badRecords({ numBad, firstBad }: BatchResult): readonly string[] {
  if (numBad === 0) return []
  const more = numBad > firstBad.length && firstBad.length > 0 ? ['  …'] : []
  return [`WARN  ${numBad} bad records are not in the table:`, ...firstBad.map((line) => `  ${line}`), ...more]
}
