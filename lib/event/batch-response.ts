// What a handler answers where its mapping has FunctionResponseTypes: [ReportBatchItemFailures], in Kafka's own shape: objects
// of partition and offset, not the strings of SQS and Kinesis (developer guide, "Configuring error handling controls for Kafka
// event sources"). An empty list is a success; one that names a record that was not delivered fails the whole batch.

import { type KafkaRow, topicPartition } from './kafka-row.ts'

export interface BatchItemFailure {
  /** `partition` is the key in the event's `records`: `topic-partition`. */
  readonly itemIdentifier: { readonly partition: string; readonly offset: number }
}

export interface BatchResponse {
  readonly batchItemFailures: readonly BatchItemFailure[]
}

/**
 * The answer for records that failed. Give every record from the first failed one to the end of its partition: the guide says
 * that "just those specific items" are tried again, so one that is not named is taken as processed.
 * @example batchResponse(records.slice(3)) // { batchItemFailures: [{ itemIdentifier: { partition: 'ticks-0', offset: 3 } }, …] }
 */
export const batchResponse = (failed: readonly Pick<KafkaRow, 'topic' | 'partition' | 'offset'>[]): BatchResponse => ({
  batchItemFailures: failed.map((record) => ({
    itemIdentifier: { partition: topicPartition(record), offset: record.offset },
  })),
})
