// Where the rows of a query go, beside its console: buckets, queues, buses, tables and topics, each under the variable by which the function
// is told of it. What follows for the function, its role and the stack is in the files beside this one.

import * as z from 'zod'
import { flag } from '../flag.ts'
import { alphanumeric, upper } from '../names.ts'
import { Refusal } from '../refusal.ts'

/** A name of this account and region, or the ARN of one elsewhere. */
const nameOrArn = (service: string, name: RegExp) =>
  z.string().refine((value) => name.test(value) || arnPattern(service).test(value), {
    error: `expected its name, or an ARN of ${service}`,
  })
const arnPattern = (service: string): RegExp => new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:.+$`)

const kmsKey = z
  .string()
  .regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/.+$/, 'expected the ARN of a KMS key')
  .optional()

const shared = {
  /** The stack makes it. Else it is there already. */
  create: flag.default(false),
  /** The key that what is there already is under, where that is one of your own. What the stack makes is under `dataKey`. */
  kmsKey,
}

const Bucket = z.strictObject({
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'expected the name of a bucket'),
  /** The prefix of `s3Sink`: the function may put objects below it alone. */
  prefix: z.string().max(500).default(''),
  ...shared,
})
const Queue = z.strictObject({ queue: nameOrArn('sqs', /^[\w-]{1,75}(\.fifo)?$/), ...shared })
const Bus = z.strictObject({ bus: nameOrArn('events', /^[\w./-]{1,256}$/), create: shared.create })
const Table = z.strictObject({
  table: nameOrArn('dynamodb', /^[\w.-]{3,255}$/),
  /** The attributes of the primary key of a table that the stack makes, and their types: the `key` of `dynamoSink`. */
  key: z
    .record(z.string().min(1), z.enum(['string', 'number', 'binary']))
    .refine((key) => [1, 2].includes(Object.keys(key).length), 'expected one attribute, or two')
    .default({ id: 'string' }),
  ...shared,
})

const Topic = z
  .strictObject({
    topic: z.string().regex(/^[a-zA-Z0-9._-]{1,249}$/, 'expected the name of a topic'),
    /** How many it is made with: by `kafka=msk-new`, where no query reads it, and on a laptop. */
    partitions: z.coerce.number().int().min(1).max(100_000).optional(),
    /** What its rows ask the registry of the service for: schemas that are there, or to take those of the rows. */
    schemas: z.enum(['find', 'register']).optional(),
  })
  // The cluster has it, or the cluster of the stack.
  .transform((topic) => ({ ...topic, create: false }))

const kinds = { bucket: Bucket, queue: Queue, bus: Bus, table: Table, topic: Topic } as const
type Kind = keyof typeof kinds

export type BucketSink = z.infer<typeof Bucket>
export type QueueSink = z.infer<typeof Queue>
export type BusSink = z.infer<typeof Bus>
export type TableSink = z.infer<typeof Table>
export type TopicSink = z.infer<typeof Topic>
export type SinkDeclaration = BucketSink | QueueSink | BusSink | TableSink | TopicSink

/** What a query declares: by the variable of the function that has the name of the place, or the URL of the queue. */
export const Sinks = z.record(
  z.string().regex(/^(?!AWS_|LAMBDA_)[A-Z][A-Z0-9_]*$/),
  z.unknown().transform((given, context): SinkDeclaration => {
    const kind = typeof given === 'object' && given !== null ? kindOf(given) : undefined
    if (kind === undefined) {
      context.addIssue(`expected one of { ${Object.keys(kinds).join(' }, { ')} }`)
      return z.NEVER
    }
    const { data, error } = kinds[kind].safeParse(given)
    if (data !== undefined) return data
    for (const { path, message } of error.issues) context.addIssue({ code: 'custom', path, message })
    return z.NEVER
  }),
  {
    error: ({ code }) =>
      code === 'invalid_key'
        ? 'expected the name of a variable, in capitals, which does not begin with AWS_'
        : 'expected the places by their variables, as { ARCHIVE_BUCKET: { bucket: shop-archive } }',
  },
)

const isKind = (name: string): name is Kind => Object.hasOwn(kinds, name)
const kindOf = (given: object): Kind | undefined => Object.keys(given).find(isKind)

export const isArn = (name: string): boolean => name.startsWith('arn:')

/** The name of a place as it is declared, or its ARN. */
export function givenName(sink: SinkDeclaration): string {
  if ('bucket' in sink) return sink.bucket
  if ('queue' in sink) return sink.queue
  if ('bus' in sink) return sink.bus
  return 'table' in sink ? sink.table : sink.topic
}

/** The topics of Kafka that the code of a query writes to. */
export const sinkTopics = ({ sinks }: Pick<WithSinks, 'sinks'>): readonly TopicSink[] =>
  Object.values(sinks).filter((sink) => 'topic' in sink)

/** The name of a place: that of an ARN is its end. @example sinkName({ queue: 'arn:aws:sqs:eu-west-1:1:alerts' }) // 'alerts' */
export function sinkName(sink: SinkDeclaration): string {
  const given = givenName(sink)
  return isArn(given) ? (given.split(/[:/]/).at(-1) ?? given) : given
}

/** A query, as far as its sinks are concerned. */
export interface WithSinks {
  readonly name: string
  readonly sinks: Readonly<Record<string, SinkDeclaration>>
}

/**
 * @throws Refusal for a place elsewhere that the stack is to make, and one that queries describe in two ways
 */
export function refuseSinks(queries: readonly WithSinks[]): void {
  const made = new Map<string, { readonly text: string; readonly name: string }>()
  for (const { name, sinks } of queries) {
    for (const [variable, sink] of Object.entries(sinks)) {
      if (!sink.create) continue
      const where = `functions.${name}: sinks: ${variable}`
      if (Object.values(sink).some((value) => typeof value === 'string' && isArn(value)))
        throw new Refusal(
          `${where}: what the stack makes has a name, no ARN, and the key of the parameter dataKey: leave out create, or the ARN.`,
        )
      const id = sinkId(sink)
      const { prefix: _, ...asked } = { prefix: '', ...sink }
      const text = JSON.stringify(asked)
      const before = made.get(id)
      if (before !== undefined && before.text !== text)
        throw new Refusal(
          `${where}: ${before.name} makes it, too, and describes it otherwise: ${before.text}, here ${text}.`,
        )
      made.set(id, { text, name })
    }
  }
}

/** The logical id of one that the stack makes. @example sinkId({ bucket: 'shop-archive', … }) // 'SinkBucketShoparchive' */
export const sinkId = (sink: SinkDeclaration): string =>
  `Sink${upper(kindOf(sink) ?? '')}${alphanumeric(sinkName(sink))}`
