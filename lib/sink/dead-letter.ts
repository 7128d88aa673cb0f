// Where bad records go: out of the way of the batch, with everything needed to find, judge and replay them. The port, and
// the implementation for tests; dead-letter-file.ts is the durable one of a laptop.

import type { MalformedReason } from '../decode/codec.ts'
import type { SchemaMetadata } from '../event/kafka-event.ts'
import { type KafkaHeader, type KafkaRow, recordId } from '../event/kafka-row.ts'

/** Why a record is no row: its bytes, or a row that the query cannot take. */
export type DeadLetterReason =
  | MalformedReason
  | 'FROM_THE_FUTURE'
  | 'EVENT_TIME_INVALID'
  | 'KEY_TOO_LONG'
  | 'VALUE_TOO_LONG'
  | 'NOT_KEYED'

export interface DeadLetter {
  /** `topic-partition-offset`: the same each time the record is delivered, so that a repeat can be recognised. */
  readonly id: string
  readonly query: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Epoch milliseconds, as Kafka stores it. */
  readonly timestamp: number
  readonly reason: DeadLetterReason
  readonly detail: string
  /** The original bytes. */
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

export const deadLetterOf = (query: string, row: KafkaRow, reason: DeadLetterReason, detail: string): DeadLetter => ({
  id: recordId(row),
  ...schemasOf(row),
  query,
  topic: row.topic,
  partition: row.partition,
  offset: row.offset,
  timestamp: row.timestamp,
  reason,
  detail,
  key: row.key,
  value: row.value,
  headers: row.headers,
})

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
