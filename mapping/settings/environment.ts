// The environment that the mapping reads, in one place. Options of the command line come first; both are checked here.

import { z } from 'zod'
import type { AwsService } from '../destination/destination.ts'
import { LocalError } from '../error.ts'
import { variableSchemas } from '../options/options.ts'
import { type AllowedHosts, isAllowedHost, isLoopback, parseAllowedHosts } from '../safety.ts'
import { issuesText } from './issues-text.ts'
import { type KafkaSecurity, kafkaSecurity } from './kafka-security.ts'

export interface LocalEnvironment {
  /** Instead of what the events name; needed for `msk` events, which name a cluster on AWS. */
  readonly kafkaBrokers: readonly string[] | undefined
  readonly kafkaSecurity: KafkaSecurity
  readonly allowedHosts: AllowedHosts
  readonly recordFile: string | undefined
  /** Where discarded batches go whose destination is not reachable on this machine. */
  readonly onFailureFile: string
  /** AWS_ENDPOINT_URL_SQS, _SNS, _S3, else AWS_ENDPOINT_URL, as AWS's own clients read them; only where it is allowed. */
  readonly awsEndpoint: (service: AwsService) => string | undefined
  /** The port of the JSON endpoint with the counters. */
  readonly metricsPort: number | undefined
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

const withoutEmpty = (source: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))

/**
 * @throws LocalError SETTINGS_INVALID naming the variable, or the option
 * @example readEnvironment(process.env).kafkaBrokers // ['localhost:9092']
 */
export function readEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  given: readonly GivenOption[] = [],
): LocalEnvironment {
  const values = Object.fromEntries(given.map(({ variable, value }) => [variable, value]))
  const parsed = schema.safeParse({ ...withoutEmpty(source), ...values })
  if (!parsed.success) throw new LocalError('SETTINGS_INVALID', issuesText(parsed.error, placesOf(given)))
  const allowedHosts = parseAllowedHosts(parsed.data.ALLOW_REMOTE)
  const { AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL_SNS, AWS_ENDPOINT_URL_S3 } = parsed.data
  const endpoints = { sqs: AWS_ENDPOINT_URL_SQS, sns: AWS_ENDPOINT_URL_SNS, s3: AWS_ENDPOINT_URL_S3 }
  return {
    kafkaBrokers: parsed.data.KAFKA_BROKERS,
    kafkaSecurity: kafkaSecurity(parsed.data),
    allowedHosts,
    metricsPort: parsed.data.METRICS_PORT,
    saysBatches: !parsed.data.QUIET_BATCHES,
    lambdaEndpoint: parsed.data.LAMBDA_ENDPOINT,
    onFailureFile: parsed.data.ON_FAILURE_FILE,
    awsEndpoint: (service) => {
      const url = endpoints[service] ?? AWS_ENDPOINT_URL
      return url !== undefined && isAllowedHost(new URL(url).hostname, allowedHosts) ? url : undefined
    },
    recordFile: parsed.data.RECORD_FILE,
    dynamoDbEndpoint: onThisMachine(parsed.data.AWS_ENDPOINT_URL_DYNAMODB),
  }
}

const placesOf =
  (given: readonly GivenOption[]) =>
  (variable: string): string =>
    given.find((word) => word.variable === variable)?.option ?? `environment: ${variable}`

const onThisMachine = (url: string | undefined): string | undefined =>
  url !== undefined && isLoopback(new URL(url).hostname) ? url : undefined
