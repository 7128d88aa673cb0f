// What a deployment is computed from, as the framework knows it: after all variables of serverless.yml are filled in, or at once
// where there is none.

import { join } from 'node:path'
import type { DeploymentInput } from './deployment.ts'
import { type GivenFunction, isObject } from './functions.ts'
import { parameterNames } from './parameters/parameters.ts'

/** What serverless.yml says of queries and producers. */
export interface Given {
  readonly functions: readonly GivenFunction[]
  /** `custom.microbatch`. */
  readonly settings: unknown
}

/** Handlers run from a build folder: a laptop's file is named from the folder of the service. */
const standardFile = (serviceDir: string): string => join(serviceDir, '.local/dead-letters.ndjson')
const standardBrokers = 'localhost:9092'

/** `microbatch start` sets the first for an API that it runs for the sinks alone; the others are those of AWS's own clients. */
const endpointNames = (api: string) => [`SINKS_${api}_URL`, `AWS_ENDPOINT_URL_${api}`, 'AWS_ENDPOINT_URL'] as const

/** @param resolve the framework's: `param:kafka` -> its value */
export async function inputOfVariables(
  resolve: (variable: string) => Promise<unknown>,
  given: Given,
  serviceDir: string,
): Promise<DeploymentInput> {
  const text = async (variable: string) => String(await resolve(variable))
  const endpoint = (api: string) => text([...endpointNames(api).map((name) => `env:${name}`), "''"].join(', '))
  const parameters = await Promise.all(
    parameterNames.map(async (name) => [name, await resolve(`param:${name}, ''`)] as const),
  )
  return {
    ...given,
    service: { service: await text('self:service'), stage: await text('sls:stage') },
    parameters: withBrokers(Object.fromEntries(parameters), await text("env:KAFKA_BROKERS, ''")),
    local: {
      deadLetterFile: (await text("env:DEAD_LETTER_FILE, ''")) || standardFile(serviceDir),
      dynamoDbEndpoint: await text("env:AWS_ENDPOINT_URL_DYNAMODB, ''"),
      allowRemote: await text("env:ALLOW_REMOTE, ''"),
      registryUrl: await text("env:SCHEMA_REGISTRY_URL, ''"),
      sinkEndpoints: {
        s3: await endpoint('S3'),
        sqs: await endpoint('SQS'),
        eventBridge: await endpoint('EVENTBRIDGE'),
      },
    },
  }
}

export interface CliOptions {
  readonly stage?: string
  /** `name=value` each. */
  readonly param?: readonly string[]
}

export interface Literals {
  readonly configuration: Readonly<Record<string, unknown>>
  readonly options: CliOptions
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** In the order of the framework: the command line, then the stage's, then the default's. */
export function inputOfLiterals(
  { configuration, options, environment }: Literals,
  given: Given,
  serviceDir: string,
): DeploymentInput {
  const { service, provider, params } = configuration
  const stage = String(options.stage ?? (isObject(provider) ? provider.stage : undefined) ?? 'dev')
  const paramsOf = (name: string) => (isObject(params) && isObject(params[name]) ? params[name] : {})
  const asked = (options.param ?? []).map((words) => {
    const [name = '', ...value] = words.split('=')
    return [name, value.join('=')] as const
  })
  const endpoint = (api: string) => endpointNames(api).flatMap((name) => environment[name] || [])[0] ?? ''
  const parameters = { ...paramsOf('default'), ...paramsOf(stage), ...Object.fromEntries(asked) }
  return {
    ...given,
    service: { service: String(service), stage },
    parameters: withBrokers(parameters, environment.KAFKA_BROKERS),
    local: {
      deadLetterFile: environment.DEAD_LETTER_FILE || standardFile(serviceDir),
      dynamoDbEndpoint: environment.AWS_ENDPOINT_URL_DYNAMODB ?? '',
      allowRemote: environment.ALLOW_REMOTE ?? '',
      registryUrl: environment.SCHEMA_REGISTRY_URL ?? '',
      sinkEndpoints: {
        s3: endpoint('S3'),
        sqs: endpoint('SQS'),
        eventBridge: endpoint('EVENTBRIDGE'),
      },
    },
  }
}

/** A Kafka is that of the environment, unless it is named. */
function withBrokers(parameters: Readonly<Record<string, unknown>>, brokers: string | undefined) {
  const { bootstrapServers } = parameters
  return { ...parameters, bootstrapServers: bootstrapServers || brokers || standardBrokers }
}
