// Topics of a test's own, ready to be written to. A broker names the leader of a partition before it has opened its log; a
// producer that comes in between sends again, and kafkajs then sends what was taken already as well.
import type { Admin, ITopicConfig } from 'kafkajs'
import { expect, vi } from 'vitest'

export async function createTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics, waitForLeaders: false })
  for (const { topic, numPartitions = 1 } of topics) {
    // asks the leader of each partition for its log's end
    const isOpen = async () => expect(await admin.fetchTopicOffsets(topic)).toHaveLength(numPartitions)
    await vi.waitFor(isOpen, { timeout: 30_000, interval: 50 })
  }
}
