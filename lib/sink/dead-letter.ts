// Where bad records go: out of the way of the batch, with everything needed to find, judge and replay them. The port, and
// the implementation for tests; dead-letter-file.ts is the durable one of a laptop.

import type { MalformedReason } from '../decode/codec.ts'
import type { SchemaMetadata } from '../event/kafka-event.ts'
import type { KafkaHeader, KafkaRow } from '../event/kafka-row.ts'
import { type Coordinates, rowId } from '../event/located-row.ts'
import { preview } from '../preview.ts'
import { controlCharacters } from '../printable.ts'

/**
 * Why a record is no row: its bytes, or a row that the query cannot take. `FUNCTION_FAILED`: a function of the query threw on
 * it. The function of `decode` may have reasons of its own.
 */
export type DeadLetterReason =
  | MalformedReason
  | 'FUNCTION_FAILED'
  | 'FROM_THE_FUTURE'
  | 'EVENT_TIME_INVALID'
  | 'KEY_TOO_LONG'
  | 'VALUE_TOO_LONG'
  | 'NOT_KEYED'
  | 'TOO_MANY_ROWS'
  | 'TOO_MANY_BAD_ROWS'
  | 'TOO_MANY_SESSIONS'
  | 'STATE_TOO_LONG'
  | 'TOO_MANY_VALUES'

export interface DeadLetter {
  /** `topic-partition-offset`, `#index` after it where there is one: the same each time the record is delivered, so that a repeat can be recognised. */
  readonly id: string
  readonly query: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Where a record is several rows and not all of it is bad: the number of the row, from 0 up. */
  readonly index?: number
  /** Epoch milliseconds, as Kafka stores it. */
  readonly timestamp: number
  readonly reason: DeadLetterReason
  readonly detail: string
  /**
   * The original bytes. With an index, the value is that row's part of them, or where the query made the row of the record, the
   * beginning of the row as JSON.
   */
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly KafkaHeader[]
  /** What the mapping's schema registry said of key and value: without it, bytes whose header Lambda took away cannot be read. */
  readonly keySchemaMetadata?: SchemaMetadata
  readonly valueSchemaMetadata?: SchemaMetadata
}

/** At least once: a batch that fails later is delivered again, and so are its dead letters, under the same ids. */
export interface DeadLetterSink {
  /** True where the letters end with the container or the process: refused on Lambda, where that may be any moment. */
  readonly isEphemeral?: boolean
  /** Resolves when the letters are safe; a rejection fails the batch, which is delivered again. */
  send(letters: readonly DeadLetter[]): Promise<void>
}

const schemasOf = ({ keySchemaMetadata, valueSchemaMetadata }: KafkaRow) => ({
  ...(keySchemaMetadata === undefined ? {} : { keySchemaMetadata }),
  ...(valueSchemaMetadata === undefined ? {} : { valueSchemaMetadata }),
})

export const deadLetterOf = (
  query: string,
  row: KafkaRow & Pick<Coordinates, 'index'>,
  reason: DeadLetterReason,
  detail: string,
): DeadLetter => ({
  id: rowId(row),
  ...schemasOf(row),
  query,
  topic: row.topic,
  partition: row.partition,
  offset: row.offset,
  ...(row.index === undefined ? {} : { index: row.index }),
  timestamp: row.timestamp,
  reason: reasonText(reason),
  detail: detailText(detail),
  key: row.key,
  value: row.value,
  headers: row.headers,
})

/** What sinks take for a reason: a word of theirs to filter by, or an attribute of a message. */
const maxReasonLength = 64

/** A codec or a function may give anything for a reason; a queue that refuses it would stop the stream. */
function reasonText(reason: unknown): string {
  const text = typeof reason === 'string' ? reason.replace(controlCharacters, '').trim() : ''
  return text === '' ? 'NO_REASON' : text.slice(0, maxReasonLength).toWellFormed()
}

const detailText = (detail: unknown): string => (typeof detail === 'string' ? detail : preview(detail)).toWellFormed()

/**
 * The letter of a group whose row could not be made, by a function after the aggregation or an aggregate of the query's own, or
 * which has more values than its aggregates can keep. It has no record: partition and offset are -1, its key is the group's id,
 * its value the row as far as it was made, as JSON.
 */
export const groupLetterOf = (
  group: { readonly query: string; readonly topic: string; readonly id: string; readonly row: unknown },
  reason: DeadLetterReason,
  detail: string,
): DeadLetter => ({
  id: `${group.query}/${group.id}`,
  query: group.query,
  topic: group.topic,
  partition: -1,
  offset: -1,
  timestamp: -1,
  reason: reasonText(reason),
  detail: detailText(detail),
  key: Buffer.from(group.id),
  value: Buffer.from(preview(group.row, maxGroupLength)),
  headers: [],
})

const maxGroupLength = 10_000

/**
 * Dead letters kept in an array, for tests.
 * @example const deadLetters = memoryDeadLetters(); … deadLetters.letters[0]?.reason // 'NOT_JSON'
 */
export function memoryDeadLetters(): DeadLetterSink & { readonly letters: readonly DeadLetter[] } {
  const letters: DeadLetter[] = []
  return {
    isEphemeral: true,
    letters,
    async send(batch) {
      letters.push(...batch)
    },
  }
}
