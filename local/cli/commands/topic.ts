// `microbatch topic`: makes, lists and describes topics. It deletes none.
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { withAdmin } from '../../kafka/connection.ts'
import { describeTopic, listTopics, makeTopic, partitionCount, type TopicPartition } from '../../kafka/topics.ts'
import { aligned } from '../aligned.ts'
import { jsonText } from '../json-text.ts'
import { helpText, kafkaVariables, sharedOptions, withOptions } from '../options.ts'
import { type CliSettings, kafkaOf, readCliSettings } from '../service/settings.ts'

const { brokers, partitions, 'allow-remote': allowRemote, json } = sharedOptions
const options = {
  partitions: { ...partitions, help: 'of a topic that is made (3)' },
  brokers,
  'allow-remote': allowRemote,
  json: { ...json, help: 'a line of JSON for each topic, or partition' },
} as const

/** What an action prints: rows under a header, or the same as values. */
interface Printed {
  readonly header: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
  readonly values: readonly object[]
}

type Action = (settings: CliSettings, topic: string) => Promise<Printed>

export const topicCommand: Command = {
  name: 'topic',
  summary: 'makes, lists and describes topics: topic create NAME, topic list, topic describe NAME',
  help: helpText({
    usage: 'topic create NAME | topic list | topic describe NAME',
    words: [
      ['create NAME', 'makes it where it is not there'],
      ['list', 'the topics and how many partitions they have'],
      ['describe NAME', 'its partitions: leader, replicas, first and next offset'],
    ],
    options,
    variables: [...kafkaVariables, 'PARTITIONS'],
  }),
  async run(words) {
    const [name = '', ...rest] = words
    const action = actions.get(name)
    if (action === undefined) {
      throw new LocalError(
        'COMMAND_INVALID',
        `topic takes create NAME, list or describe NAME, not "${name}". See: topic --help`,
      )
    }
    const { values, words: given } = parseWords('topic', name === 'list' ? [] : ['NAME'], options, rest)
    const settings = readCliSettings(withOptions(process.env, values))
    const { header, rows, values: found } = await action(settings, given[0] ?? '')
    const lines = values.json ? found.map(jsonText) : aligned([header, ...rows.map((row) => row.map(String))])
    for (const line of lines) console.log(line)
    return 0
  },
}

const create: Action = (settings, topic) =>
  withAdmin(kafkaOf(settings), async (admin) => {
    const isMade = await makeTopic(admin, topic, settings.partitions)
    const count = await partitionCount(admin, topic)
    const state = isMade ? 'made' : 'was there'
    return {
      header: ['TOPIC', 'PARTITIONS', ''],
      rows: [[topic, count, state]],
      values: [{ topic, partitions: count, isMade }],
    }
  })

const list: Action = (settings) =>
  withAdmin(kafkaOf(settings), async (admin) => {
    const topics = [...(await listTopics(admin))]
    return {
      header: ['TOPIC', 'PARTITIONS'],
      rows: topics,
      values: topics.map(([topic, count]) => ({ topic, partitions: count })),
    }
  })

const describe: Action = (settings, topic) =>
  withAdmin(kafkaOf(settings), async (admin) => {
    const found = await describeTopic(admin, topic)
    const row = ({ partition, leader, replicas, earliest, latest }: TopicPartition) => [
      ...[partition, leader, replicas.join(','), earliest, latest],
      latest - earliest,
    ]
    return {
      header: ['PARTITION', 'LEADER', 'REPLICAS', 'FIRST', 'NEXT', 'OFFSETS'],
      rows: found.map(row),
      values: found,
    }
  })

const actions: ReadonlyMap<string, Action> = new Map([
  ['create', create],
  ['list', list],
  ['describe', describe],
])
