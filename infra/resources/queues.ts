// Where things go that could not be processed. Both queues are watched (alarms.ts) and kept for as long as SQS keeps anything.

import { type DataOptions, keptWith, type Resource, type TemplatePart } from './template.ts'

/** Bad records, one message each, written by the handlers (lib/sink/dead-letter-queue.ts). */
export const deadLetterQueueId = 'DeadLetterQueue'
/** Batches that the mappings gave up: which offsets, not the records (developer guide, "Kafka on-failure destinations"). */
export const failedBatchQueueId = 'FailedBatchQueue'

/** SQS's longest, 14 days. */
export const retentionSeconds = 1_209_600

const queue = ({ keepData, dataKey }: DataOptions): Resource => ({
  Type: 'AWS::SQS::Queue',
  ...keptWith(keepData),
  Properties: {
    MessageRetentionPeriod: retentionSeconds,
    ...(dataKey === null ? { SqsManagedSseEnabled: true } : { KmsMasterKeyId: dataKey }),
  },
})

export const queues = (options: DataOptions): TemplatePart => ({
  Resources: { [deadLetterQueueId]: queue(options), [failedBatchQueueId]: queue(options) },
  Outputs: {
    DeadLetterQueueUrl: { Description: 'Bad records, one message each', Value: { Ref: deadLetterQueueId } },
    FailedBatchQueueUrl: {
      Description: 'Offsets of batches that a mapping gave up',
      Value: { Ref: failedBatchQueueId },
    },
  },
})
