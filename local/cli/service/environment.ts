// The environments of what runs the service's code here: the framework, and a function's module in this process. In each of them
// AWS's clients find this machine, and no account of the user.
import type {
  PrintedFunction,
  PrintedService,
} from 'serverless-offline-kafka-mapping/internal/settings/service-definition'
import type { Service } from './service.ts'
import { brokersOf, type CliSettings, deadLetterFileOf } from './settings.ts'

/** What keeps AWS clients in functions from any account of the user: dummy credentials, no profile, no metadata service. */
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

/** What the variables of serverless.yml are filled in from: the Kafka, the DynamoDB API and the files of this machine. */
export function frameworkEnvironment(
  service: Service,
  settings: CliSettings,
  environment: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  return {
    ...withoutAwsAccount(environment),
    PWD: service.folder,
    KAFKA_BROKERS: brokersOf(settings).join(','),
    KAFKA_MAPPING_BROKERS: brokersOf(settings).join(','),
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${settings.dynamoDbPort}`,
    DEAD_LETTER_FILE: deadLetterFileOf(service, settings),
  }
}

/**
 * What a function has been given by serverless.yml, its own before that of all functions. A value that only CloudFormation
 * knows, such as a reference, is left out.
 * @example functionEnvironment(definition, definition.functions.totals).STATE_TABLE // 'demo-dev-state'
 */
export function functionEnvironment(
  { environment }: Pick<PrintedService, 'environment'>,
  { environment: own = {} }: Pick<PrintedFunction, 'environment'>,
): Readonly<Record<string, string>> {
  const isLiteral = ([, value]: [string, unknown]) => ['string', 'number', 'boolean'].includes(typeof value)
  const literals = Object.entries({ ...environment, ...own }).filter(isLiteral)
  return Object.fromEntries(literals.map(([name, value]) => [name, String(value)]))
}
