// The form of each parameter of a deployment, and its default. The rules between them stand in rules.ts.

import * as z from 'zod'
import { flag } from '../flag.ts'
import { authentications, kafkas } from './authentication.ts'

const absent = (value: unknown) => (value === '' || value === undefined ? null : value)
const optional = <T extends z.ZodType>(form: T) => z.preprocess(absent, form.nullable())
const list = (form: z.ZodType<string, string>) =>
  z.preprocess(
    (value = '') => (typeof value === 'string' ? value.split(',').filter((part) => part.trim() !== '') : value),
    z.array(z.string().trim().pipe(form)),
  )
const count = (min: number, max: number) => z.preprocess(Number, z.int().min(min).max(max))

const secret = z.string().regex(/^arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:/, 'expected the ARN of a secret')

/**
 * The defaults. Without a word it is a laptop; a `bootstrapServers` that is not given is that of the
 * environment (input.ts).
 */
export const parameterDefaults = {
  kafka: 'local',
  partialBatches: false,
  keepData: false,
  maxLag: 10_000,
  // The brokers of kafka=msk-new, and the disk of each.
  brokerType: 'kafka.t3.small',
  brokerDiskGb: 50,
} as const

export const Forms = z.object({
  kafka: z.enum(kafkas),
  // The MSK cluster of kafka=msk.
  clusterArn: optional(
    z.string().regex(/^arn:[^:]+:kafka:[^:]+:\d{12}:cluster\/[^/]+\/[^/]+$/, 'expected the ARN of an MSK cluster'),
  ),
  // The brokers of any other Kafka. API Endpoints of SelfManagedEventSource: at most ten.
  bootstrapServers: list(z.string().regex(/^[^\s:]+:\d+$/, 'expected host:port')).pipe(z.array(z.string()).max(10)),
  auth: optional(z.enum(authentications)),
  // Secrets: user and password, or the client's certificate; the brokers' root certificate; the KMS key of both.
  credentials: optional(secret),
  rootCertificate: optional(secret),
  secretKey: optional(z.string().regex(/^arn:[^:]+:kms:/, 'expected the ARN of a KMS key')),
  // The KMS key of what is kept: table, queues, alarm topic and logs.
  dataKey: optional(z.string().regex(/^arn:[^:]+:kms:[^:]+:\d{12}:key\/\S+$/, 'expected the ARN of a KMS key')),
  // From where Kafka is reached, if not from the internet.
  subnetIds: list(z.string().regex(/^subnet-[a-z0-9]+$/, 'expected subnet-…')),
  securityGroupIds: list(z.string().regex(/^sg-[a-z0-9]+$/, 'expected sg-…')),
  // Limits: API CreateEventSourceMapping, and CloudFormation's AWS::Lambda::EventSourceMapping.
  // Both 0: provisioned mode is turned off.
  minPollers: optional(count(0, 200)),
  maxPollers: optional(count(0, 2000)),
  maxRetries: optional(count(0, 10_000)),
  maxRecordAgeSeconds: optional(count(60, 604_800)),
  // Partial answers of the queries that take them.
  partialBatches: flag,
  // Table, queues and cluster stay when the stack is removed.
  keepData: flag,
  // Who is told of an alarm, and how many records a query may be behind.
  alarmEmail: optional(z.email()),
  maxLag: count(1, Number.MAX_SAFE_INTEGER),
  // The brokers of kafka=msk-new, and the disk of each.
  brokerType: z.string().regex(/^kafka\./, 'expected a broker type of MSK, as kafka.m7g.large'),
  // API EBSStorageInfo.
  brokerDiskGb: count(1, 16_384),
})

/** Null is a parameter that was not given and has no default. */
export type Parameters = z.infer<typeof Forms>
