// `microbatch catch-up`: a new version of a query folds what its topic holds beside the old one, and takes over where the old one ends.
import type { Admin } from 'kafkajs'
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import { offsetsText } from '../../../catch-up/consumer-group.ts'
import { type Beside, type Survey, survey, type TakeOver, takeOver } from '../../../catch-up/take-over.ts'
import { type Versions, versionsOf } from '../../../catch-up/versions.ts'
import { withAdmin } from '../../../kafka/connection.ts'
import { describeRanges, parseBoundary } from '../../../kafka/offset-range.ts'
import { openTopic } from '../../../kafka/topic-reader.ts'
import { count, progressLine } from '../../../replay/progress-line.ts'
import { endingBySignal } from '../../ending.ts'
import { helpText, kafkaVariables, sharedOptions } from '../../options.ts'
import { say } from '../../say.ts'
import { deployedName, toldPartitions } from '../../service/definition.ts'
import { sayingWhatFailed } from '../../service/query.ts'
import { kafkaOf } from '../../service/settings.ts'
import { wholeNumber } from '../../whole-number.ts'
import { placeOptions } from './options.ts'
import { type StateAtHand, withState } from './shared.ts'

const options = {
  beside: { type: 'string', value: 'OLD', help: 'the function of the version that runs' },
  from: {
    type: 'string',
    value: 'BOUNDARY',
    help: 'where to begin (the beginning of the topic, which must not be deleted yet)',
  },
  shards: { type: 'string', value: 'N', help: 'the option `shards` of its kafkaHandler (as it says it)' },
  apply: { type: 'boolean', default: false, help: 'does it; without it, it only says what it would do' },
  brokers: sharedOptions.brokers,
  ...placeOptions,
} as const

export const catchUpCommand: Command = {
  name: 'catch-up',
  summary: 'brings a new version of a query to where the old one stands, to take over from it',
  help: helpText({
    usage: 'catch-up NEW --beside OLD [options]',
    words: [['NEW', 'the function of the new version, whose mapping has enabled: false']],
    options,
    variables: [...kafkaVariables, 'DYNAMODB_PORT', 'LOCAL_DIR'],
    notes: `Folds the topic into the state of NEW up to the offsets that OLD has committed; no sink is written. While OLD's mapping runs, that is all:
pause it, and the same command again folds the rest and sets the offsets of NEW's consumer group to those of OLD's. Then NEW's mapping
is enabled. It goes on where it was ended (Ctrl-C). A BOUNDARY is as in microbatch batch. docs/blue-green.md`,
  }),
  async run(words) {
    const { values, words: given } = parseWords('catch-up', ['NEW'], options, words)
    const [nextKey = ''] = given
    const { beside: oldKey } = values
    if (oldKey === undefined) {
      throw new LocalError('COMMAND_INVALID', 'catch-up takes NEW --beside OLD. See: catch-up --help')
    }
    const givenShards = wholeNumber('--shards', values.shards, 1)
    const from = values.from === undefined ? undefined : parseBoundary('--from', values.from)
    return withState(values, async (at) => {
      const definition = await at.definition()
      const versions = await versionsOf(at.service, definition, oldKey, nextKey)
      return withTopic(at, versions, async (admin, reader) => {
        const store = versions.next.keepsState ? at.place.store : undefined
        const beside: Beside = { ...versions, admin, reader, store, from }
        const found = await survey(beside)
        sayPlan(found, versions, at.place.name)
        if (!values.apply) {
          say('Nothing was done. To do it: --apply')
          return 0
        }
        const { topic } = versions.next.mapping
        const { spread } = versions.next
        const shards = givenShards ?? spread?.shards ?? 1
        const partitions = spread?.partitions ?? toldPartitions(definition).get(topic) ?? found.ranges.length
        const ending = endingBySignal()
        const { brokers } = kafkaOf(at.settings)
        const folding = { brokers, partitions, shards, progress: progressLine(process.stderr), signal: ending.signal }
        const end = await sayingWhatFailed(() => takeOver(beside, folding))
        sayEnd(end, versions, definition)
        return ending.exitCode()
      })
    })
  },
}

function withTopic<T>(
  { settings }: StateAtHand,
  { next }: Versions,
  work: (admin: Admin, reader: Beside['reader']) => Promise<T>,
): Promise<T> {
  return withAdmin(kafkaOf(settings), async (admin) => {
    const reader = await openTopic({ ...kafkaOf(settings), topic: next.mapping.topic })
    try {
      return await work(admin, reader)
    } finally {
      await reader.close()
    }
  })
}

function sayPlan({ oldCommits, ranges, numBehind, isOldRead }: Survey, { old, next }: Versions, place: string): void {
  const { topic } = next.mapping
  const reads = isOldRead ? 'its mapping runs' : 'nobody reads for it'
  say(
    `${old.functionKey} stands at ${offsetsText(topic, oldCommits)}; ${reads} (group ${old.mapping.consumerGroupId}).`,
  )
  if (!next.keepsState) say(`${next.functionKey} keeps no state: there is nothing to fold.`)
  else {
    const open = ranges.filter((range) => range.from < range.to)
    const where = open.length === 0 ? '' : `: ${topic} ${describeRanges(open)}`
    say(`${next.functionKey} has ${count(numBehind, 'record', 'records')} to fold into ${place}${where}.`)
  }
}

function sayEnd(end: TakeOver, { old, next }: Versions, definition: PrintedService): void {
  const { kind, numBatches, numRecords, numBad, numBehind, offsets } = end
  const bad = numBad === 0 ? '' : `, ${numBad} of them bad`
  say(
    `Folded ${count(numRecords, 'record', 'records')}${bad} in ${count(numBatches, 'batch', 'batches')}; no sink was written.`,
  )
  const [oldName, nextName] = [old, next].map(({ functionKey }) => deployedName(definition, functionKey))
  if (kind === 'stopped') say('It was ended before its end. The same command goes on there.')
  else if (kind === 'caughtUp') {
    say(
      `${next.functionKey} has caught up; ${old.functionKey} goes on, and is ${count(numBehind, 'record', 'records')} further by now.`,
    )
    say(`To take over: end the mapping of ${old.functionKey} (enabled: false; on AWS, of ${oldName}:`)
    say(
      'aws lambda update-event-source-mapping --uuid UUID --no-enabled, until its state is Disabled), then the same command again.',
    )
  } else {
    say(
      `${next.functionKey} takes over at ${offsetsText(next.mapping.topic, offsets)} (group ${next.mapping.consumerGroupId}).`,
    )
    say(
      `Now enable its mapping (enabled: true; on AWS, of ${nextName}: aws lambda update-event-source-mapping --uuid UUID --enabled),`,
    )
    say(`and leave that of ${old.functionKey} as it is.`)
  }
}
