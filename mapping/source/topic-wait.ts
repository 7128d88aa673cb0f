// A topic that does not exist yet: told once and waited for, as long as the source is open.

import type { Admin } from 'kafkajs'
import type { KafkaSourceOptions, SharedBetweenMemberships } from './membership-options.ts'
import type { SourceListener } from './record-source.ts'

const topicPollMs = 1_000

/**
 * @returns whether it exists; false where the source closes first
 * @throws (rejects) where Kafka does not answer
 */
export async function topicExists(
  admin: Admin,
  {
    topic,
    brokers,
    events,
    onFailureTopic,
  }: Pick<KafkaSourceOptions, 'topic' | 'brokers' | 'events' | 'onFailureTopic'>,
  { closing, status, positions }: Pick<SharedBetweenMemberships, 'closing' | 'status' | 'positions'>,
  listener: Pick<SourceListener, 'topicMissing'>,
): Promise<boolean> {
  let isMissing = false
  while (!closing.hasBegun) {
    const topics = await closing.or(admin.listTopics())
    status.answered()
    if (topics.includes(topic)) {
      if (onFailureTopic !== undefined && !topics.includes(onFailureTopic))
        events.publish({ kind: 'destinationMissing', topic: onFailureTopic, brokers })
      if (isMissing) events.publish({ kind: 'topicFound', brokers })
      return true
    }
    if (!isMissing) {
      events.publish({ kind: 'topicMissing', brokers })
      listener.topicMissing()
    }
    isMissing = true
    positions.topicMissing()
    await closing.sleep(topicPollMs)
  }
  return false
}
