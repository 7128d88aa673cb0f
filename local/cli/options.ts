// The options and environment variables that several commands share, in one table, and the help texts that are made from it.
// An option goes before its variable.
import type { ParseArgsConfig } from 'node:util'

type ParsedOption = NonNullable<ParseArgsConfig['options']>[string]

/** An option as Node's parser takes it, and what its help says. */
export interface HelpedOption extends ParsedOption {
  /** What stands for its value: `HOST`. */
  readonly value?: string
  readonly help: string
}

export const sharedOptions = {
  dir: {
    type: 'string',
    value: 'FOLDER',
    help: 'the service: the folder of its serverless.yml, or one below it (the working directory)',
  },
  brokers: { type: 'string', value: 'LIST', help: 'the addresses of Kafka, host:port,… (localhost:9092)' },
  partitions: {
    type: 'string',
    value: 'N',
    help: 'the partitions of a topic that is made, where the service does not say (3)',
  },
  'allow-remote': {
    type: 'string',
    value: 'HOST',
    multiple: true,
    help: 'allows HOST, which is not this machine (again for more)',
  },
  'into-live-state': {
    type: 'boolean',
    default: false,
    help: 'lets the event into the state that a running start (or --endpoint) keeps, as if its topic had delivered it',
  },
  json: { type: 'boolean', default: false, help: 'for programs: JSON on stdout' },
} as const satisfies Readonly<Record<string, HelpedOption>>

/** The variable of each option that has one. */
const variableOf = { brokers: 'KAFKA_BROKERS', partitions: 'PARTITIONS', 'allow-remote': 'ALLOW_REMOTE' } as const

export const sharedVariables = {
  KAFKA_BROKERS: 'as --brokers',
  KAFKA_PORT: 'of the Kafka of start, where no addresses are given (9092)',
  KAFKA_SASL_MECHANISM: 'plain, scram-sha-256 or scram-sha-512, with KAFKA_USERNAME and KAFKA_PASSWORD',
  KAFKA_SSL:
    'true: TLS; KAFKA_SSL_CA, KAFKA_SSL_CERT, KAFKA_SSL_KEY (PEM files) and KAFKA_SSL_KEY_PASSWORD mean it too',
  ALLOW_REMOTE: 'as --allow-remote, several with commas between them',
  PARTITIONS: 'as --partitions',
  OFFLINE_LAMBDA_PORT: "of Lambda's Invoke API (as the service has it, or 3002)",
  OFFLINE_HTTP_PORT: "of serverless-offline's HTTP (as the service has it, or 3000)",
  DYNAMODB_PORT: 'of the DynamoDB API (8000)',
  S3_PORT: 'of the S3 for buckets that queries declare, or off for files (9090)',
  SQS_PORT: 'of the SQS for queues that queries declare, or off for files (9324)',
  PAGE_PORT: 'of the page that shows the mappings, or off for none (3003, or a free one)',
  DEAD_LETTER_FILE: 'where bad records go (.local/dead-letters.ndjson)',
  LOCAL_DIR: 'where the local data lie (.local); another one, and other ports, for a second run of a service',
} as const

/** How Kafka is reached, by the commands that speak to it. */
export const kafkaVariables = [
  'KAFKA_BROKERS',
  'KAFKA_PORT',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SSL',
  'ALLOW_REMOTE',
] as const

export interface HelpText {
  /** The words after the command's name; left out, none but the options. */
  readonly usage: string
  /** Positional words and what they mean. */
  readonly words?: readonly (readonly [string, string])[]
  readonly options: Readonly<Record<string, HelpedOption>>
  readonly variables?: readonly (keyof typeof sharedVariables)[]
  /** Paragraphs after the options. */
  readonly notes?: string
}

const column = 21

/**
 * @example helpText({ usage: 'lag [options]', options: { dir: sharedOptions.dir }, variables: ['KAFKA_BROKERS'] })
 */
export function helpText({ usage, words = [], options, variables = [], notes }: HelpText): string {
  const entry = (name: string, text: string) => `  ${name.padEnd(column - 1)} ${text}`
  const optionLines = Object.entries(options).map(([name, { value, help }]) =>
    entry(value === undefined ? `--${name}` : `--${name} ${value}`, help),
  )
  const lines = [...words.map(([name, text]) => entry(name, text)), ...optionLines]
  const environment = variables.map((name) => entry(name, sharedVariables[name]))
  const parts = [`microbatch ${usage}`, lines.join('\n'), notes ?? '']
  return [...parts, environment.length === 0 ? '' : `Environment:\n${environment.join('\n')}`]
    .filter((part) => part !== '')
    .join('\n\n')
}

export interface SharedValues {
  readonly brokers?: string | undefined
  readonly partitions?: string | undefined
  readonly 'allow-remote'?: readonly string[] | undefined
}

/**
 * The environment with the options of a command line in the place of their variables.
 * @example readCliSettings(withOptions(process.env, { brokers: 'localhost:9192' })).kafkaBrokers // ['localhost:9192']
 */
export function withOptions(environment: NodeJS.ProcessEnv, values: SharedValues): NodeJS.ProcessEnv {
  const { brokers, partitions, 'allow-remote': hosts = [] } = values
  const allowed = [environment.ALLOW_REMOTE ?? '', ...hosts].filter((host) => host !== '').join(',')
  return {
    ...environment,
    ...(brokers === undefined ? {} : { [variableOf.brokers]: brokers }),
    ...(partitions === undefined ? {} : { [variableOf.partitions]: partitions }),
    ...(allowed === '' ? {} : { [variableOf['allow-remote']]: allowed }),
  }
}
