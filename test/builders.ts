// Builders of test data: each gives something usual, and a test says only what matters to it.

import { encodeKafkaEvent } from '../lib/event/encode.ts'
import type { KafkaEvent } from '../lib/event/kafka-event.ts'
import type { KafkaRow } from '../lib/event/kafka-row.ts'
import type { EmittedRow, Sink } from '../lib/sink/sink.ts'

/** 2026-01-05T14:30:00Z, in epoch milliseconds: the first second of most tests, and of the golden files. */
export const openingBellMs = 1_767_623_400_000

export interface TickValue {
  readonly symbol: string
  readonly price: number
  readonly volume: number
  readonly timestamp: number
}

export const aTick = (change: Partial<TickValue> = {}): TickValue => ({
  symbol: 'AAPL',
  price: 150.5,
  volume: 1000,
  timestamp: openingBellMs,
  ...change,
})

/** A record as Kafka has it. `value` may be a tick, text or bytes; null is a tombstone. */
export function aRecord({
  value = aTick(),
  key = 'AAPL',
  ...change
}: Partial<Omit<KafkaRow, 'value' | 'key'>> & {
  readonly value?: TickValue | string | Buffer | null
  readonly key?: string | Buffer | null
} = {}): KafkaRow {
  return {
    topic: 'stock-ticks',
    partition: 0,
    offset: 0,
    timestamp: openingBellMs + 12,
    timestampType: 0,
    headers: [],
    ...change,
    key: bytes(key),
    value: bytes(
      typeof value === 'object' && !Buffer.isBuffer(value) && value !== null ? JSON.stringify(value) : value,
    ),
  }
}

const bytes = (value: string | Buffer | null): Buffer | null =>
  typeof value === 'string' ? Buffer.from(value, 'utf8') : value

/** Records of these values with offsets from 0 up, one partition. */
export const recordsOf = (
  values: readonly (TickValue | string | Buffer | null)[],
  change: Partial<Omit<KafkaRow, 'value' | 'key'>> = {},
): readonly KafkaRow[] => values.map((value, i) => aRecord({ value, ...change, offset: (change.offset ?? 0) + i }))

/** The event that a self-managed Kafka's mapping sends for these records. */
export const anEvent = (rows: readonly KafkaRow[]): KafkaEvent =>
  encodeKafkaEvent({ eventSource: 'SelfManagedKafka', bootstrapServers: 'localhost:9092' }, rows)

/** A sink that keeps what it was given, batch by batch. */
export function keepingSink(): Sink<object> & { readonly batches: (readonly EmittedRow<object>[])[] } {
  const batches: (readonly EmittedRow<object>[])[] = []
  return {
    batches,
    description: 'keeping',
    async write({ rows }) {
      batches.push(rows)
    },
  }
}
