// What a row must be beyond its schema: not from the future, and not under a key that is too long for state. A row that fails
// is set aside as a dead letter, whatever the codec's policy for bad bytes is: the query could not go on with it.

import { timestampRangeMs } from '../../decode/schema.ts'
import type { KafkaRow } from '../../event/kafka-row.ts'
import type { Coordinates } from '../../event/located-row.ts'
import type { DeadLetterReason } from '../../sink/dead-letter.ts'
import type { Plan, PlanRow } from '../plan/plan.ts'
import type { StreamingQuery } from '../plan/streaming-query.ts'

export interface Refusal {
  readonly kind: 'refused'
  readonly reason: DeadLetterReason
  readonly detail: string
}

/**
 * The future guard, for rows as they are where the watermark is defined. It looks at the watermark's column; in a query
 * without one, at every timestamp column that the codec yields. A record without a Kafka timestamp is let through, since there is
 * nothing to compare with. Without it one tick in microseconds pushes the watermark past everything for ever (Spark has no
 * such guard).
 */
export function futureGuard(query: StreamingQuery): (row: PlanRow, at: Coordinates) => Refusal | null {
  const { maxFutureMs, plan } = query
  const columns = guardedColumns(plan)
  if (columns.length === 0) return () => null
  return (row, { timestamp, timestampType }) => {
    for (const name of columns) {
      const eventTime = row[name]
      if (typeof eventTime !== 'number') continue
      if (!isInCalendar(eventTime)) {
        return { kind: 'refused', reason: 'EVENT_TIME_INVALID', detail: `column ${name}: ${eventTime}` }
      }
      if (maxFutureMs === null || timestampType === -1 || eventTime - timestamp <= maxFutureMs) continue
      const ahead = `${eventTime - timestamp} ms after the record's timestamp ${timestamp}; allowed: ${maxFutureMs} ms`
      return { kind: 'refused', reason: 'FROM_THE_FUTURE', detail: `column ${name}: ${eventTime} is ${ahead}` }
    }
    return null
  }
}

/** A codec's timestamps are; one that a function made may be anything. */
const isInCalendar = (epochMs: number): boolean =>
  Number.isInteger(epochMs) && epochMs >= timestampRangeMs.min && epochMs <= timestampRangeMs.max

function guardedColumns({ source, watermark }: Plan): readonly string[] {
  if (watermark !== null) return [watermark.column]
  if (source.kind !== 'kafka' || source.decode === null) return []
  const { columns } = source.decode.codec.schema
  return Array.from(columns).flatMap(([name, { kind }]) => (kind === 'timestamp' ? [name] : []))
}

/**
 * The guard of `keyedBy`, for rows as they are decoded: a record under another key may be in another partition, where its
 * group would be found a second time.
 */
export function keyedGuard({ plan: { source } }: StreamingQuery): (row: PlanRow, record: KafkaRow) => Refusal | null {
  if (source.kind !== 'kafka' || source.keyedBy === null) return () => null
  const column = source.keyedBy
  return (row, { key }) => {
    const value = row[column]
    const text = value === null || value === undefined ? null : String(value)
    if ((key?.toString('utf8') ?? null) === text) return null
    const there = key === null ? 'no key' : `the key ${JSON.stringify(key.toString('utf8').slice(0, 80))}`
    const detail = `keyedBy: column ${column} is ${JSON.stringify(text?.slice(0, 80) ?? null)}, the record has ${there}`
    return { kind: 'refused', reason: 'NOT_KEYED', detail }
  }
}

/** Text or bytes of one grouping column. Every image of a group in the log has its key in it, and is 350 kB at most. */
const maxKeyLength = 16_384

/** The guard of keys, for rows as they are grouped: one record with a key of megabytes must not stop a query for ever. */
export function keyGuard({ plan }: StreamingQuery): (row: PlanRow) => Refusal | null {
  const keys = plan.aggregation?.keys ?? []
  return (row) => {
    for (const name of keys) {
      const value = row[name]
      const length = typeof value === 'string' || value instanceof Uint8Array ? value.length : 0
      if (length <= maxKeyLength) continue
      return { kind: 'refused', reason: 'KEY_TOO_LONG', detail: `column ${name}: ${length}, allowed: ${maxKeyLength}` }
    }
    return null
  }
}
