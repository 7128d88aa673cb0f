// `npm run verify`: for every window and symbol, is the last bar that `npm start` printed the bar that the topic alone gives?
// Beside a running stream too: only bars are compared whose records have all been delivered, and committed, by then.
import { createReadStream, existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { KafkaRow } from 'microbatch'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { parseAllowedHosts } from 'serverless-offline-kafka-mapping/internal/safety'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import type { PartitionEnds } from '../../kafka/offset-range.ts'
import { openTopic, type TopicReader } from '../../kafka/topic-reader.ts'
import { type Bars, barKey, type Comparison, compareBars, report } from '../bar-comparison.ts'
import { type BatchResult, type BatchRun, batchQuery, sayingWhatFailed } from '../batch-query.ts'
import { tablesFileOf } from '../data.ts'
import { deployedName } from '../function-name.ts'
import { eachLine } from '../pipeline/lines.ts'
import { type PrintedRow, tableReader } from '../printed-tables.ts'
import { brokersOf, readCliSettings } from '../settings.ts'
import { badRecords } from './batch.ts'

/** How long the stream may take to deliver what the topic holds when it is asked: some batch windows, and a restart. */
const deliveryMs = 20_000
/** How long a printed line may take into the file, once its batch has been committed. */
const printedMs = 3_000
const againAfterMs = 500

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'compares the bars that npm start printed with the bars that the topic gives',
  help: `npm run verify -- [--stage STAGE] [--allow-remote HOST]

  --stage STAGE        dev is npm start; localstack is npm run localstack, while it runs
  --allow-remote HOST  allows HOST in KAFKA_BROKERS though it is not this machine (again for more)

Computes every bar from the topic alone, as npm run batch does, and compares it with the last one that the running npm start,
or the last one, printed (.local/log/tables.txt, kept since the last --fresh). Prints a line for each bar that differs or
was never printed, and a summary; ends with 1 if there is one, or if there was nothing to compare. Bars with ticks that the
mapping has not delivered yet are not compared.
Environment: as npm start has it: KAFKA_BROKERS or KAFKA_PORT (with KAFKA_SASL_… and KAFKA_SSL…, as npm run mapping has them), TOPIC, WINDOW, WATERMARK_DELAY, OUTPUT_MODE (not append).`,
  async run(words) {
    const { values } = parseWords(
      'verify',
      [],
      {
        stage: { type: 'string', default: 'dev' },
        'allow-remote': { type: 'string', multiple: true, default: [] },
      },
      words,
    )
    if (!/^[\w-]+$/.test(values.stage))
      throw new LocalError('COMMAND_INVALID', 'verify: --stage takes letters and digits.')
    const tablesFile = tablesFileOf(values.stage)
    const settings = readCliSettings(process.env)
    const start = await sayingWhatFailed(() => batchQuery('bars'))
    const { topic, outputMode } = start()
    if (outputMode === 'append') {
      const problem = 'In append mode a bar is printed when its window is closed, not with each tick.'
      throw new LocalError('SETTINGS_INVALID', `${problem} verify compares what update and complete print.`)
    }
    if (!existsSync(tablesFile)) {
      throw new LocalError('COMMAND_INVALID', `Nothing was printed here yet (${tablesFile}). Run npm start first.`)
    }
    const allowed = parseAllowedHosts([settings.allowRemote, ...values['allow-remote']].join(','))
    const reader = await openTopic({ brokers: brokersOf(settings), security: settings.kafkaSecurity, topic, allowed })
    try {
      const groupId = `${deployedName('bars', values.stage)}-${topic}`
      const { comparison, whole } = await sayingWhatFailed(() => compareInTime({ reader, groupId, tablesFile, start }))
      for (const line of badRecords(whole)) process.stderr.write(`${printable(line)}\n`)
      for (const line of report(comparison)) console.log(printable(line, 1_000))
      const { numCompared, differing, missing } = comparison
      return numCompared > 0 && differing.length + missing.length === 0 ? 0 : 1
    } finally {
      await reader.close()
    }
  },
}

/** What is compared: a topic, how far its consumer has come, what it printed, and the query. */
interface Subject {
  readonly reader: TopicReader
  readonly groupId: string
  readonly tablesFile: string
  readonly start: () => BatchRun
}

interface Look {
  readonly comparison: Comparison
  readonly whole: BatchResult
  readonly committed: ReadonlyMap<number, number>
}

/**
 * Looks until all that the topic held at first has been delivered and is found right, or it has had its time; the last look
 * counts. A bar that is wrong stays wrong; one whose line is still on its way to the file is right a moment later.
 */
async function compareInTime(subject: Subject): Promise<Look> {
  const records: KafkaRow[] = []
  const target = await subject.reader.ends()
  let deadlineMs = performance.now() + deliveryMs
  for (let wasDelivered = false; ; ) {
    const look = await lookOnce(subject, records)
    const { differing, missing } = look.comparison
    const isDelivered = target.every(
      ({ partition, earliest, latest }) => (look.committed.get(partition) ?? earliest) >= latest,
    )
    if (isDelivered && differing.length + missing.length === 0) return look
    if (isDelivered && !wasDelivered) deadlineMs = performance.now() + printedMs
    wasDelivered = isDelivered
    if (performance.now() > deadlineMs) return look
    await delay(againAfterMs)
  }
}

/**
 * The order makes it sound. A batch prints before it is committed: what was committed first is in what was printed, read
 * second. The topic is read last: what was printed comes from its records. So a bar none of whose records lies between the
 * commits and the end of the topic has been printed from exactly the records below the commits.
 * @param records what is known of the topic, from its beginning; added to
 */
async function lookOnce({ reader, groupId, tablesFile, start }: Subject, records: KafkaRow[]): Promise<Look> {
  const committed = await reader.committed(groupId)
  const printed = await printedBars(tablesFile)
  const ends = await reader.ends()
  const known = new Map(records.map(({ partition, offset }) => [partition, offset + 1]))
  const unread = ends.map(({ partition, earliest, latest }) => ({
    partition,
    from: Math.max(earliest, known.get(partition) ?? 0),
    to: latest,
  }))
  await reader.read(unread, (more) => {
    for (const record of more) records.push(record)
  })
  const isDelivered = ({ partition, offset }: KafkaRow) => offset < (committed.get(partition) ?? 0)
  const whole = await resultOf(start, records)
  const delivered = barsOf((await resultOf(start, records.filter(isDelivered))).table)
  const waiting = records.filter((record) => !isDelivered(record))
  const undelivered = barsOf((await resultOf(start, waiting)).table)
  const comparison = compareBars({
    printed,
    computed: delivered,
    open: new Set(undelivered.keys()),
    lostUpTo: await lostUpTo(start, records, ends),
  })
  return { comparison, whole, committed }
}

async function resultOf(start: () => BatchRun, records: readonly KafkaRow[]): Promise<BatchResult> {
  const run = start()
  await run.add(records)
  return run.result()
}

/** The last row of each bar, of all tables that are read; rows of other tables are passed over. */
function barReader(): { readonly bars: Bars; readonly line: (line: string) => void } {
  const bars = new Map<string, PrintedRow>()
  const line = tableReader((row) => {
    const key = barKey(row)
    if (key !== undefined) bars.set(key, row)
  })
  return { bars, line }
}

function barsOf(table: string): Bars {
  const { bars, line } = barReader()
  table.split('\n').forEach(line)
  return bars
}

async function printedBars(tablesFile: string): Promise<Bars> {
  const { bars, line } = barReader()
  await eachLine(createReadStream(tablesFile), line)
  return bars
}

/** So many of the first records that are left: their disorder is taken to be no greater than that. */
const numFirst = 10

/** Sorts after every window. */
const everyWindow = '\uffff'

/** Kafka deletes old records: windows up to those of the first that are left, in any partition, may have lost some. */
async function lostUpTo(start: () => BatchRun, records: readonly KafkaRow[], ends: readonly PartitionEnds[]) {
  const lossy = ends.filter(({ earliest }) => earliest > 0)
  const firsts = lossy.map(({ partition, earliest }) =>
    records.filter((record) => record.partition === partition && record.offset >= earliest).slice(0, numFirst),
  )
  if (firsts.some((first) => first.length === 0)) return everyWindow
  const { table } = await resultOf(start, firsts.flat())
  const windows = [...barsOf(table).values()].map((row) => row.get('window') ?? '')
  return windows.sort().at(-1)
}
