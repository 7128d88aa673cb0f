// Something that went wrong once and may be sent again: a dead letter of a query, a batch that a mapping gave up, or an event that an
// archive kept; in one form, whatever it was read from. Pure.
import type { KafkaRow } from 'microbatch'

/** Records that are known by their places alone: they are read from their topic, while it has them. */
export interface MissingRecords {
  readonly topic: string
  readonly partition: number
  readonly first: number
  readonly last: number
}

export interface Redrivable {
  /** The same however often it is read. */
  readonly id: string
  /** Where it was read: `dead-letters.ndjson:3`. */
  readonly where: string
  /** `NOT_JSON`, `RetryAttemptsExhausted`, `archived`. */
  readonly reason: string
  /** The query of a dead letter. */
  readonly query?: string | undefined
  /** The deployed name of the function that a mapping gave up. */
  readonly functionName?: string | undefined
  readonly records: readonly KafkaRow[]
  readonly missing: readonly MissingRecords[]
  /** Why it cannot be sent again; undefined where it can. */
  readonly obstacle?: string | undefined
}

/** @example recordPlaces(item) // 'orders-1@17, orders-2@4-9' */
export function recordPlaces({ records, missing }: Pick<Redrivable, 'records' | 'missing'>): string {
  const spans = new Map<string, { first: number; last: number }>()
  for (const { topic, partition, offset } of records) {
    const key = `${topic}-${partition}`
    const span = spans.get(key)
    if (span === undefined) spans.set(key, { first: offset, last: offset })
    else span.last = offset
  }
  for (const { topic, partition, first, last } of missing) spans.set(`${topic}-${partition}`, { first, last })
  return [...spans].map(([key, { first, last }]) => `${key}@${first === last ? first : `${first}-${last}`}`).join(', ')
}
