// The variables by which a function learns where it runs: the framework plugin sets them (infra/environment.ts), this schema is
// their documented list. The environment comes in as an argument; nothing else is read.

import '../zod-words.ts'
import * as z from 'zod/mini'
import { MicrobatchError } from '../error.ts'
import { parseAllowedHosts } from '../hosts.ts'
import { kafkaAuths } from '../kafka/connection.ts'

/** The environment of a process: `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

const text = z.string().check(z.trim(), z.minLength(1))

const oneCount = z.pipe(z.coerce.number(), z.int().check(z.minimum(1)))
const countOfEach = z.pipe(
  z.string().check(z.regex(/^[\w.-]+=[1-9]\d{0,8}(,[\w.-]+=[1-9]\d{0,8})*$/)),
  z.transform(
    (list): Readonly<Record<string, number>> =>
      Object.fromEntries(
        list.split(',').map((of) => {
          const [topic = '', count] = of.split('=')
          return [topic, Number(count)]
        }),
      ),
  ),
)

const place = {
  /** The service and its stage; metrics of one account and region are told apart by it. */
  SERVICE: z._default(text, 'microbatch'),
  /** Lambda's runtime sets the first; serverless-offline and `sls invoke local` set the others. */
  AWS_LAMBDA_RUNTIME_API: z.optional(text),
  IS_OFFLINE: z.optional(text),
  IS_LOCAL: z.optional(text),
  /** On a laptop: hosts that its clients may dial beside this machine, comma-separated. */
  ALLOW_REMOTE: z.pipe(z._default(z.string(), ''), z.transform(parseAllowedHosts)),
}

/** Where the groups of a query are. */
const kept = {
  /** The topic of the query, or several, comma-separated. */
  TOPIC: text,
  /** The DynamoDB table that groups are kept in between invocations. */
  STATE_TABLE: z._default(text, 'microbatch-state'),
  /** A DynamoDB API other than AWS's: on a laptop, the one that runs there. */
  AWS_ENDPOINT_URL_DYNAMODB: z.optional(z.url()),
}

/** The variables of a function that asks a query for its groups. */
export const AskerVariables = z.object({ ...place, ...kept })

/** The variables of a function that runs a query. */
export const QueryVariables = z.object({
  ...place,
  ...kept,
  /** How many partitions the topic has: the watermark waits for all of them. Of several topics: `trades=3,quotes=2`. */
  PARTITIONS: z.union([oneCount, countOfEach], 'expected a number from 1 up, or topic=number,…'),
  /**
   * Memory is for one process alone, as a replay is. Left out: the table, but for a function that `sls invoke local` runs, whose
   * event no topic delivered: it has empty state in memory, so that it touches nothing that a stream keeps.
   */
  STATE: z.optional(z.enum(['dynamodb', 'memory'])),
  /** Bad records go to an SQS queue on AWS, to a file on a laptop. */
  DEAD_LETTER_QUEUE_URL: z.optional(z.url()),
  DEAD_LETTER_FILE: z._default(text, '.local/dead-letters.ndjson'),
  /** True where the mapping of the function takes partial answers; the deployment sets both by one parameter. */
  PARTIAL_BATCHES: z._default(z.stringbool(), false),
})

/** The variables of a function whose codec asks a schema registry. */
export const RegistryVariables = z.object({
  ...place,
  /** A registry with Confluent's REST API, or `glue` for AWS Glue's in the region of the function. */
  SCHEMA_REGISTRY_URL: z.union([z.literal('glue'), z.url({ protocol: /^https?$/ })]),
  /** The ARN of a secret with `username` and `password`; on a laptop they stand in the URL. */
  SCHEMA_REGISTRY_CREDENTIALS: z.optional(text),
})

const withSecret = new Set<string>(['mtls', 'plain', 'scram-sha-256', 'scram-sha-512'])

/** The variables of a function that writes to Kafka. */
export const ProducerVariables = z
  .object({
    ...place,
    /** The topic that the function writes to. */
    TOPIC: text,
    /** `host:port`, comma-separated. */
    KAFKA_BROKERS: z.pipe(
      z._default(text, 'localhost:9092'),
      z.transform((list) => list.split(',').map((broker) => broker.trim())),
    ),
    KAFKA_AUTH: z._default(z.enum(kafkaAuths), 'none'),
    /** An MSK cluster: its brokers are asked of MSK, in place of KAFKA_BROKERS. */
    KAFKA_CLUSTER_ARN: z.optional(text),
    /** Secrets Manager ARNs: the user and password, or the client's certificate; the root certificate of the brokers. */
    KAFKA_CREDENTIALS: z.optional(text),
    KAFKA_ROOT_CERTIFICATE: z.optional(text),
  })
  .check(({ value, issues }) => {
    const { KAFKA_AUTH, KAFKA_CREDENTIALS, KAFKA_CLUSTER_ARN } = value
    const issue = (path: string, message: string) =>
      void issues.push({ code: 'custom', path: [path], message, input: value })
    if (withSecret.has(KAFKA_AUTH) && KAFKA_CREDENTIALS === undefined) {
      issue('KAFKA_CREDENTIALS', `KAFKA_AUTH=${KAFKA_AUTH} needs the ARN of a secret`)
    }
    if (KAFKA_AUTH === 'iam' && KAFKA_CLUSTER_ARN === undefined) {
      issue('KAFKA_CLUSTER_ARN', 'KAFKA_AUTH=iam is for an MSK cluster: name it')
    }
  })

/** Whatever is not Lambda is a laptop: what runs there never calls AWS by accident. */
export const isOnLambda = (
  variables: Pick<z.infer<typeof QueryVariables>, 'AWS_LAMBDA_RUNTIME_API' | 'IS_OFFLINE' | 'IS_LOCAL'>,
): boolean =>
  variables.AWS_LAMBDA_RUNTIME_API !== undefined &&
  variables.IS_OFFLINE === undefined &&
  variables.IS_LOCAL === undefined

/**
 * The variables of a schema, an empty one being one that the deployment had no value for.
 * @param advice the sentence after the problems: where the variables come from
 * @throws MicrobatchError CONFIG_INVALID naming each variable that is wrong or missing
 * @example readVariables(z.object({ WINDOW: z.string() }), process.env, 'serverless.yml sets it.').WINDOW
 */
export function readVariables<Schema extends z.core.$ZodType>(
  schema: Schema,
  environment: Environment,
  advice = 'The plugin of the deployment sets these for a function with a query or with "produces".',
): z.infer<Schema> {
  const given = Object.entries(environment).filter(([, value]) => value !== '')
  const result = z.safeParse(schema, Object.fromEntries(given))
  if (result.success) return result.data
  // The place first, in the words of the commands of a laptop.
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new MicrobatchError('CONFIG_INVALID', `environment: ${problems.join('; ')}. ${advice}`)
}
