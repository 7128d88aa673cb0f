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
      const message = groupTrouble(error) ?? messageOf(error)
      events.publish({ kind: 'readFailed', step, brokers, message, isUnreachable: isConnectionTrouble(error) })
    },
    reading: () => {
      if (!hasFailed) return
      hasFailed = false
      events.publish({ kind: 'readResumed' })
    },
  }
}

/** A group that this client cannot share: its members divide partitions in another way, or by a protocol that it does not speak. */
function groupTrouble(error: unknown): string | undefined {
  const type: unknown = error instanceof Error ? Reflect.get(error, 'type') : undefined
  if (type === 'INCONSISTENT_GROUP_PROTOCOL')
    return (
      'the other members of the consumer group divide partitions in a way that is not offered here (range, roundrobin and ' +
      "kafkajs's are): let them have partition.assignment.strategy=range as well and group.protocol=classic, or take a " +
      'consumerGroupId of its own'
    )
  return error instanceof Error && error.cause !== undefined ? groupTrouble(error.cause) : undefined
}
