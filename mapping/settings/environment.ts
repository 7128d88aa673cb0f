// The environment that the mapping reads, in one place. Options of the command line come first; both are checked here.

import { z } from 'zod'
import type { AwsService } from '../destination/destination.ts'
import { LocalError } from '../error.ts'
import { formerVariables, variableSchemas } from '../options/options.ts'
import { type AllowedHosts, isAllowedHost, isLoopback, parseAllowedHosts } from '../safety.ts'
import { issuesText } from './issues-text.ts'
import { type KafkaSecurity, type KafkaSecurityVariables, kafkaSecurity } from './kafka-security.ts'

export interface LocalEnvironment {
  /** Instead of what the events name; needed for `msk` events, which name a cluster on AWS. */
  readonly kafkaBrokers: readonly string[] | undefined
  readonly kafkaSecurity: KafkaSecurity
  readonly allowedHosts: AllowedHosts
  readonly recordFile: string | undefined
  /** A schema registry in place of those that the mappings name. */
  readonly schemaRegistry: string | undefined
  /** Where discarded batches go whose destination is not reachable on this machine. */
  readonly onFailureFile: string
  /** AWS_ENDPOINT_URL_SQS, _SNS, _S3, else AWS_ENDPOINT_URL, as AWS's own clients read them; only where it is allowed. */
  readonly awsEndpoint: (service: AwsService) => string | undefined
  /** Invocations at once over all mappings; undefined for what the machine bears. */
  readonly maxInvocations: number | undefined
  /** Variables that are set under a former name. */
  readonly formerVariables: readonly string[]
  /** The port of the JSON endpoint with the counters. */
  readonly metricsPort: number | undefined
  /** Where the page is shown; undefined for no page. */
  readonly page: { readonly port: number; readonly token: string | undefined } | undefined
  /** Whether each batch is said in a line. */
  readonly saysBatches: boolean
  /** The URL of a Lambda Invoke API, instead of serverless-offline's. */
  readonly lambdaEndpoint: string | undefined
  /** A DynamoDB API on this machine; undefined for none, or one elsewhere, which is not ours to make tables in. */
  readonly dynamoDbEndpoint: string | undefined
}

const schema = z.object({
  ...variableSchemas,
  // The tables of a service are made at it, which is no business of a mapping: it has no row in the table of options.
  AWS_ENDPOINT_URL_DYNAMODB: z
    .url({ protocol: /^https?$/, error: 'expected a URL such as http://localhost:8000' })
    .optional(),
})

/** An option of a command line that goes before a variable, and is checked as it is. */
export interface GivenOption {
  /** For messages: `--record`. */
  readonly option: string
  readonly variable: string
  readonly value: string
}

/** An empty variable is one that nobody set. */
export const withoutEmpty = (
  source: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> => Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))

/**
 * @throws LocalError SETTINGS_INVALID naming the variable, or the option
 * @example readEnvironment({ KAFKA_MAPPING_BROKERS: 'localhost:9092' }).kafkaBrokers // ['localhost:9092']
 */
export function readEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  given: readonly GivenOption[] = [],
): LocalEnvironment {
  const present = withoutEmpty(source)
  const values = Object.fromEntries(given.map(({ variable, value }) => [variable, value]))
  const former = formerIn({ ...present, ...values })
  const formerValues = Object.fromEntries(former.map(({ variable, value }) => [variable, value]))
  const parsed = schema.safeParse({ ...formerValues, ...present, ...values })
  if (!parsed.success) throw new LocalError('SETTINGS_INVALID', issuesText(parsed.error, placesOf(given, former)))
  const allowedHosts = parseAllowedHosts(parsed.data.KAFKA_MAPPING_ALLOW_REMOTE)
  const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL_SNS, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_GLUE } =
    parsed.data
  const endpoints = {
    sqs: AWS_ENDPOINT_URL_SQS,
    sns: AWS_ENDPOINT_URL_SNS,
    s3: AWS_ENDPOINT_URL_S3,
    glue: AWS_ENDPOINT_URL_GLUE,
  }
  return {
    kafkaBrokers: parsed.data.KAFKA_MAPPING_BROKERS,
    maxInvocations: parsed.data.KAFKA_MAPPING_MAX_INVOCATIONS,
    formerVariables: former.map(({ name }) => name),
    kafkaSecurity: kafkaSecurity(securityIn(parsed.data), prefix),
    allowedHosts,
    metricsPort: parsed.data.KAFKA_MAPPING_METRICS_PORT,
    page: pageOf(parsed.data),
    saysBatches: !parsed.data.KAFKA_MAPPING_QUIET_BATCHES,
    lambdaEndpoint: parsed.data.KAFKA_MAPPING_LAMBDA_ENDPOINT,
    onFailureFile: parsed.data.KAFKA_MAPPING_ON_FAILURE_FILE,
    awsEndpoint: (service) => {
      const url = endpoints[service] ?? AWS_ENDPOINT_URL
      return url !== undefined && isAllowedHost(new URL(url).hostname, allowedHosts) ? url : undefined
    },
    recordFile: parsed.data.KAFKA_MAPPING_RECORD_FILE,
    schemaRegistry: parsed.data.KAFKA_MAPPING_SCHEMA_REGISTRY,
    dynamoDbEndpoint: onThisMachine(parsed.data.AWS_ENDPOINT_URL_DYNAMODB),
  }
}

const pageOf = ({ KAFKA_MAPPING_PAGE_PORT: port, KAFKA_MAPPING_PAGE_TOKEN: token }: z.output<typeof schema>) =>
  port === undefined ? undefined : { port, token }

interface FormerValue {
  readonly name: string
  readonly variable: string
  readonly value: string | undefined
}

/** The variables that are set by a former name alone. */
const formerIn = (values: Readonly<Record<string, string | undefined>>): readonly FormerValue[] =>
  [...formerVariables].flatMap(([name, variable]) =>
    values[variable] === undefined && values[name] !== undefined ? [{ name, variable, value: values[name] }] : [],
  )

const placesOf =
  (given: readonly GivenOption[], former: readonly FormerValue[]) =>
  (variable: string): string =>
    given.find((word) => word.variable === variable)?.option ??
    `environment: ${former.find((value) => value.variable === variable)?.name ?? variable}`

const prefix = 'KAFKA_MAPPING_'

/** Under the names that all users of kafkaSecurity have in common. */
const securityIn = (data: z.output<typeof schema>): KafkaSecurityVariables => ({
  KAFKA_SASL_MECHANISM: data.KAFKA_MAPPING_SASL_MECHANISM,
  KAFKA_USERNAME: data.KAFKA_MAPPING_USERNAME,
  KAFKA_PASSWORD: data.KAFKA_MAPPING_PASSWORD,
  KAFKA_SSL: data.KAFKA_MAPPING_SSL,
  KAFKA_SSL_CA: data.KAFKA_MAPPING_SSL_CA,
  KAFKA_SSL_CERT: data.KAFKA_MAPPING_SSL_CERT,
  KAFKA_SSL_KEY: data.KAFKA_MAPPING_SSL_KEY,
  KAFKA_SSL_KEY_PASSWORD: data.KAFKA_MAPPING_SSL_KEY_PASSWORD,
})

const onThisMachine = (url: string | undefined): string | undefined =>
  url !== undefined && isLoopback(new URL(url).hostname) ? url : undefined
