// The environment that the mapping reads, in one place. Options of the command line come first; both are checked here.

import { z } from 'zod'
import { LocalError } from './error.ts'
import { type KafkaSecurity, kafkaSecurity, kafkaSecurityVariables } from './mapping/kafka-security.ts'
import { bootstrapServers } from './mapping/settings.ts'
import { type AllowedHosts, isLoopback, parseAllowedHosts } from './safety.ts'

export interface LocalEnvironment {
  /** Instead of what the events name; needed for `msk` events, which name a cluster on AWS. */
  readonly kafkaBrokers: readonly string[] | undefined
  readonly kafkaSecurity: KafkaSecurity
  readonly allowedHosts: AllowedHosts
  readonly recordFile: string | undefined
  /** A DynamoDB API on this machine; undefined for none, or one elsewhere, which is not ours to make tables in. */
  readonly dynamoDbEndpoint: string | undefined
}

const schema = z.object({
  KAFKA_BROKERS: bootstrapServers.optional(),
  ...kafkaSecurityVariables,
  ALLOW_REMOTE: z.string().default(''),
  RECORD_FILE: z.string().min(1).optional(),
  AWS_ENDPOINT_URL_DYNAMODB: z.url().optional(),
})

const withoutEmpty = (source: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))

/**
 * @throws LocalError SETTINGS_INVALID naming the variable
 * @example readEnvironment(process.env).kafkaBrokers // ['localhost:9092']
 */
export function readEnvironment(source: Readonly<Record<string, string | undefined>>): LocalEnvironment {
  const parsed = schema.safeParse(withoutEmpty(source))
  if (!parsed.success) throw new LocalError('SETTINGS_INVALID', `environment: ${z.prettifyError(parsed.error)}`)
  return {
    kafkaBrokers: parsed.data.KAFKA_BROKERS,
    kafkaSecurity: kafkaSecurity(parsed.data),
    allowedHosts: parseAllowedHosts(parsed.data.ALLOW_REMOTE),
    recordFile: parsed.data.RECORD_FILE,
    dynamoDbEndpoint: onThisMachine(parsed.data.AWS_ENDPOINT_URL_DYNAMODB),
  }
}

const onThisMachine = (url: string | undefined): string | undefined =>
  url !== undefined && isLoopback(new URL(url).hostname) ? url : undefined
