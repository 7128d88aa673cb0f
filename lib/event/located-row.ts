// A row and where it came from. Every row of a batch has a place in its topic, also one that a test feeds in without Kafka, or
// that a codec made of a record: rows are told apart and ordered by their places.

import type { KafkaRow } from './kafka-row.ts'

export type Coordinates = Pick<KafkaRow, 'topic' | 'partition' | 'offset' | 'timestamp' | 'timestampType'>

export interface LocatedRow<Row> {
  readonly row: Row
  /** Its record's, or as if it had one. A (topic, partition, offset) is unique among the rows of a query. */
  readonly at: Coordinates
}

/** `topic-partition@offset`, for messages. */
export const place = ({ topic, partition, offset }: Pick<Coordinates, 'topic' | 'partition' | 'offset'>): string =>
  `${topic}-${partition}@${offset}`

/** Negative where `left` comes before `right` in Spark's order of rows: by partition, then by offset. */
export const compareByPlace = (
  left: Pick<Coordinates, 'partition' | 'offset'>,
  right: Pick<Coordinates, 'partition' | 'offset'>,
): number => left.partition - right.partition || left.offset - right.offset
