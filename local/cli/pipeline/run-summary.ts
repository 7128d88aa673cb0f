// What runs, and where, in a line each: the last words of a start before the tables. Pure.
import { relative } from 'node:path'
import type { PrintedService } from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import type { DynamoDb } from '../../dynamodb/server.ts'
import type { RunningKafka } from '../../kafka/find.ts'
import { dataOf } from '../service/data.ts'
import type { Service } from '../service/service.ts'
import { type CliSettings, deadLetterFileOf } from '../service/settings.ts'
import { httpRoutes } from './http-routes.ts'
import type { RunLog } from './run-log.ts'

export interface RunningParts {
  readonly kafka: RunningKafka
  /** With how many partitions each has. */
  readonly topics: ReadonlyMap<string, number>
  readonly dynamoDb: DynamoDb
  /** The schema registry, where one was started. */
  readonly registry: string | undefined
  /** The APIs for the sinks, and the addresses of each. */
  readonly sinkApis: readonly (readonly [string, string])[]
  readonly lambdaPort: number
  readonly httpPort: number
  /** The address of the page, where there is one. */
  readonly page: string | undefined
  readonly recordFile: string | undefined
  readonly log: RunLog
}

export function runSummary(
  service: Service,
  settings: CliSettings,
  definition: PrintedService,
  { kafka, topics, dynamoDb, registry, sinkApis, lambdaPort, httpPort, page, recordFile, log }: RunningParts,
): string {
  const short = (file: string) => {
    const path = relative(process.cwd(), file)
    return path.startsWith('..') ? file : path
  }
  const topicLines = [...topics].map(([topic, partitions]): [string, string] => [
    'Topic',
    `${topic}, ${partitions} partition${partitions === 1 ? '' : 's'}`,
  ])
  const functions = Object.keys(definition.functions).join(', ')
  const lines: readonly (readonly [string, string])[] = [
    ['Kafka', `${kafka.brokers.join(',')} (${kafka.description})`],
    ...topicLines,
    ['DynamoDB', `${dynamoDb.endpoint} (${short(dataOf(service).state)})`],
    ...(registry === undefined ? [] : [['Registry', `${registry} (Apicurio Registry)`] satisfies [string, string]]),
    ...sinkApis,
    ['Lambda', `http://localhost:${lambdaPort} (microbatch invoke FUNCTION EVENT.json: ${functions})`],
    ...httpRoutes(definition, httpPort).map((route): [string, string] => ['HTTP', route]),
    ...(page === undefined ? [] : [['Page', page] satisfies [string, string]]),
    ['Dead letters', short(deadLetterFileOf(service, settings))],
    ['Log', short(log.file)],
    ...(recordFile === undefined ? [] : [['Recording', short(recordFile)] satisfies [string, string]]),
  ]
  return ['', ...lines.map(([name, text]) => `${name.padEnd(13)}${text}`), 'Ctrl-C ends all of it.', ''].join('\n')
}
