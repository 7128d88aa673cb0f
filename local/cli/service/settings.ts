// The environment that the commands read, in one place. Options of the command line go before it (options.ts).
import { join, resolve } from 'node:path'
import { nearestName } from 'serverless-offline-kafka-mapping/internal/command/nearest-name'
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

/** A text: what was written is then in the message. */
const whole = (least: number, most: number) =>
  z
    .string()
    .trim()
    .regex(/^\d+$/, { error: ({ input }) => `expected a whole number, got ${JSON.stringify(input)}` })
    .transform(Number)
    .pipe(z.number().min(least).max(most))
const port = whole(1, 65_535)

const schema = z.object({
  KAFKA_BROKERS: bootstrapServers.optional(),
  ...kafkaSecurityVariables,
  KAFKA_PORT: port.default(9092),
  OFFLINE_HTTP_PORT: port.optional(),
  OFFLINE_LAMBDA_PORT: port.optional(),
  DYNAMODB_PORT: port.default(8000),
  S3_PORT: z.union([z.literal('off'), port]).default(9090),
  SQS_PORT: z.union([z.literal('off'), port]).default(9324),
  PAGE_PORT: z.union([z.literal('off'), port]).default(3003),
  LOCALSTACK_PORT: port.default(4566),
  PARTITIONS: whole(1, 10_000).default(3),
  DEAD_LETTER_FILE: z.string().optional(),
  ALLOW_REMOTE: z.string().default(''),
})

/** Read elsewhere: by service.ts, the distribution of Kafka, and the security of the mapping. */
const others = ['LOCAL_DIR', 'KAFKA_LIBS_DIR']

/** How the names begin that somebody would take for ours. */
const ours = /^(KAFKA|OFFLINE|DYNAMODB|DEAD_LETTER|ALLOW|LOCAL|PARTITION)/

/**
 * A line for each variable that is one letter off one of ours: it would be read by nobody, without a word. Pure.
 * @example misspeltVariables({ KAFKA_BROKER: 'localhost:9192' }) // ['KAFKA_BROKER is read by no command: …']
 */
export function misspeltVariables(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const known = [...Object.keys(schema.shape), ...others]
  return Object.keys(environment).flatMap((name) => {
    if (!ours.test(name) || known.includes(name)) return []
    const nearest = nearestName(name, known, 1)
    return nearest === undefined ? [] : [`${name} is read by no command of microbatch: was ${nearest} meant?`]
  })
}

export interface CliSettings {
  readonly kafkaBrokers: readonly string[] | undefined
  readonly kafkaSecurity: KafkaSecurity
  readonly kafkaPort: number
  /** Undefined: as the service has it, or serverless-offline's own. */
  readonly offlineHttpPort: number | undefined
  readonly offlineLambdaPort: number | undefined
  readonly dynamoDbPort: number
  /** The ports of the S3 and the SQS for what queries declare; `off`: their sinks write to files. */
  readonly s3Port: number | 'off'
  readonly sqsPort: number | 'off'
  /** The port of the page that shows what the mappings do. */
  readonly pagePort: number | 'off'
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
    s3Port: data.S3_PORT,
    sqsPort: data.SQS_PORT,
    pagePort: data.PAGE_PORT,
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
