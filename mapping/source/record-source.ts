// The port through which a mapping reads a topic as a member of a consumer group. An implementation keeps the membership
// alive, waits for brokers that are down and topics that are missing, and never commits by itself.

import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import type { StartOffset } from './positions.ts'

export interface Assignment {
  readonly partition: number
  /** The group's commit; undefined where it has none. */
  readonly committed: number | undefined
  /** The client has answered an offset out of range with a mark of its own in the place of the commit. */
  readonly isMarked: boolean
  readonly start: StartOffset
}

/** What a source tells its mapping. All calls are synchronous and in the order things happened. */
export interface SourceListener {
  /**
   * A partition is assigned: answers the offset to read from. Called again for those kept through a rebalance. Between `revoked`
   * and `joined` nothing is committed: what is told here was read in between.
   */
  assigned(assignment: Assignment): number
  /** All assigned calls of one (re)joining of the group are made. */
  joined(): void
  /** A (re)joining begins: these partitions, or none, may be another member's from now on. */
  revoked(partitions: readonly number[]): void
  /** The topic does not exist: nothing that is known of its partitions applies to one that is made later. */
  topicMissing(): void
  /**
   * Records in offset order, and where reading goes on: past the last one, and past what Kafka filtered after it.
   * @param endOffset the end of the partition's log, as far as known
   */
  records(partition: number, rows: readonly KafkaRow[], nextOffset: number, endOffset: number): void
}

export interface RecordSource {
  start(listener: SourceListener): void
  /** Stops handing over records of a partition until `resume`; what is fetched in between is fetched again. */
  pause(partition: number): void
  resume(partition: number): void
  /** @throws where the broker did not take it: down, rebalancing, no longer a member */
  commit(offsets: ReadonlyMap<number, number>): Promise<void>
  /**
   * Where the topic's logs begin now, by partition.
   * @throws where the broker does not say
   */
  logStarts(): Promise<ReadonlyMap<number, number>>
  /** Leaves the group and joins it again, where the source is a member of one. */
  rejoin?(): void
  close(): Promise<void>
}
