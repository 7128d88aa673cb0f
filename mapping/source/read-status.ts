// What a source tells of its connection: kafkajs reports each request and each lost connection, of which only changes are events.

import { messageOf } from '../error.ts'
import type { EventPublisher } from '../events/channel.ts'
import { isConnectionTrouble } from './kafka-clients.ts'

export interface ReadStatus {
  /** Kafka has answered, or cannot be reached; said once until the other is. */
  readonly answered: () => void
  readonly unreachable: () => void
  /** Reading, or looking up positions, failed. */
  readonly failed: (step: 'records' | 'positions', error: unknown) => void
  /** Records are read. */
  readonly reading: () => void
}

/** @example const status = readStatus(['localhost:9092'], events); status.unreachable() */
export function readStatus(brokers: readonly string[], events: EventPublisher): ReadStatus {
  let isUnreachable = false
  let hasFailed = false
  return {
    answered: () => {
      if (!isUnreachable) return
      isUnreachable = false
      events.publish({ kind: 'kafkaReachable', brokers })
    },
    unreachable: () => {
      if (isUnreachable) return
      isUnreachable = true
      events.publish({ kind: 'kafkaUnreachable', brokers })
    },
    failed: (step, error) => {
      hasFailed = true
      const message = messageOf(error)
      events.publish({ kind: 'readFailed', step, brokers, message, isUnreachable: isConnectionTrouble(error) })
    },
    reading: () => {
      if (!hasFailed) return
      hasFailed = false
      events.publish({ kind: 'readResumed' })
    },
  }
}
