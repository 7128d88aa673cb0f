// What the role of a query may do for its sinks: one action for each kind of place, on the places that the query declares. What it may do
// in Kafka for those of its topics is in resources/kafka-statements.ts.

import type { Parameters } from '../parameters/parameters.ts'
import { allow, type Statement, type Target } from '../resources/statement.ts'
import { isArn, type SinkDeclaration, sinkName, type WithSinks } from './sink.ts'

/**
 * The calls of lib/sink, no others: PutObject, SendMessage (of a batch of messages, too), PutEvents, PutItem; and the keys of what is
 * under one of your own, by way of these services only.
 */
export function writeToSinks({ dataKey }: Pick<Parameters, 'dataKey'>, { sinks }: WithSinks): readonly Statement[] {
  const all = Object.values(sinks)
  return kinds.flatMap(({ kind, sid, action, arn, keysSid, service, keyActions }) => {
    const own = all.filter((sink) => kind in sink)
    if (own.length === 0) return []
    const keys = new Set(own.map((sink) => keyOf(sink, dataKey)).filter((key) => key !== null))
    const statement = allow(sid, [action], Array.from(new Map(own.map((sink) => [sinkName(sink), arn(sink)])).values()))
    if (keys.size === 0 || keyActions.length === 0) return [statement]
    const via = [{ 'Fn::Sub': `${service}.\${AWS::Region}.\${AWS::URLSuffix}` }]
    return [
      statement,
      { ...allow(keysSid, keyActions, [...keys]), Condition: { StringEquals: { 'kms:ViaService': via } } },
    ]
  })
}

/** A key of AWS's own needs no permission. */
function keyOf(sink: SinkDeclaration, dataKey: string | null): string | null {
  if (sink.create) return dataKey
  return 'kmsKey' in sink ? (sink.kmsKey ?? null) : null
}

interface KindOfSink {
  readonly kind: 'bucket' | 'queue' | 'bus' | 'table'
  readonly sid: string
  readonly action: string
  readonly arn: (sink: SinkDeclaration) => Target
  readonly keysSid: string
  readonly service: string
  /** S3 user guide, "Using server-side encryption with AWS KMS keys"; SQS and DynamoDB as for the data of the stack. */
  readonly keyActions: readonly string[]
}

const kinds: readonly KindOfSink[] = [
  {
    kind: 'bucket',
    sid: 'PutObjects',
    action: 's3:PutObject',
    arn: (sink) => ({
      'Fn::Sub': `arn:\${AWS::Partition}:s3:::${sinkName(sink)}/${'prefix' in sink ? sink.prefix : ''}*`,
    }),
    keysSid: 'UseKeysOfBuckets',
    service: 's3',
    keyActions: ['kms:GenerateDataKey'],
  },
  {
    kind: 'queue',
    sid: 'SendRows',
    action: 'sqs:SendMessage',
    arn: (sink) => ('queue' in sink && isArn(sink.queue) ? sink.queue : within('sqs', sinkName(sink))),
    keysSid: 'UseKeysOfQueues',
    service: 'sqs',
    keyActions: ['kms:Decrypt', 'kms:GenerateDataKey'],
  },
  {
    kind: 'bus',
    sid: 'PutEvents',
    action: 'events:PutEvents',
    arn: (sink) => ('bus' in sink && isArn(sink.bus) ? sink.bus : within('events', `event-bus/${sinkName(sink)}`)),
    keysSid: '',
    service: 'events',
    // The bus uses its key itself.
    keyActions: [],
  },
  {
    kind: 'table',
    sid: 'PutRows',
    action: 'dynamodb:PutItem',
    arn: (sink) => ('table' in sink && isArn(sink.table) ? sink.table : within('dynamodb', `table/${sinkName(sink)}`)),
    keysSid: 'UseKeysOfTables',
    service: 'dynamodb',
    keyActions: [
      ...['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt'],
      ...['kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
    ],
  },
]

/** In the account and the region of the stack. */
const within = (service: string, name: string): Target => ({
  'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${name}`,
})
