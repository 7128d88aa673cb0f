// What Kafka knows of partitions at the moment they are assigned: the group's commits, where the logs begin and end, what
// stands at a time. Decides nothing (positions.ts does), and asks again for nothing.

import type { Admin } from 'kafkajs'
import type { StartingPosition } from '../settings/settings.ts'
import type { PartitionState } from './positions.ts'

/** Kafka's answer where the group has no commit. Below it stands kafkajs's mark, -2. */
const noCommit = -1

export interface PositionLookupOptions {
  readonly topic: string
  readonly consumerGroupId: string
  readonly startingPosition: StartingPosition
}

export interface PositionLookup {
  readonly lookUp: (admin: Admin, partitions: readonly number[]) => Promise<PartitionState[]>
  /** There is no topic: all its partitions are added later. */
  readonly topicMissing: () => void
}

/**
 * @throws (rejects) where the broker does not answer, or does not know a partition yet
 * @example const positions = positionLookup({ topic, consumerGroupId, startingPosition }); await positions.lookUp(admin, [0, 1])
 */
export function positionLookup({ topic, consumerGroupId, startingPosition }: PositionLookupOptions): PositionLookup {
  /** Partitions of the topic when it was first looked at; those above were added since. */
  let firstPartitionCount: number | undefined

  function topicMissing(): void {
    firstPartitionCount = 0
  }

  async function lookUp(admin: Admin, partitions: readonly number[]): Promise<PartitionState[]> {
    const [groups, ends, timestamps] = await Promise.all([
      admin.fetchOffsets({ groupId: consumerGroupId, topics: [topic] }),
      admin.fetchTopicOffsets(topic),
      startingPosition.kind === 'AT_TIMESTAMP'
        ? admin.fetchTopicOffsetsByTimestamp(topic, startingPosition.timestampMs)
        : [],
    ])
    const commits = new Map(
      groups.flatMap((found) => found.partitions).map((entry) => [entry.partition, Number(entry.offset)]),
    )
    firstPartitionCount ??= ends.length
    const known = firstPartitionCount
    const byTimestamp = new Map(timestamps.map((entry) => [entry.partition, Number(entry.offset)]))
    return partitions.map((partition) => {
      const end = ends.find((entry) => entry.partition === partition)
      if (end === undefined) throw new Error(`partition ${partition} is not in the answer`)
      const committed = commits.get(partition) ?? noCommit
      return {
        partition,
        committed: committed < 0 ? undefined : committed,
        isMarked: committed < noCommit,
        earliest: Number(end.low),
        latest: Number(end.high),
        atTimestamp: byTimestamp.get(partition),
        isAdded: partition >= known,
      }
    })
  }

  return { lookUp, topicMissing }
}
