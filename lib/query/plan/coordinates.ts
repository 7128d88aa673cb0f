// Where a row came from. Every row of a batch has a place in its topic, also those that a test feeds in without Kafka.

import type { KafkaRow } from '../../event/kafka-row.ts'
import type { PlanRow } from './plan.ts'

export type Coordinates = Pick<KafkaRow, 'topic' | 'partition' | 'offset' | 'timestamp' | 'timestampType'>

/** A row and its place. */
export interface LocatedRow {
  readonly row: PlanRow
  readonly at: Coordinates
}

/** `topic-partition@offset`, for messages. */
export const place = ({ topic, partition, offset }: Coordinates): string => `${topic}-${partition}@${offset}`
