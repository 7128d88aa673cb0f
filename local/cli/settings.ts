// The environment that the commands read, in one place, and the folders of local data. Everything that a local run keeps is
// under `.local/`, which git ignores and other users of the machine cannot read.
import { chmodSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { LocalError } from 'serverless-offline-kafka-mapping/internal/error'
import { bootstrapServers } from 'serverless-offline-kafka-mapping/internal/settings/bootstrap-servers'
import { issuesText } from 'serverless-offline-kafka-mapping/internal/settings/issues-text'
import {
  type KafkaSecurity,
  kafkaSecurity,
  kafkaSecurityVariables,
} from 'serverless-offline-kafka-mapping/internal/settings/kafka-security'
import { z } from 'zod'

export const projectDir = join(import.meta.dirname, '../..')

/** LOCAL_DIR gives a second run of the same checkout data of its own; its ports are to be others too. */
export const localDir = resolve(projectDir, process.env.LOCAL_DIR ?? '.local')

const port = (standard: number) => z.coerce.number().int().min(1).max(65_535).default(standard)

const schema = z.object({
  KAFKA_BROKERS: bootstrapServers.optional(),
  ...kafkaSecurityVariables,
  KAFKA_PORT: port(9092),
  OFFLINE_HTTP_PORT: port(3000),
  OFFLINE_LAMBDA_PORT: port(3002),
  DYNAMODB_PORT: port(8000),
  LOCALSTACK_PORT: port(4566),
  TOPIC: z.string().default('stock-ticks'),
  DEAD_LETTER_FILE: z.string().default(join(localDir, 'dead-letters.ndjson')),
  ALLOW_REMOTE: z.string().default(''),
})

export interface CliSettings {
  readonly kafkaBrokers: readonly string[] | undefined
  readonly kafkaSecurity: KafkaSecurity
  readonly kafkaPort: number
  readonly offlineHttpPort: number
  readonly offlineLambdaPort: number
  readonly dynamoDbPort: number
  readonly localstackPort: number
  readonly topic: string
  readonly deadLetterFile: string
  /** Host names that may be dialled though they are not this machine, comma-separated. */
  readonly allowRemote: string
}

/**
 * @throws LocalError SETTINGS_INVALID naming the variable
 * @example readCliSettings(process.env).kafkaPort // 9092
 */
export function readCliSettings(environment: Readonly<Record<string, string | undefined>>): CliSettings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = schema.safeParse(given)
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
    topic: data.TOPIC,
    deadLetterFile: resolve(projectDir, data.DEAD_LETTER_FILE),
    allowRemote: data.ALLOW_REMOTE,
  }
}

/** Where a command beside a running `npm start` finds its Kafka. */
export function brokersOf({ kafkaBrokers, kafkaPort }: CliSettings): readonly string[] {
  return kafkaBrokers ?? [`localhost:${kafkaPort}`]
}

/**
 * Why `npm start` cannot use the Kafka that the environment describes, in words; undefined where it can.
 * The producer that it runs has credentials from Secrets Manager alone (handlers/config.ts), which is not on a laptop.
 */
export function securityProblem({ kafkaSecurity: { sasl, ssl } }: CliSettings): string | undefined {
  if (sasl === undefined && ssl === undefined) return undefined
  return 'KAFKA_SASL_… or KAFKA_SSL… is set, and npm start speaks to Kafka in plaintext only, without credentials'
}

/** Makes `.local/`, mode 0700. */
export function makeLocalDir(): void {
  mkdirSync(localDir, { recursive: true })
  chmodSync(localDir, 0o700) // something else may have made it before
}

/** What keeps AWS clients in handlers from any account of the user: dummy credentials, no profile, no metadata service. */
export function withoutAwsAccount(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { AWS_PROFILE, AWS_SESSION_TOKEN, AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE, ...rest } = environment
  return {
    ...rest,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: environment.AWS_REGION ?? 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  }
}
