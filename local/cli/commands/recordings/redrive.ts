// `microbatch redrive`: what went wrong once, dead letters and batches that a mapping gave up, sent again. It says what it would do, and
// does it when it is told to; nothing is sent twice.
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { printable } from 'serverless-offline-kafka-mapping/internal/terminal'
import { withProducer } from '../../../kafka/connection.ts'
import { type RedriveDestination, toHandler, topicName, toTopic } from '../../../redrive/destination.ts'
import { type Ledger, openLedger } from '../../../redrive/ledger.ts'
import { withMissing } from '../../../redrive/missing-records.ts'
import { type OpenItems, openItems } from '../../../redrive/open-items.ts'
import { type Planned, planLine, planned } from '../../../redrive/plan.ts'
import type { Redrivable } from '../../../redrive/redrivable.ts'
import { loadTransform } from '../../../redrive/transform.ts'
import { count } from '../../../replay/progress-line.ts'
import { jsonText } from '../../json-text.ts'
import { helpText, kafkaVariables, sharedOptions, withOptions } from '../../options.ts'
import { say } from '../../say.ts'
import { deployedName, readDefinition } from '../../service/definition.ts'
import { findService } from '../../service/service.ts'
import { kafkaOf, readCliSettings } from '../../service/settings.ts'
import { targetOf, targetOptions } from './shared.ts'

const { dir, brokers, 'allow-remote': allowRemote, json } = sharedOptions
const options = {
  apply: { type: 'boolean', default: false, help: 'does it; without it, it only says what it would do' },
  to: {
    type: 'string',
    value: 'PLACE',
    default: 'topic',
    help: 'topic: the records of each to its end; handler (topic)',
  },
  into: { type: 'string', value: 'TOPIC', help: 'to this topic in place of their own' },
  transform: {
    type: 'string',
    value: 'FILE',
    help: 'a module whose default export mends a record: (record) => record',
  },
  again: { type: 'boolean', default: false, help: 'also what was redriven before' },
  function: { type: 'string', value: 'NAME', help: 'the function whose handler gets them; as they say otherwise' },
  ...targetOptions,
  dir,
  brokers,
  'allow-remote': allowRemote,
  json: { ...json, help: 'a line of JSON for each' },
} as const

const numOthersShown = 5

export const redriveCommand: Command = {
  name: 'redrive',
  summary: 'sends dead letters, and batches that a mapping gave up, again; says first what it would do',
  help: helpText({
    usage: 'redrive SOURCE [options]',
    words: [['SOURCE', 'a file or a folder, the URL of an SQS queue, or kafka:TOPIC']],
    options,
    variables: [...kafkaVariables, 'LOCAL_DIR'],
    notes: `Files are dead letters (.local/dead-letters.ndjson), on-failure records (.local/on-failure.ndjson, objects of S3), messages of SQS and SNS,
and Kafka events that EventBridge or CloudWatch archived; their envelopes are taken off. Records that a message only names are read
from their topic, while it has them. In its topic a record gets a new offset, so that a query with state counts it, and it goes there
once, however many queries set it aside; over its old offset, to the handler, such state passes it by. What was sent is marked
(SOURCE.redriven), and is not sent again.`,
  }),
  async run(words) {
    const { values, words: given } = parseWords('redrive', ['SOURCE'], options, words)
    const { to, into, apply, again } = values
    if (to !== 'topic' && to !== 'handler') throw refused(`--to takes topic or handler, not ${to}`)
    if (into !== undefined && to === 'handler') throw refused('--into goes with --to topic')
    const settings = readCliSettings(withOptions(process.env, values))
    const service = findService({ dir: values.dir, environment: process.env })
    const transform = values.transform === undefined ? undefined : await loadTransform(values.transform)
    const found = await openItems(given[0] ?? '', settings, service.localDir)
    const ledger = openLedger(found.ledger)
    try {
      const items = await withMissing(found.items, kafkaOf(settings))
      const plan = await planned(items, { ledger, again, transform, oncePerRecord: to === 'topic' })
      for (const line of othersText(found.others)) say(line)
      const run = async (destination: RedriveDestination) =>
        apply ? applied(plan, destination, ledger, found, values.json) : told(plan, destination.name, values.json)
      if (to === 'topic' && !apply) return told(plan, topicName(into), values.json)
      if (to === 'topic') return await withProducer(kafkaOf(settings), (producer) => run(toTopic(producer, into)))
      const definition = await readDefinition(service, settings)
      const place = { service, definition, settings, deadLetterFile: 'dead-letters.redrive.ndjson' } as const
      const functions = values.function === undefined ? {} : { function: [values.function] }
      const tables = values.json ? 'stderr' : 'stdout'
      const target = targetOf({ ...values, function: undefined, ...functions }, { ...place, tables })
      const keys = Object.keys(definition.functions)
      const functionOf = ({ query, functionName, where }: Redrivable): string => {
        const key = values.function ?? keys.find((it) => it === query || deployedName(definition, it) === functionName)
        if (key === undefined) throw refused(`${where} does not say whose it is: name the function by --function NAME`)
        return key
      }
      try {
        return await run(toHandler(target, functionOf))
      } finally {
        target.close()
      }
    } finally {
      ledger.close()
      await found.close()
    }
  },
}

function told(plan: readonly Planned[], name: string, asJson: boolean): number {
  for (const each of plan) print(each, name, asJson, 'planned')
  const sent = plan.filter(({ obstacle }) => obstacle === undefined)
  const stay = plan.length - sent.length
  say(`Nothing was sent. ${sent.length} would go ${name}, ${stay} would stay. To do it: --apply.`)
  return 0
}

async function applied(
  plan: readonly Planned[],
  destination: RedriveDestination,
  ledger: Ledger,
  found: Pick<OpenItems, 'items' | 'done'>,
  asJson: boolean,
): Promise<number> {
  const { name } = destination
  const sendable = plan.filter(({ obstacle }) => obstacle === undefined)
  if (sendable.length === 0 && plan.some(({ isRepeated }) => isRepeated)) {
    for (const each of plan) print(each, name, asJson, 'stayed')
    throw refused('all of it was redriven before; --again sends it once more')
  }
  let [numSent, numFailed] = [0, 0]
  for (const each of plan) {
    const { item, records, obstacle } = each
    if (obstacle !== undefined) {
      print(each, name, asJson, 'stayed')
      continue
    }
    ledger.mark(item.id, 'begun', name)
    const failure = await destination.send(item, records)
    ledger.mark(item.id, failure === undefined ? 'done' : 'failed', name)
    if (failure === undefined) {
      numSent += 1
      for (const other of each.others) ledger.mark(other.id, 'done', name)
      for (const { id, where } of [item, ...each.others]) {
        const origin = found.items.find((one) => one.id === id && one.where === where)
        if (origin !== undefined) await found.done(origin)
      }
    } else numFailed += 1
    print({ ...each, obstacle: failure }, name, asJson, failure === undefined ? 'sent' : 'failed')
  }
  const stayed = plan.length - numSent - numFailed
  say(`${count(numSent, 'was', 'were')} sent ${name}, ${numFailed} failed, ${stayed} stayed.`)
  return numFailed === 0 ? 0 : 1
}

function print(each: Planned, to: string, asJson: boolean, state: string): void {
  const { item, records, obstacle } = each
  const { id, where, reason } = item
  console.log(
    asJson
      ? jsonText({ id, where, reason, state, to, numRecords: records.length, ...(obstacle && { obstacle }) })
      : printable(planLine(each, to), 2_000),
  )
}

/** A file that is something else altogether has only such lines. */
function othersText(others: readonly string[]): readonly string[] {
  const more = others.length - numOthersShown
  const lines = others.slice(0, numOthersShown).map((where) => `WARN  ${where} is none that can be redriven`)
  return more > 0 ? [...lines, `WARN  nor ${more === 1 ? 'is 1 more' : `are ${more} more`}`] : lines
}

const refused = (problem: string): LocalError => new LocalError('COMMAND_INVALID', `redrive: ${problem}.`)
