// Topics of a test's own, ready to be used. kafkajs's own waiting for leaders gives up at the first broker that has not heard
// of the topic yet, which on a busy machine it may not have.
import type { Admin, ITopicConfig } from 'kafkajs'
import { expect, vi } from 'vitest'

export async function createTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics, waitForLeaders: false })
  const names = topics.map(({ topic }) => topic)
  await vi.waitFor(
    async () => {
      const found = await admin.fetchTopicMetadata({ topics: names })
      expect(found.topics.flatMap(({ partitions }) => partitions).every(({ leader }) => leader >= 0)).toBe(true)
    },
    { timeout: 30_000, interval: 50 },
  )
}
