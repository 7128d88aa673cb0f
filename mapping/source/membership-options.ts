// What a Kafka source is given, and what its memberships of the group have in common.

import type { EventPublisher } from '../events/channel.ts'
import type { AllowedHosts } from '../safety.ts'
import type { KafkaSecurity } from '../settings/kafka-security.ts'
import type { StartingPosition } from '../settings/settings.ts'
import type { Closing } from './end-of-source.ts'
import type { PositionLookup } from './position-lookup.ts'
import type { ReadStatus } from './read-status.ts'

export interface KafkaSourceOptions {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly consumerGroupId: string
  readonly startingPosition: StartingPosition
  readonly allowed: AllowedHosts
  readonly security?: KafkaSecurity | undefined
  readonly events: EventPublisher
  /** Where discarded records go in the same Kafka: looked for at the start. */
  readonly onFailureTopic?: string | undefined
  /** kafkajs's own talk. */
  readonly debug: (text: string) => void
  /** How long Kafka waits for a heartbeat before it gives the partitions to another member. */
  readonly sessionTimeoutMs?: number
}

/** What outlasts a membership. */
export interface SharedBetweenMemberships {
  readonly closing: Closing
  readonly status: ReadStatus
  readonly positions: PositionLookup
  /** The partitions that the mapping has paused. */
  readonly paused: ReadonlySet<number>
  /** The last assignment. */
  assigned: readonly number[]
  /** Whether it was said that the group has other members. */
  areOthersTold: boolean
}
