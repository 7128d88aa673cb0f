// The parameters of a deployment: `params` of serverless.yml, a stage's own, or `--param` on the command line. All are checked
// here, with the rules between them, before anything is built or sent.

import * as z from 'zod'

const absent = (value: unknown) => (value === '' || value === undefined ? null : value)
const optional = <T extends z.ZodType>(form: T) => z.preprocess(absent, form.nullable())
const list = (form: z.ZodType<string, string>) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').filter((part) => part.trim() !== '') : value),
    z.array(z.string().trim().pipe(form)),
  )
const flag = z.preprocess((value) => String(value), z.enum(['true', 'false'])).transform((value) => value === 'true')
const count = (min: number, max: number) => z.preprocess(Number, z.int().min(min).max(max))

const secret = z.string().regex(/^arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:/, 'expected the ARN of a secret')

const Given = z.object({
  kafka: z.enum(['local', 'msk', 'msk-new', 'self-managed', 'none']),
  clusterArn: optional(
    z.string().regex(/^arn:[^:]+:kafka:[^:]+:\d{12}:cluster\/[^/]+\/[^/]+$/, 'expected the ARN of an MSK cluster'),
  ),
  // API Endpoints of SelfManagedEventSource: at most ten.
  bootstrapServers: list(z.string().regex(/^[^\s:]+:\d+$/, 'expected host:port')).pipe(z.array(z.string()).max(10)),
  auth: optional(z.enum(['none', 'tls', 'mtls', 'plain', 'scram-sha-256', 'scram-sha-512', 'iam'])),
  credentials: optional(secret),
  rootCertificate: optional(secret),
  secretKey: optional(z.string().regex(/^arn:[^:]+:kms:/, 'expected the ARN of a KMS key')),
  subnetIds: list(z.string().regex(/^subnet-[a-z0-9]+$/, 'expected subnet-…')),
  securityGroupIds: list(z.string().regex(/^sg-[a-z0-9]+$/, 'expected sg-…')),
  // Limits: API CreateEventSourceMapping, and CloudFormation's AWS::Lambda::EventSourceMapping.
  // Both 0: provisioned mode is turned off.
  minPollers: optional(count(0, 200)),
  maxPollers: optional(count(0, 2000)),
  maxRetries: optional(count(0, 10_000)),
  maxRecordAgeSeconds: optional(count(60, 604_800)),
  partialBatches: flag,
  keepData: flag,
  alarmEmail: optional(z.email()),
  maxLag: count(1, Number.MAX_SAFE_INTEGER),
  // API EBSStorageInfo.
  brokerDiskGb: count(1, 16_384),
})

export type Parameters = z.infer<typeof Given>
export type Auth = NonNullable<Parameters['auth']>

export const parameterNames = Object.keys(Given.shape)

/** Which kinds of authentication each Kafka knows; the first is the one that is taken where none is given. */
const auths: Readonly<Record<Parameters['kafka'], readonly Auth[]>> = {
  local: ['none'],
  none: ['none', 'tls', 'mtls', 'plain', 'scram-sha-256', 'scram-sha-512'],
  msk: ['iam', 'scram-sha-512', 'mtls'],
  'msk-new': ['iam'],
  'self-managed': ['scram-sha-512', 'scram-sha-256', 'plain', 'mtls', 'tls', 'none'],
}

/** The authentication that is in force. */
export const authOf = ({ kafka, auth }: Pick<Parameters, 'kafka' | 'auth'>): Auth => auth ?? auths[kafka][0] ?? 'none'

export const needsSecret = (auth: Auth): boolean => !['none', 'tls', 'iam'].includes(auth)

const loopback = /^(localhost|127\.|\[::1\])/

type Contradictions = Iterable<[keyof Parameters, string]>

/** What is wrong with parameters that are each right: the parameter, and what to do. */
function* contradictions(given: Parameters): Contradictions {
  const { kafka } = given
  const auth = authOf(given)
  if (!auths[kafka].includes(auth)) yield ['auth', `kafka=${kafka} takes ${auths[kafka].join(', ')}`]
  if (kafka !== 'local') yield* ofTheCluster(given, auth)
  yield* ofTheMapping(given)
}

function* ofTheCluster(given: Parameters, auth: Auth): Contradictions {
  const { kafka } = given
  if (needsSecret(auth) && given.credentials === null) yield ['credentials', `auth=${auth} needs the ARN of a secret`]
  if (kafka === 'msk' && given.clusterArn === null) yield ['clusterArn', 'kafka=msk needs the ARN of the cluster']
  // MSK developer guide, "Limitations when using SCRAM secrets".
  if (kafka === 'msk' && auth === 'scram-sha-512') {
    if (given.credentials?.includes(':secret:AmazonMSK_') === false) {
      yield ['credentials', 'the name of a secret for MSK begins with AmazonMSK_']
    }
    if (given.secretKey === null)
      yield ['secretKey', 'MSK takes secrets under a KMS key of your own only: name the key']
  }
  if (kafka === 'msk' && given.subnetIds.length === 0) yield ['subnetIds', 'the producer needs subnets that reach MSK']
  if (given.subnetIds.length > 0 !== given.securityGroupIds.length > 0) {
    yield ['securityGroupIds', 'subnetIds and securityGroupIds go together']
  }
  if (kafka === 'self-managed' || kafka === 'none') {
    if (given.bootstrapServers.length === 0) yield ['bootstrapServers', `kafka=${kafka} needs host:port, …`]
  }
  if (kafka === 'self-managed') {
    if (given.bootstrapServers.some((server) => loopback.test(server))) {
      yield ['bootstrapServers', 'AWS cannot reach an address of this machine']
    }
    if (['tls', 'none'].includes(auth) && given.rootCertificate === null && given.subnetIds.length === 0) {
      yield ['subnetIds', `auth=${auth} needs a rootCertificate or a private network`]
    }
  }
}

/** They hold on a laptop too, where the mapping is ours. */
function* ofTheMapping(given: Parameters): Contradictions {
  const { minPollers, maxPollers } = given
  if ((minPollers === null) !== (maxPollers === null)) yield ['maxPollers', 'minPollers and maxPollers go together']
  if (minPollers !== null && maxPollers !== null && maxPollers < minPollers) {
    yield ['maxPollers', `less than minPollers (${minPollers})`]
  }
  if (minPollers === 0 && maxPollers !== 0) yield ['minPollers', '0 goes with maxPollers=0: no provisioned pollers']
  // Developer guide, "Kafka event source scaling modes": these are features of provisioned mode.
  for (const name of ['maxRetries', 'maxRecordAgeSeconds', 'partialBatches'] as const) {
    const isGiven = given[name] !== null && given[name] !== false
    if (isGiven && !minPollers) yield [name, 'needs provisioned pollers: set minPollers and maxPollers']
  }
}

/**
 * @throws Error naming every parameter that is wrong and what it takes
 * @example readParameters({ kafka: 'msk', clusterArn: 'arn:aws:kafka:…', … })
 */
export function readParameters(values: Readonly<Record<string, unknown>>): Parameters {
  const result = Given.safeParse(values)
  const problems = result.success
    ? Array.from(contradictions(result.data), ([name, problem]) => `${name}: ${problem}`)
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  if (result.success && problems.length === 0) return result.data
  const refusal = new Error(`Parameters of the deployment: ${problems.join('; ')}. See docs/deploy.md.`)
  // The framework shows a stack where there is one; this is for a person.
  Reflect.deleteProperty(refusal, 'stack')
  throw refusal
}
