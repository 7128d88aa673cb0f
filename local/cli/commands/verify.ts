// `microbatch verify`: is what `start` printed of a query what the topic alone gives? Groups by the last row that was printed of
// each, rows by how often they were printed.
import { existsSync } from 'node:fs'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { openTopic } from '../../kafka/topic-reader.ts'
import { jsonText } from '../json-text.ts'
import { helpText, kafkaVariables, sharedOptions, withOptions } from '../options.ts'
import { dataOf } from '../service/data.ts'
import { type Consumer, consumersOf, functionOf, readDefinition } from '../service/definition.ts'
import { batchQuery, findBatchQuery, type StartBatch, sayingWhatFailed } from '../service/query.ts'
import { findService, type Service } from '../service/service.ts'
import { kafkaOf, readCliSettings } from '../service/settings.ts'
import { type Comparison, isRight, report } from '../verify/comparison.ts'
import { inspectInTime } from '../verify/inspection.ts'
import { type PrintingQuery, refuseLookAlikes } from '../verify/printed-result.ts'
import { tableReader } from '../verify/printed-tables.ts'
import { wholeNumber } from '../whole-number.ts'
import { badRecords } from './batch.ts'

const { dir, brokers, 'allow-remote': allowRemote, json } = sharedOptions
const options = {
  query: {
    type: 'string',
    value: 'NAME',
    multiple: true,
    help: 'a function whose query is verified (again for more); all that have one',
  },
  stage: {
    type: 'string',
    value: 'STAGE',
    default: 'dev',
    help: 'dev is start; localstack is localstack, while it runs',
  },
  wait: {
    type: 'string',
    value: 'SECONDS',
    default: '20',
    help: 'how long the mapping may take to deliver what the topic holds (20: some batch windows, and a restart)',
  },
  dir,
  brokers,
  'allow-remote': allowRemote,
  json: { ...json, help: 'a line of JSON for each query' },
} as const

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'compares what start printed of the queries with what their topics give',
  help: helpText({
    usage: 'verify [options]',
    options,
    variables: [...kafkaVariables, 'LOCAL_DIR'],
    notes: `Computes each query from its topic alone, as microbatch batch does, and compares that with what the running start, or the last
one, printed (.local/log/tables.txt, kept since the last --fresh). An aggregation is compared by the last row of each group,
another query by its rows. Prints a line for each difference, and a summary; ends with 1 if there is a difference, or if
there was nothing to compare. What the mapping has not delivered yet is waited for, and then not compared; nor is a row that
the watermark holds back, as that of a session, until it is printed.
The sink has to show all: consoleSink({ numRows: 100_000, truncate: false }).`,
  }),
  async run(words) {
    const { values } = parseWords('verify', [], options, words)
    const settings = readCliSettings(withOptions(process.env, values))
    const waitMs = (wholeNumber('--wait', values.wait, 0) ?? 0) * 1000
    const service = findService({ dir: values.dir, environment: process.env })
    const { tables } = dataOf(service, checkedStage(values.stage))
    if (!existsSync(tables)) {
      throw new LocalError('COMMAND_INVALID', `Nothing was printed here yet (${tables}). Run start first.`)
    }
    const definition = await readDefinition(service, settings, values.stage)
    const verified = await verifiedQueries(service, definition, values.query ?? [])
    let isAllRight = verified.length > 0
    for (const { query, consumer, start } of verified) {
      const reader = await openTopic({ ...kafkaOf(settings), topic: consumer.topic })
      try {
        const subject = { query, reader, groupId: consumer.groupId, tablesFile: tables, start }
        const { comparison, whole } = await sayingWhatFailed(() => inspectInTime(subject, waitMs))
        for (const line of badRecords(whole)) process.stderr.write(`${printable(line)}\n`)
        print(query.name, comparison, values.json)
        isAllRight &&= isRight(comparison)
      } finally {
        await reader.close()
      }
    }
    return isAllRight ? 0 : 1
  },
}

function checkedStage(stage: string): string {
  if (/^[\w-]+$/.test(stage)) return stage
  throw new LocalError('COMMAND_INVALID', 'verify: --stage takes letters and digits.')
}

function print(name: string, comparison: Comparison, asJson: boolean): void {
  if (asJson) console.log(jsonText({ query: name, isRight: isRight(comparison), ...comparison }))
  else for (const line of report(name, comparison)) console.log(printable(line, 1_000))
}

interface VerifiedQuery {
  readonly query: PrintingQuery
  readonly consumer: Consumer
  readonly start: StartBatch
}

/** All queries of the service are looked at, also where only some are verified: tables are told apart by their columns. */
async function verifiedQueries(
  service: Service,
  definition: PrintedService,
  names: readonly string[],
): Promise<readonly VerifiedQuery[]> {
  for (const name of names) functionOf(definition, name)
  const consumers = consumersOf(definition)
  const all: VerifiedQuery[] = []
  for (const consumer of consumers) {
    const { functionKey } = consumer
    const find = names.includes(functionKey) ? batchQuery : findBatchQuery
    const start = await sayingWhatFailed(() => find(service, definition, functionKey))
    if (start === undefined) continue
    const { topics } = start()
    if (topics.length > 1) {
      const problem = `${functionKey} reads ${topics.join(', ')}: a query of several topics is not compared.`
      if (names.includes(functionKey)) throw new LocalError('COMMAND_INVALID', problem)
      if (topics[0] === consumer.topic) process.stderr.write(`${printable(problem)}\n`)
      continue
    }
    all.push({ query: printingQuery(functionKey, start), consumer, start })
  }
  const unfed = names.find((name) => !consumers.some(({ functionKey }) => functionKey === name))
  if (unfed !== undefined) throw new LocalError('COMMAND_INVALID', `The function ${unfed} has no Kafka event.`)
  refuseLookAlikes(all.map(({ query }) => query))
  if (all.length === 0) throw new LocalError('COMMAND_INVALID', 'No function of the service has a query to verify.')
  return names.length === 0 ? all : all.filter(({ query }) => names.includes(query.name))
}

/** Its columns are those of its table over nothing. */
function printingQuery(name: string, start: StartBatch): PrintingQuery {
  const batch = start()
  let columns: readonly string[] = []
  const header = (found: readonly string[]) => {
    columns = found
  }
  batch
    .result()
    .table.split('\n')
    .forEach(tableReader({ header, row: () => {} }))
  const { grouping, outputMode, isHeld } = batch
  const gone = grouping?.columns.filter((column) => !columns.includes(column)) ?? []
  if (gone.length === 0) return { name, columns, grouping, outputMode, isHeld }
  const problem = `${name} does not print its grouping columns ${gone.join(', ')}`
  throw new LocalError('COMMAND_INVALID', `${problem}, so that its groups cannot be told apart.`)
}
