// A codec turns the bytes of one record into a row, or into the reason why there is none. A bad record is a value here,
// never an exception: what becomes of it is the policy's business, carried out where the batch is known (lib/query).

import type { Schema } from './schema.ts'

/**
 * What to do with a record that cannot be decoded: `deadLetter` sets it aside with its coordinates and its bytes;
 * `null` is Spark's PERMISSIVE mode; `drop` counts it and goes on; `fail` is Spark's FAILFAST: the batch fails.
 */
export type MalformedPolicy = 'deadLetter' | 'null' | 'drop' | 'fail'

/** Why a record is bad. The words stand in dead letters and logs, so they do not change. */
export type MalformedReason = 'TOMBSTONE' | 'EMPTY' | 'NOT_UTF8' | 'NOT_JSON' | 'WRONG_SHAPE'

export interface Malformed {
  readonly kind: 'malformed'
  readonly reason: MalformedReason
  /** For people: the column and what stood there. May hold text of the record. */
  readonly detail: string
}

export type Decoded<Row> = { readonly kind: 'row'; readonly row: Row } | Malformed

export interface Codec<Row> {
  readonly schema: Schema<Row>
  readonly malformed: MalformedPolicy
  decode(value: Buffer | null): Decoded<Row>
}

export const malformed = (reason: MalformedReason, detail: string): Malformed => ({ kind: 'malformed', reason, detail })
