// The environment that the commands read, in one place. Options of the command line go before it (options.ts).
import { join, resolve } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { type AllowedHosts, parseAllowedHosts } from 'serverless-offline-kafka-mapping/internal/safety'
import { bootstrapServers } from 'serverless-offline-kafka-mapping/internal/settings/bootstrap-servers'
import { withoutEmpty } from 'serverless-offline-kafka-mapping/internal/settings/environment'
import { issuesText } from 'serverless-offline-kafka-mapping/internal/settings/issues-text'
import {
  type KafkaSecurity,
  kafkaSecurity,
  kafkaSecurityVariables,
} from 'serverless-offline-kafka-mapping/internal/settings/kafka-security'
import { z } from 'zod'
import type { KafkaAddress } from '../../kafka/connection.ts'
import type { Service } from './service.ts'

const port = z.coerce.number().int().min(1).max(65_535)

const schema = z.object({
  KAFKA_BROKERS: bootstrapServers.optional(),
  ...kafkaSecurityVariables,
  KAFKA_PORT: port.default(9092),
  OFFLINE_HTTP_PORT: port.optional(),
  OFFLINE_LAMBDA_PORT: port.optional(),
  DYNAMODB_PORT: port.default(8000),
  LOCALSTACK_PORT: port.default(4566),
  PARTITIONS: z.coerce.number().int().min(1).max(10_000).default(3),
  DEAD_LETTER_FILE: z.string().optional(),
  ALLOW_REMOTE: z.string().default(''),
})

export interface CliSettings {
  readonly kafkaBrokers: readonly string[] | undefined
  readonly kafkaSecurity: KafkaSecurity
  readonly kafkaPort: number
  /** Undefined: as the service has it, or serverless-offline's own. */
  readonly offlineHttpPort: number | undefined
  readonly offlineLambdaPort: number | undefined
  readonly dynamoDbPort: number
  readonly localstackPort: number
  /** Partitions of a topic that is made, where the service does not say how many it has. */
  readonly partitions: number
  readonly deadLetterFile: string | undefined
  /** Host names that may be dialled though they are not this machine, comma-separated. */
  readonly allowRemote: string
  readonly allowedHosts: AllowedHosts
}

/**
 * @throws LocalError SETTINGS_INVALID naming the variable
 * @example readCliSettings(process.env).kafkaPort // 9092
 */
export function readCliSettings(environment: Readonly<Record<string, string | undefined>>): CliSettings {
  const parsed = schema.safeParse(withoutEmpty(environment))
  if (!parsed.success) throw new LocalError('SETTINGS_INVALID', `environment: ${issuesText(parsed.error)}`)
  const { data } = parsed
  return {
    kafkaBrokers: data.KAFKA_BROKERS,
    kafkaSecurity: kafkaSecurity(data),
    kafkaPort: data.KAFKA_PORT,
    offlineHttpPort: data.OFFLINE_HTTP_PORT,
    offlineLambdaPort: data.OFFLINE_LAMBDA_PORT,
    dynamoDbPort: data.DYNAMODB_PORT,
    localstackPort: data.LOCALSTACK_PORT,
    partitions: data.PARTITIONS,
    deadLetterFile: data.DEAD_LETTER_FILE,
    allowRemote: data.ALLOW_REMOTE,
    allowedHosts: parseAllowedHosts(data.ALLOW_REMOTE),
  }
}

/** Where a command beside a running `start` finds its Kafka. */
export function brokersOf({ kafkaBrokers, kafkaPort }: CliSettings): readonly string[] {
  return kafkaBrokers ?? [`localhost:${kafkaPort}`]
}

/** The same with what may be dialled, and the credentials. */
export const kafkaOf = (settings: CliSettings): KafkaAddress => ({
  brokers: brokersOf(settings),
  security: settings.kafkaSecurity,
  allowed: settings.allowedHosts,
})

/** Where the functions of this machine put records that are bad. */
export function deadLetterFileOf({ folder, localDir }: Service, { deadLetterFile }: CliSettings): string {
  return deadLetterFile === undefined ? join(localDir, 'dead-letters.ndjson') : resolve(folder, deadLetterFile)
}

/**
 * Why `start` cannot use the Kafka that the environment describes, in words; undefined where it can. Its functions get no
 * credentials: those of a deployed service come from AWS, which is not on a laptop.
 */
export function securityProblem({ kafkaSecurity: { sasl, ssl } }: CliSettings): string | undefined {
  if (sasl === undefined && ssl === undefined) return undefined
  return 'KAFKA_SASL_… or KAFKA_SSL… is set, and start speaks to Kafka in plaintext only, without credentials'
}
