// The buckets, queues, buses and tables that the stack makes for the sinks of its queries, where they say `create: true`.

import { retentionSeconds } from '../resources/queues.ts'
import { type DataOptions, keptWith, type Resource, type TemplatePart } from '../resources/template.ts'
import {
  type BucketSink,
  type BusSink,
  type QueueSink,
  type SinkDeclaration,
  sinkId,
  type TableSink,
  type WithSinks,
} from './sink.ts'

export const sinkResources = (queries: readonly WithSinks[], options: DataOptions): TemplatePart => ({
  Resources: Object.fromEntries(
    queries
      .flatMap(({ sinks }) => Object.values(sinks))
      .filter(({ create }) => create)
      .map((sink) => [sinkId(sink), { ...resourceOf(sink, options), ...keptWith(options.keepData) }]),
  ),
})

function resourceOf(sink: SinkDeclaration, { dataKey }: DataOptions): Resource {
  if ('bucket' in sink) return bucket(sink, dataKey)
  if ('queue' in sink) return queue(sink, dataKey)
  if ('bus' in sink) return bus(sink)
  if ('table' in sink) return table(sink, dataKey)
  throw new TypeError(`The topic ${sink.topic} is no resource of its own: the cluster has it.`)
}

const bucket = (sink: BucketSink, dataKey: string | null): Resource => ({
  Type: 'AWS::S3::Bucket',
  Properties: {
    BucketName: sink.bucket,
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [
        dataKey === null
          ? { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }
          : {
              ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: dataKey },
              // A key of the bucket for a while, in place of a call of KMS for each object.
              BucketKeyEnabled: true,
            },
      ],
    },
  },
})

const queue = (sink: QueueSink, dataKey: string | null): Resource => ({
  Type: 'AWS::SQS::Queue',
  Properties: {
    QueueName: sink.queue,
    ...(sink.queue.endsWith('.fifo') ? { FifoQueue: true } : {}),
    MessageRetentionPeriod: retentionSeconds,
    ...(dataKey === null ? { SqsManagedSseEnabled: true } : { KmsMasterKeyId: dataKey }),
  },
})

/** It keeps nothing, so that no key is asked for. */
const bus = (sink: BusSink): Resource => ({ Type: 'AWS::Events::EventBus', Properties: { Name: sink.bus } })

const attributeTypes = { string: 'S', number: 'N', binary: 'B' } as const

const table = (sink: TableSink, dataKey: string | null): Resource => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName: sink.table,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: Object.entries(sink.key).map(([AttributeName, type]) => ({
      AttributeName,
      AttributeType: attributeTypes[type],
    })),
    KeySchema: Object.keys(sink.key).map((AttributeName, i) => ({
      AttributeName,
      KeyType: i === 0 ? 'HASH' : 'RANGE',
    })),
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    ...(dataKey === null ? {} : { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: dataKey } }),
  },
})
