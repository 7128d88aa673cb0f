// How far a consumer group is behind its topic, partition by partition.
import type { Admin } from 'kafkajs'
import { requireTopic } from './topics.ts'

export interface PartitionLag {
  readonly partition: number
  /** The offset that is read next; undefined where the group has committed none. */
  readonly committed: number | undefined
  /** The offset that the next record gets. */
  readonly end: number
  /** Records that are there and not committed. Without a commit: all of them. */
  readonly lag: number
}

/** @example (await consumerLag(admin, 'demo-dev-totals-orders', 'orders'))[0]?.lag // 12 */
export async function consumerLag(admin: Admin, groupId: string, topic: string): Promise<readonly PartitionLag[]> {
  await requireTopic(admin, topic)
  const [ends, groups] = await Promise.all([
    admin.fetchTopicOffsets(topic),
    admin.fetchOffsets({ groupId, topics: [topic] }),
  ])
  const commits = new Map(groups.flatMap(({ partitions }) => partitions).map((it) => [it.partition, Number(it.offset)]))
  return ends
    .map(({ partition, low, high }) => {
      const offset = commits.get(partition) ?? -1 // so Kafka says that there is no commit
      const end = Number(high)
      const committed = offset < 0 ? undefined : offset
      return { partition, committed, end, lag: Math.max(0, end - Math.max(committed ?? 0, Number(low))) }
    })
    .sort((left, right) => left.partition - right.partition)
}
