// Every option of the mapping, once: its words on the command lines of the plugin and of `kafka-mapping`, its variable, what it
// takes, what it does. The options of both, both help texts and the environment's schema are made of it; the README shows it.

import { z } from 'zod'
import { bootstrapServers } from '../settings/bootstrap-servers.ts'
import { kafkaSecurityVariables as security } from '../settings/kafka-security.ts'

export interface MappingOption {
  /** Its word, without dashes; left out where there is only a variable. */
  readonly option?: string
  /** Another word for `kafka-mapping`, where it has one. */
  readonly commandOption?: string
  /** The plugin has none: serverless itself has it, or needs none. */
  readonly isCommandOnly?: true
  readonly variable?: string
  /** What the variable was called before it had a prefix: still read, with a warning, since applications have variables of that name. */
  readonly formerVariable?: string
  /** How the variable's value is checked; the option's too. */
  readonly schema?: z.ZodType
  /** The name of its value; left out where the option is a flag. */
  readonly takes?: string
  /** It may be given again for more; in the variable with commas between them. */
  readonly isRepeated?: true
  readonly help: string
  readonly default?: string
}

const httpUrl = z.url({ protocol: /^https?$/, error: 'expected a URL such as http://localhost:3002' }).optional()
const file = z.string().min(1)
const onFailureFile = '.local/on-failure.ndjson'

export const mappingOptions = [
  {
    option: 'config',
    takes: 'FILE',
    isCommandOnly: true,
    default: 'serverless.yml',
    help: "serverless.yml (read by the service's own serverless: sls print), or the JSON it prints",
  },
  {
    option: 'stage',
    takes: 'STAGE',
    isCommandOnly: true,
    default: 'that of serverless.yml, else dev',
    help: 'the stage that serverless.yml is read for',
  },
  {
    variable: 'KAFKA_MAPPING_BROKERS',
    formerVariable: 'KAFKA_BROKERS',
    takes: 'HOST:PORT',
    isRepeated: true,
    schema: bootstrapServers.optional(),
    help: 'brokers instead of those that the events name; an `msk` event needs it, since it names a cluster on AWS',
    default: "the events' own",
  },
  {
    variable: 'KAFKA_MAPPING_SASL_MECHANISM',
    formerVariable: 'KAFKA_SASL_MECHANISM',
    takes: 'NAME',
    schema: security.KAFKA_SASL_MECHANISM,
    help: '`plain`, `scram-sha-256` or `scram-sha-512`, in place of the secrets that `accessConfigurations` name on AWS',
  },
  {
    variable: 'KAFKA_MAPPING_USERNAME',
    formerVariable: 'KAFKA_USERNAME',
    takes: 'NAME',
    schema: security.KAFKA_USERNAME,
    help: 'the user of KAFKA_MAPPING_SASL_MECHANISM',
  },
  {
    variable: 'KAFKA_MAPPING_PASSWORD',
    formerVariable: 'KAFKA_PASSWORD',
    takes: 'PASSWORD',
    schema: security.KAFKA_PASSWORD,
    help: "the user's password",
  },
  {
    variable: 'KAFKA_MAPPING_SSL',
    formerVariable: 'KAFKA_SSL',
    takes: 'true',
    schema: security.KAFKA_SSL,
    help: 'TLS, with the authorities that Node trusts; each of the files below turns it on too',
  },
  {
    variable: 'KAFKA_MAPPING_SSL_CA',
    formerVariable: 'KAFKA_SSL_CA',
    takes: 'FILE',
    schema: security.KAFKA_SSL_CA,
    help: 'the authority to trust (PEM)',
  },
  {
    variable: 'KAFKA_MAPPING_SSL_CERT',
    formerVariable: 'KAFKA_SSL_CERT',
    takes: 'FILE',
    schema: security.KAFKA_SSL_CERT,
    help: "the client's certificate (PEM)",
  },
  {
    variable: 'KAFKA_MAPPING_SSL_KEY',
    formerVariable: 'KAFKA_SSL_KEY',
    takes: 'FILE',
    schema: security.KAFKA_SSL_KEY,
    help: 'its key (PEM)',
  },
  {
    variable: 'KAFKA_MAPPING_SSL_KEY_PASSWORD',
    formerVariable: 'KAFKA_SSL_KEY_PASSWORD',
    takes: 'PASSWORD',
    schema: security.KAFKA_SSL_KEY_PASSWORD,
    help: "the key's password",
  },
  {
    option: 'allow-remote',
    variable: 'KAFKA_MAPPING_ALLOW_REMOTE',
    formerVariable: 'ALLOW_REMOTE',
    takes: 'HOST',
    isRepeated: true,
    schema: z.string().default(''),
    help: 'a host beyond this machine that may be dialled',
  },
  {
    option: 'lambda-endpoint',
    commandOption: 'endpoint',
    variable: 'KAFKA_MAPPING_LAMBDA_ENDPOINT',
    formerVariable: 'LAMBDA_ENDPOINT',
    takes: 'URL',
    schema: httpUrl,
    default: "serverless-offline's, http://127.0.0.1:3002",
    help: "where functions are invoked: an endpoint of Lambda's Invoke API",
  },
  {
    option: 'function-name',
    takes: 'KEY=NAME',
    isRepeated: true,
    default: '`<service>-<stage>-<KEY>`',
    help: 'the name of function KEY there; the runtime interface emulator knows only `function`, one batch at a time',
  },
  {
    option: 'record',
    variable: 'KAFKA_MAPPING_RECORD_FILE',
    formerVariable: 'RECORD_FILE',
    takes: 'FILE',
    schema: file.optional(),
    help: 'appends each invocation to a file, a line of JSON each, with its event, its outcome and its answer; `.gz` and `.zst` are compressed',
  },
  {
    option: 'schema-registry',
    variable: 'KAFKA_MAPPING_SCHEMA_REGISTRY',
    takes: 'URL',
    schema: httpUrl,
    default: 'what the mappings name',
    help: "a schema registry with Confluent's REST API in place of `SchemaRegistryURI`; credentials stand in the URL",
  },
  {
    option: 'on-failure-file',
    variable: 'KAFKA_MAPPING_ON_FAILURE_FILE',
    formerVariable: 'ON_FAILURE_FILE',
    takes: 'FILE',
    default: onFailureFile,
    schema: file.default(onFailureFile),
    help: 'where discarded batches go whose destination is not on this machine',
  },
  {
    variable: 'AWS_ENDPOINT_URL',
    takes: 'URL',
    schema: httpUrl,
    help: 'serves SQS, SNS and S3 destinations where it is on this machine; never your functions',
  },
  { variable: 'AWS_ENDPOINT_URL_SQS', takes: 'URL', schema: httpUrl, help: 'the same for SQS alone' },
  { variable: 'AWS_ENDPOINT_URL_SNS', takes: 'URL', schema: httpUrl, help: 'the same for SNS alone' },
  { variable: 'AWS_ENDPOINT_URL_S3', takes: 'URL', schema: httpUrl, help: 'the same for S3 alone' },
  {
    variable: 'AWS_ENDPOINT_URL_GLUE',
    takes: 'URL',
    schema: httpUrl,
    help: 'serves Glue schema registries where it is on this machine',
  },
  {
    option: 'metrics-port',
    variable: 'KAFKA_MAPPING_METRICS_PORT',
    formerVariable: 'METRICS_PORT',
    takes: 'PORT',
    schema: z.coerce.number().int().min(0).max(65_535).optional(),
    help: "serves the mappings' counters and lags as JSON on 127.0.0.1",
  },
  {
    option: 'page-port',
    variable: 'KAFKA_MAPPING_PAGE_PORT',
    takes: 'PORT',
    schema: z.coerce.number().int().min(0).max(65_535).optional(),
    default: 'no page',
    help: 'shows what the mappings do on a page at 127.0.0.1, with buttons to pause and disturb them; 0 for any free port',
  },
  {
    variable: 'KAFKA_MAPPING_PAGE_TOKEN',
    takes: 'TOKEN',
    schema: z
      .string()
      .regex(/^[\w-]{16,200}$/, { error: 'expected 16 letters, digits, - and _ or more' })
      .optional(),
    default: 'a new one at each start',
    help: "the token in the page's address",
  },
  {
    option: 'max-invocations',
    variable: 'KAFKA_MAPPING_MAX_INVOCATIONS',
    takes: 'N',
    schema: z.coerce.number().int().min(1).optional(),
    default: 'twice the processors, 4 to 16',
    help: 'invocations at once over all mappings, each a thread or a process; a mapping may have one in any case',
  },
  {
    option: 'quiet-batches',
    variable: 'KAFKA_MAPPING_QUIET_BATCHES',
    formerVariable: 'QUIET_BATCHES',
    schema: z.stringbool().default(false),
    help: 'no line for each batch',
  },
] as const satisfies readonly MappingOption[]
