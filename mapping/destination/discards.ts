// Records that a mapping gives up: to its on-failure destination, or nowhere; either way they count as processed afterwards,
// and a line names their offsets (local-mapping.md 4.4 to 4.6).

import { randomUUID } from 'node:crypto'
import type { EventOrigin } from '../../lib/event/kafka-event.ts'
import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import { type Log, nameOf } from '../journal.ts'
import type { Metrics } from '../metrics.ts'
import type { Destination } from './destination.ts'
import type { Condition } from './failure-record.ts'
import { UndeliveredError } from './undelivered.ts'

export interface DiscardOptions {
  readonly settings: { readonly functionKey: string; readonly topic: string }
  readonly origin: EventOrigin
  readonly functionArn: string
  /** Without one, records are dropped. */
  readonly destination: Destination | undefined
  readonly log: Log
  readonly metrics: Metrics
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
  const { destination, log, metrics, origin, functionArn, settings } = options
  const name = nameOf(settings, rows)
  if (destination === undefined) {
    log.error(`${name}: dropped (${reason.condition}), as AWS does without an on-failure destination`)
    metrics.add('DroppedEventCount', rows.length)
    return
  }
  try {
    const atMs = options.epochMs()
    await destination.send({ ...reason, origin, rows, functionArn, atMs, requestId: randomUUID() })
    metrics.add('OnFailureDestinationDeliveredEventCount', rows.length)
    log.warning(`${name}: ${reason.condition}, to ${destination.name}`)
  } catch (error) {
    const dropped = error instanceof UndeliveredError ? error.count : rows.length
    metrics.add('OnFailureDestinationDeliveryErrorCount', 1)
    metrics.add('DestinationDeliveryFailures', 1)
    metrics.add('DroppedEventCount', dropped)
    metrics.add('OnFailureDestinationDeliveredEventCount', rows.length - dropped)
    log.error(`${name}: dropped (${reason.condition}); ${destination.name} did not take it: ${String(error)}`)
  }
}
