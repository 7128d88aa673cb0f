// All settings of the handlers: one schema, read from the environment here and nowhere else. serverless.yml sets them.

import { MicrobatchError, type OutputMode } from 'microbatch'
import { type ConnectionSettings, kafkaAuths } from 'microbatch/kafka'
import * as z from 'zod'

const text = z.string().trim().min(1)

const outputModes = ['append', 'update', 'complete'] as const satisfies readonly OutputMode[]

const Variables = z.object({
  /** Of the metrics: stages of one account and region are told apart by it. */
  SERVICE: text.default('microbatch'),
  TOPIC: text.default('stock-ticks'),
  /** How many partitions the topic has: the watermark waits for all of them. */
  PARTITIONS: z.coerce.number().int().min(1).default(3),
  /** `host:port`, comma-separated. */
  KAFKA_BROKERS: text.default('localhost:9092').transform((list) => list.split(',').map((broker) => broker.trim())),
  KAFKA_AUTH: z.enum(kafkaAuths).default('none'),
  /** An MSK cluster: its brokers are asked of MSK, in place of KAFKA_BROKERS. */
  KAFKA_CLUSTER_ARN: text.optional(),
  /** Secrets Manager ARNs: of the user and password, or the client's certificate; of the root certificate of the brokers. */
  KAFKA_CREDENTIALS: text.optional(),
  KAFKA_ROOT_CERTIFICATE: text.optional(),
  /** How many symbols tick each second, AAPL first; 1 is the guide's one tick a second. */
  SYMBOLS: z.coerce.number().int().min(1).max(5).default(5),
  /** Another seed is another market. */
  SEED: z.coerce.number().int().default(42),
  /** The bars: their length and how long late ticks are waited for, as Spark intervals. */
  WINDOW: text.default('3 seconds'),
  WATERMARK_DELAY: text.default('10 seconds'),
  /** After how long a partition without ticks no longer holds the bars back, as a Spark interval; unset: never. */
  IDLE_TIMEOUT: text.optional(),
  OUTPUT_MODE: z.enum(outputModes).default('update'),
  /** Where the bars are kept in between invocations; memory is for one process alone, as `npm run replay` is. */
  STATE: z.enum(['dynamodb', 'memory']).default('dynamodb'),
  /** The DynamoDB table that the bars are kept in between invocations. */
  STATE_TABLE: text.default('microbatch-state'),
  /** A DynamoDB API other than AWS's; on a laptop the one that `npm start` runs. */
  AWS_ENDPOINT_URL_DYNAMODB: z.url().optional(),
  /** Of `tape`; goes with the response type of its mapping, which the deployment sets by the same parameter. */
  PARTIAL_BATCHES: z.stringbool().default(false),
  /** Where bad records go: an SQS queue on AWS, a file on a laptop. */
  DEAD_LETTER_QUEUE_URL: z.url().optional(),
  DEAD_LETTER_FILE: text.default('.local/dead-letters.ndjson'),
  /** Set by serverless-offline and by `sls invoke local`. */
  IS_OFFLINE: text.optional(),
  IS_LOCAL: text.optional(),
  /** Set by Lambda's runtime. */
  AWS_LAMBDA_RUNTIME_API: text.optional(),
})

const withPassword = new Set<string>(['mtls', 'plain', 'scram-sha-256', 'scram-sha-512'])

const Settings = Variables.superRefine(({ KAFKA_AUTH, KAFKA_CREDENTIALS, KAFKA_CLUSTER_ARN }, context) => {
  const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
  if (withPassword.has(KAFKA_AUTH) && KAFKA_CREDENTIALS === undefined) {
    issue('KAFKA_CREDENTIALS', `KAFKA_AUTH=${KAFKA_AUTH} needs the ARN of a secret`)
  }
  if (KAFKA_AUTH === 'iam' && KAFKA_CLUSTER_ARN === undefined) {
    issue('KAFKA_CLUSTER_ARN', 'KAFKA_AUTH=iam is for an MSK cluster: name it')
  }
})

export type Settings = z.infer<typeof Settings>

/**
 * The settings of this container.
 * @throws MicrobatchError CONFIG_INVALID naming each variable that is wrong and what it takes
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>> = process.env): Settings {
  // An empty variable is one that serverless.yml had no value for.
  const given = Object.entries(environment).filter(([, value]) => value !== '')
  const result = Settings.safeParse(Object.fromEntries(given))
  if (result.success) return result.data
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new MicrobatchError('CONFIG_INVALID', `Environment: ${problems.join('; ')}. See handlers/config.ts.`)
}

/** How the producer reaches Kafka. */
export const kafkaOf = (settings: Settings): ConnectionSettings => ({
  brokers: settings.KAFKA_BROKERS,
  auth: settings.KAFKA_AUTH,
  clusterArn: settings.KAFKA_CLUSTER_ARN,
  credentialsArn: settings.KAFKA_CREDENTIALS,
  rootCertificateArn: settings.KAFKA_ROOT_CERTIFICATE,
})
