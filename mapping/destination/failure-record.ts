// What an on-failure destination is told, in AWS's documents (developer guide, "Capturing discarded batches" and "Using a
// Kafka topic as an on-failure destination"; local-mapping.md 4.4, 4.5). Pure: ids and times come in.

import { encodeKafkaEvent } from '../../lib/event/encode.ts'
import type { EventOrigin, KafkaEvent } from '../../lib/event/kafka-event.ts'
import { type KafkaRow, topicPartition } from '../../lib/event/kafka-row.ts'
import { OversizedRow } from '../source/fetch/oversized-row.ts'

/**
 * AWS names no condition for records that are too old; this is the one of its Kinesis documents. The others are documented, the
 * last two as reason codes of mappings with a schema registry.
 */
export type Condition =
  | 'RetryAttemptsExhausted'
  | 'RecordAgeExceeded'
  | 'MaximumPayloadSizeExceeded'
  | 'SCHEMA_NOT_FOUND'
  | 'DESERIALIZATION_ERROR'

/** Records that the mapping gives up, and why. */
export interface Discarded {
  readonly origin: EventOrigin
  readonly rows: readonly KafkaRow[]
  readonly condition: Condition
  readonly functionArn: string
  readonly requestId: string
  readonly invokeCount: number
  /** The error of the last answer, where there was one. */
  readonly functionError: string | undefined
  readonly atMs: number
}

interface FailureHead {
  readonly requestContext: {
    readonly requestId: string
    readonly functionArn: string
    readonly condition: string
    readonly approximateInvokeCount: number
  }
  readonly responseContext: {
    readonly statusCode: number
    readonly executedVersion: string
    readonly functionError: string | null
  } | null
  readonly version: '1.0'
  readonly timestamp: string
}

export interface FailureRecord extends FailureHead {
  readonly KafkaBatchInfo: {
    readonly batchSize: number
    readonly eventSourceArn?: string
    readonly bootstrapServers: string
    readonly payloadSize: number
    readonly recordsInfo: Readonly<
      Record<
        string,
        {
          /** A string, as in AWS's sample. */
          readonly firstRecordOffset: string
          readonly lastRecordOffset: string
          readonly firstRecordTimestamp: string
          readonly lastRecordTimestamp: string
        }
      >
    >
  }
}

/**
 * What SQS and SNS get.
 * @example failureRecord(discarded).KafkaBatchInfo.recordsInfo['ticks-0'] // { firstRecordOffset: '4', … }
 */
export function failureRecord(discarded: Discarded): FailureRecord {
  const spans = new Map<string, { first: KafkaRow; last: KafkaRow }>()
  for (const row of discarded.rows)
    spans.set(topicPartition(row), { first: spans.get(topicPartition(row))?.first ?? row, last: row })
  return {
    ...head(discarded, discarded.condition),
    KafkaBatchInfo: {
      batchSize: discarded.rows.reduce((sum, row) => sum + (row instanceof OversizedRow ? row.count : 1), 0),
      ...place(discarded),
      payloadSize: payloadSize(eventOf(discarded)),
      recordsInfo: Object.fromEntries(
        [...spans].map(([key, { first, last }]) => [
          key,
          {
            firstRecordOffset: String(first instanceof OversizedRow ? first.firstOffset : first.offset),
            lastRecordOffset: String(last.offset),
            firstRecordTimestamp: isoTime(first.timestamp),
            lastRecordTimestamp: isoTime(last.timestamp),
          },
        ]),
      ),
    },
  }
}

/** What S3 gets: the same with the invocation's event as escaped JSON. */
export const failureObject = (discarded: Discarded): FailureRecord & { readonly payload: string } => ({
  ...failureRecord(discarded),
  payload: JSON.stringify(eventOf(discarded)),
})

/**
 * What a Kafka topic gets, for each record a message of its own: the record in an event, as an object. The condition has
 * another name there than elsewhere, in AWS's sample.
 */
export function failureMessage(discarded: Discarded, row: KafkaRow) {
  const payload = encodeKafkaEvent(discarded.origin, [row])
  const condition = discarded.condition === 'RetryAttemptsExhausted' ? 'RetriesExhausted' : discarded.condition
  return {
    ...head(discarded, condition),
    KafkaBatchInfo: {
      batchSize: 1,
      ...place(discarded),
      payloadSize: payloadSize(payload),
      recordInfo: { offset: String(row.offset), timestamp: isoTime(row.timestamp) },
    },
    payload,
  }
}

const eventOf = ({ origin, rows }: Discarded): KafkaEvent => encodeKafkaEvent(origin, rows)
const payloadSize = (event: KafkaEvent): number => Buffer.byteLength(JSON.stringify(event))

/** A record may carry no time (-1) or any 64 bits; JavaScript's dates end at 8.64e15. */
const isoTime = (epochMs: number): string =>
  Math.abs(epochMs) <= 8.64e15 ? new Date(epochMs).toISOString() : String(epochMs)

const place = ({ origin }: Discarded) => ({
  ...('eventSourceArn' in origin ? { eventSourceArn: origin.eventSourceArn } : {}),
  bootstrapServers: origin.bootstrapServers,
})

function head(discarded: Discarded, condition: string): FailureHead {
  const { requestId, functionArn, invokeCount, functionError, atMs } = discarded
  return {
    requestContext: { requestId, functionArn, condition, approximateInvokeCount: invokeCount },
    responseContext:
      invokeCount === 0 ? null : { statusCode: 200, executedVersion: '$LATEST', functionError: functionError ?? null },
    version: '1.0',
    timestamp: new Date(atMs).toISOString(),
  }
}
