// What a mapping says of itself, event by event: read, batched, invoked, retried, discarded, committed. Plain values of records'
// places, sizes and times; the records themselves are reached through `payload`, which is made only when a subscriber asks for it.

import type { Condition } from '../destination/failure-record.ts'
import type { InvokePayload } from '../invoke/invoker.ts'
import type { RecordList } from './record-list.ts'

/** Which mapping an event is about. One object for each mapping: it may be compared by reference. */
export interface MappingIdentity {
  /** The function's key in serverless.yml. */
  readonly functionKey: string
  readonly topic: string
  readonly consumerGroupId: string
}

/** A closed batch, or what a retry left of it, on its way to the function. */
export interface SentBatch {
  readonly records: RecordList
  /** Why the batch closed: BatchSize, the batching window, or 6 MB of payload. */
  readonly reason: 'size' | 'window' | 'payload'
  /** Bytes of JSON of the batch as it closed. */
  readonly payloadBytes: number
  /** Records of the batch's partitions that the filter took out since their last batch. */
  readonly filteredOut: number
}

/** A batch that was sent, with what came back. */
export interface AnsweredBatch extends SentBatch {
  readonly attempt: number
  /** When it was sent, epoch milliseconds. */
  readonly startedAtMs: number
  readonly payload: InvokePayload
  /** What the function returned, as the text of its JSON; empty where it returned nothing, or did not return. */
  readonly answer: string
}

export type InvocationFailure =
  /** It threw, ran out of time or of memory. */
  | 'functionError'
  /** A batch response that names what was not in the event: the whole batch counts as failed. */
  | 'invalidResponse'
  /** A partial batch response: some records failed. */
  | 'itemFailures'
  /** The function was not reached: it is at its concurrency limit, or the Invoke endpoint gives no answer. */
  | 'throttled'
  | 'unavailable'

/** Records that go to the function again, together, after so many milliseconds. */
export interface ScheduledRetry {
  readonly records: RecordList
  readonly delayMs: number
}

/** An event without its mapping. */
export type MappingEventBody = ReadEvent | AssignmentEvent | InvocationEvent | EndEvent | ControlEvent

/** The connection to Kafka, and what is read. */
export type ReadEvent =
  /** Kafka does not answer, and answers again. */
  | { readonly kind: 'kafkaUnreachable' | 'kafkaReachable'; readonly brokers: readonly string[] }
  | { readonly kind: 'topicMissing' | 'topicFound'; readonly brokers: readonly string[] }
  /** The on-failure topic does not exist: what is discarded is dropped until it does. */
  | { readonly kind: 'destinationMissing'; readonly topic: string; readonly brokers: readonly string[] }
  /** A broker is at an address that is not this machine's and was not allowed by name, or at a name without an address. */
  | { readonly kind: 'brokerRefused'; readonly message: string }
  /** Reading, or looking up positions, failed and is tried again; `isUnreachable` where it is only that Kafka does not answer. */
  | {
      readonly kind: 'readFailed'
      readonly step: 'records' | 'positions'
      readonly brokers: readonly string[]
      readonly message: string
      readonly isUnreachable: boolean
    }
  | { readonly kind: 'readResumed' }
  /** The schema registry gives no answer: records that name a schema it was not asked for yet wait. And it answers again. */
  | { readonly kind: 'registryFailed'; readonly message: string }
  | { readonly kind: 'registryAnswered' }
  /** Records of one partition were read; `lag` is the distance from the commit to the end of the log, in records. */
  | {
      readonly kind: 'polled'
      readonly partition: number
      readonly records: RecordList
      readonly filteredOut: number
      readonly nextOffset: number
      readonly lag: number
    }
  /** Reading went back: the topic was deleted and made anew under its name. */
  | { readonly kind: 'rewound'; readonly partition: number; readonly offset: number }

/** Membership of the consumer group. */
export type AssignmentEvent =
  /** A partition is assigned; `from` says what decided where reading begins. */
  | {
      readonly kind: 'assigned'
      readonly partition: number
      readonly offset: number
      readonly committed: number | undefined
      /** `position`: the mapping goes on where it stood. */
      readonly from: 'commit' | 'startingPosition' | 'outOfRange' | 'position'
    }
  /** The group has other members, once for a start: `client at host` of each. */
  | { readonly kind: 'groupShared'; readonly others: readonly string[] }
  /** A (re)joining of the group ended: all partitions assigned now, and those that were revoked. */
  | { readonly kind: 'rebalanced'; readonly assigned: readonly number[]; readonly revoked: readonly number[] }

/** A batch, from its closing to the answer of the function. */
export type InvocationEvent =
  /** `waitedMs` is counted from the arrival of its first record. */
  | ({ readonly kind: 'batchClosed'; readonly waitedMs: number } & SentBatch)
  /** `attempt` counts from 1; a half of a bisected batch goes on counting. */
  | ({ readonly kind: 'invocationStarted'; readonly attempt: number; readonly payload: InvokePayload } & SentBatch)
  | ({ readonly kind: 'invocationSucceeded'; readonly durationMs: number } & AnsweredBatch)
  | ({
      readonly kind: 'invocationFailed'
      readonly durationMs: number
      readonly failure: InvocationFailure
      readonly message: string
      /** How many records failed; fewer than were sent after a partial batch response. */
      readonly failedCount: number
      readonly failed: RecordList
      /** The records that are tried again, and when: the same records, halves, or those that failed. */
      readonly retries: readonly ScheduledRetry[]
      /** Records of which no retry is left. */
      readonly discardedCount: number
      /** The mapping is ending: the retries come after its next start. */
      readonly isStopping: boolean
    } & AnsweredBatch)
  /** The function handled these records; they count as processed from now on. */
  | { readonly kind: 'handled'; readonly payload: InvokePayload }

/** What becomes of records in the end. */
export type EndEvent =
  /** One record alone exceeds the payload limit. */
  | {
      readonly kind: 'recordTooLarge'
      readonly records: RecordList
      readonly bytes: number
      readonly maxBytes: number
    }
  /** A compressed record batch expands to more than a mapping takes into memory: its records are not read. */
  | {
      readonly kind: 'recordBatchTooLarge'
      /** The last record of the batch stands for all. */
      readonly records: RecordList
      readonly firstOffset: number
      readonly lastOffset: number
      /** How many records the batch says it has. */
      readonly count: number
      readonly maxBytes: number
    }
  /** The schema registry has no schema for a record, or it is not as its schema says. */
  | {
      readonly kind: 'recordRefused'
      readonly records: RecordList
      readonly condition: Condition
      readonly message: string
    }
  /** Records are over the mapping's age, or no longer in Kafka's log. */
  | { readonly kind: 'expired'; readonly records: RecordList; readonly message: string }
  /** Records were given up: to the on-failure destination, except for `droppedCount` that it did not take or had none for. */
  | {
      readonly kind: 'discarded'
      readonly records: RecordList
      readonly condition: Condition
      readonly destination: string | undefined
      readonly droppedCount: number
      /** Why the destination did not take them. */
      readonly error: string | undefined
    }
  /** `offset` is the next to read; `count` what this commit moved over; `lag` what is left to the end of the log. */
  | {
      readonly kind: 'committed'
      readonly partitions: readonly {
        readonly partition: number
        readonly offset: number
        readonly count: number
        readonly lag: number
      }[]
    }
  /** Kafka did not take a commit; it is made again. */
  | { readonly kind: 'commitFailed'; readonly message: string }
  /** Where the topic's logs begin could not be asked: nothing is taken for expired. */
  | { readonly kind: 'logStartsUnknown'; readonly message: string }
  /** A bug of the mapping itself; the records are tried again. */
  | { readonly kind: 'defect'; readonly message: string }
  /** The mapping has left its group. */
  | { readonly kind: 'stopped' }

/** What a person did to a mapping while it ran. */
export type ControlEvent =
  /** No further invocation begins, and they begin again. */
  | { readonly kind: 'paused' | 'resumed' }
  /** The next invocation, or the membership of the group, is disturbed on purpose. */
  | { readonly kind: 'faultInjected'; readonly fault: string }

export type MappingEvent = MappingEventBody & { readonly mapping: MappingIdentity }
