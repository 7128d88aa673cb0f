// What a mapping's source hands over, collected until a condition holds.
import { randomUUID } from 'node:crypto'
import { vi } from 'vitest'
import type { KafkaRow } from '../../../lib/event/kafka-row.ts'
import { noRemoteHosts } from '../../../mapping/safety.ts'
import type { KafkaSecurity } from '../../../mapping/settings/kafka-security.ts'
import { kafkaSource } from '../../../mapping/source/kafka-source.ts'
import { eventsInto, memoryLog } from '../../mapping/builders.ts'

export interface Reading {
  readonly rows: readonly KafkaRow[]
  /** Where reading of partition 0 goes on. */
  readonly position: number
  readonly lines: readonly string[]
}

/** Reads a topic from its beginning until `check` no longer throws, then leaves the group. */
export async function read(
  brokers: readonly string[],
  topic: string,
  check: (reading: Reading) => void,
  security: KafkaSecurity = {},
): Promise<Reading> {
  const log = memoryLog()
  const rows: KafkaRow[] = []
  let position = 0
  const consumerGroupId = `g-${randomUUID()}`
  const source = kafkaSource({
    brokers,
    topic,
    consumerGroupId,
    startingPosition: { kind: 'TRIM_HORIZON' },
    allowed: noRemoteHosts,
    security,
    events: eventsInto(log, { functionKey: 'read', topic, consumerGroupId }),
    debug: log.debug,
  })
  const reading = (): Reading => ({ rows, position, lines: log.lines })
  source.start({
    assigned: ({ start }) => start.offset,
    joined: () => undefined,
    revoked: () => undefined,
    topicMissing: () => undefined,
    records: (_partition, received, nextOffset) => {
      rows.push(...received)
      position = nextOffset
    },
  })
  try {
    await vi.waitFor(() => check(reading()), { timeout: 20_000, interval: 20 })
    return reading()
  } finally {
    await source.close()
  }
}
