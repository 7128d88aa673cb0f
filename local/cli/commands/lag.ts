// `microbatch lag`: how far each function is behind the topic that it reads.
import { type Command, parseWords } from 'serverless-offline-kafka-mapping/internal/command/command'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { withAdmin } from '../../kafka/connection.ts'
import { consumerLag } from '../../kafka/consumer-lag.ts'
import { aligned } from '../aligned.ts'
import { jsonText } from '../json-text.ts'
import { helpText, kafkaVariables, sharedOptions, withOptions } from '../options.ts'
import { consumersOf, readDefinition } from '../service/definition.ts'
import { findService } from '../service/service.ts'
import { kafkaOf, readCliSettings } from '../service/settings.ts'

const { dir, brokers, 'allow-remote': allowRemote, json } = sharedOptions
const options = {
  stage: { type: 'string', value: 'STAGE', help: 'the stage whose consumer groups are looked at (dev)' },
  dir,
  brokers,
  'allow-remote': allowRemote,
  json: { ...json, help: 'a line of JSON for each function and partition' },
} as const

const header = ['FUNCTION', 'TOPIC', 'PARTITION', 'COMMITTED', 'END', 'LAG', 'GROUP']

export const lagCommand: Command = {
  name: 'lag',
  summary: 'how far each function is behind its topic, by partition',
  help: helpText({
    usage: 'lag [options]',
    options,
    variables: kafkaVariables,
    notes:
      'COMMITTED is the offset that is read next, - where none is committed yet; END the one that the next record gets.',
  }),
  async run(words) {
    const { values } = parseWords('lag', [], options, words)
    const settings = readCliSettings(withOptions(process.env, values))
    const service = findService({ dir: values.dir, environment: process.env })
    const consumers = consumersOf(await readDefinition(service, settings, values.stage))
    if (consumers.length === 0) {
      throw new LocalError('COMMAND_INVALID', 'No function of the service has a Kafka event that is enabled.')
    }
    const found = await withAdmin(kafkaOf(settings), async (admin) => {
      const lags = []
      for (const { functionKey, topic, groupId } of consumers) {
        for (const lag of await consumerLag(admin, groupId, topic)) {
          lags.push({ function: functionKey, topic, group: groupId, ...lag, committed: lag.committed ?? null })
        }
      }
      return lags
    })
    const rows = found.map(({ function: key, topic, partition, committed, end, lag, group }) =>
      [key, topic, partition, committed ?? '-', end, lag, group].map(String),
    )
    for (const line of values.json ? found.map(jsonText) : aligned([header, ...rows])) console.log(line)
    return 0
  },
}
