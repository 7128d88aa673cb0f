// A row and where it came from. Every row of a batch has a place in its topic, also one that a test feeds in without Kafka, or
// that a codec made of a record: rows are told apart and ordered by their places.

import { type KafkaRow, recordId } from './kafka-row.ts'

export interface Coordinates extends Pick<KafkaRow, 'topic' | 'partition' | 'offset' | 'timestamp' | 'timestampType'> {
  /** Which row of its record, from 0 up, where a record can be several rows; left out where it is one at the most. */
  readonly index?: number
}

export interface LocatedRow<Row> {
  readonly row: Row
  /** Its record's, or as if it had one. A (topic, partition, offset, index) is unique among the rows of a query. */
  readonly at: Coordinates
  /** The stage of the plan that it comes in at, where that joins rows of several sources and this is one of its right side. */
  readonly joinedAt?: number
}

/**
 * A row and its place. V8 puts what an object literal makes among the old objects at once when nearly all that it made outlived one
 * collection (allocation site pretenuring), and there the dead rows of each batch hold their records until everything is collected.
 * It does not do so with what a class makes, so everything that there is one of for each row or group of a batch is of a class
 * (docs/decisions/short-lived-objects.md).
 */
export class RowInPlace<Row> implements LocatedRow<Row> {
  declare readonly row: Row
  declare readonly at: Coordinates

  constructor(row: Row, at: Coordinates) {
    this.row = row
    this.at = at
  }
}

/**
 * The coordinates alone: of what has them, a record's bytes are often those of all that was fetched with it.
 * @param index in place of its own
 */
export function coordinatesOf(at: Coordinates, index = at.index): Coordinates {
  const { topic, partition, offset, timestamp, timestampType } = at
  if (index === undefined) return { topic, partition, offset, timestamp, timestampType }
  return { topic, partition, offset, timestamp, timestampType, index }
}

/** The place of a row that comes from no record. */
export const nowhere: Coordinates = { topic: '', partition: 0, offset: 0, timestamp: 0, timestampType: -1 }

type Place = Pick<Coordinates, 'topic' | 'partition' | 'offset' | 'index'>

/**
 * The id of a row: its record's, and where a record can be several rows, its number among them.
 * @example rowId({ topic: 'ticks', partition: 0, offset: 7, index: 2 }) // 'ticks-0-7#2'
 */
export const rowId = (at: Place): string => `${recordId(at)}${numberOf(at)}`

/** `topic-partition@offset`, for messages; with the number of the row where its record can be several. */
export const place = (at: Place): string => `${at.topic}-${at.partition}@${at.offset}${numberOf(at)}`

const numberOf = ({ index }: Place): string => (index === undefined ? '' : `#${index}`)

/** What rows are ordered by. The topic is there where a query reads several. */
export interface RowOrder {
  readonly partition: number
  readonly offset: number
  readonly index?: number | null
  readonly topic?: string | null
}

/**
 * Negative where `left` comes before `right` in Spark's order of rows: by partition, then by offset, then in the order of the
 * record. Rows of two topics at one place, which Spark does not order, go by the names of their topics.
 */
export const compareByPlace = (left: RowOrder, right: RowOrder): number =>
  left.partition - right.partition ||
  left.offset - right.offset ||
  (left.index ?? 0) - (right.index ?? 0) ||
  compareTexts(left.topic ?? '', right.topic ?? '')

const compareTexts = (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1)
