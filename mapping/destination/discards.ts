// Records that a mapping gives up: to its on-failure destination, or nowhere; either way they count as processed afterwards,
// and an event names their offsets (local-mapping.md 4.4 to 4.6).

import { randomUUID } from 'node:crypto'
import type { EventOrigin } from '../../lib/event/kafka-event.ts'
import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import type { EventPublisher } from '../events/channel.ts'
import { RecordList } from '../events/record-list.ts'
import type { Destination } from './destination.ts'
import type { Condition } from './failure-record.ts'
import { UndeliveredError } from './undelivered-error.ts'

export interface DiscardOptions {
  readonly origin: EventOrigin
  /** For failure records. */
  readonly functionArn: string
  /** Without one, records are dropped. */
  readonly destination: Destination | undefined
  readonly events: EventPublisher
  /** Epoch milliseconds. */
  readonly epochMs: () => number
}

export interface Reason {
  readonly condition: Condition
  /** Invocations that had these records. */
  readonly invokeCount: number
  readonly functionError: string | undefined
}

/** Resolves always: what a destination does not take is dropped, as AWS counts it. */
export async function discard(rows: readonly KafkaRow[], reason: Reason, options: DiscardOptions): Promise<void> {
  const { destination, events, origin, functionArn } = options
  const discarded = {
    kind: 'discarded',
    records: new RecordList(rows),
    condition: reason.condition,
    destination: destination?.name,
  } as const
  if (destination === undefined) {
    events.publish({ ...discarded, droppedCount: rows.length, error: undefined })
    return
  }
  try {
    const atMs = options.epochMs()
    await destination.send({ ...reason, origin, rows, functionArn, atMs, requestId: randomUUID() })
    events.publish({ ...discarded, droppedCount: 0, error: undefined })
  } catch (error) {
    const droppedCount = error instanceof UndeliveredError ? error.count : rows.length
    events.publish({ ...discarded, droppedCount, error: String(error) })
  }
}
