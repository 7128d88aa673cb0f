// One batch to its function: the same records, in the same order, until an invocation succeeds. Function errors, throttles
// and an endpoint that is away are all waited out without limit (AWS's default); what gives up is only a mapping that stops.

import { setTimeout as delay } from 'node:timers/promises'
import { encodeKafkaEvent } from '../../lib/event/encode.ts'
import type { EventOrigin, KafkaEvent } from '../../lib/event/kafka-event.ts'
import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import type { InvokeOutcome, Invoker } from '../invoke/invoker.ts'
import type { Batch } from './batcher.ts'
import { batchLine, type Log, type Span } from './journal.ts'
import { backoffMs } from './retry.ts'

export interface DeliveryOptions {
  readonly origin: EventOrigin
  readonly functionKey: string
  readonly functionName: string
  readonly topic: string
  readonly invoker: Invoker
  readonly log: Log
  readonly nowMs: () => number
  readonly random: () => number
  /** False for records of a partition that went to another member: they are no longer this mapping's to send. */
  readonly isHeld: (row: KafkaRow) => boolean
  /** No further try is begun. */
  readonly stopping: AbortSignal
  /** The invocation under way is not waited for. */
  readonly hurry: AbortSignal
}

/** What was handled, and the event it was handled in; undefined where the batch was given up. */
export type Delivered = { readonly rows: readonly KafkaRow[]; readonly event: KafkaEvent } | undefined

/** @example const delivered = await deliver(batch, options); if (delivered !== undefined) commit(delivered.rows) */
export async function deliver(batch: Batch<KafkaRow>, options: DeliveryOptions): Promise<Delivered> {
  let rows = batch.records
  let event = encodeKafkaEvent(options.origin, rows)
  for (let attempt = 1; !options.stopping.aborted; attempt += 1) {
    const held = rows.filter(options.isHeld)
    if (held.length < rows.length) {
      rows = held
      event = encodeKafkaEvent(options.origin, rows)
    }
    if (rows.length === 0) return undefined

    const startedAtMs = options.nowMs()
    const outcome = await options.invoker.invoke(options.functionName, event, options.hurry)
    const line = (text: string): string =>
      batchLine({
        functionKey: options.functionKey,
        topic: options.topic,
        spans: spansOf(rows),
        reason: batch.reason,
        payloadBytes: batch.payloadBytes,
        durationMs: options.nowMs() - startedAtMs,
        outcome: text,
      })
    if (outcome.kind === 'success') {
      options.log.info(line('ok'))
      return { rows, event }
    }
    if (options.stopping.aborted) {
      options.log.warning(line(`${describe(outcome)}; stopping, not committed`))
      return undefined
    }
    const waitMs = backoffMs(attempt, options.random())
    options.log.warning(line(`${describe(outcome)}; the same records again in ${(waitMs / 1000).toFixed(1)} s`))
    await waited(waitMs, options.stopping)
  }
  return undefined
}

/** Waits, or stops waiting when aborted; the caller looks at the signal. */
async function waited(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function describe(outcome: Exclude<InvokeOutcome, { kind: 'success' }>): string {
  switch (outcome.kind) {
    case 'functionError':
      return `the function failed: ${outcome.errorType}: ${outcome.message}`
    case 'throttled':
      return `throttled: ${outcome.message}`
    case 'unavailable':
      return `no answer from the Lambda endpoint: ${outcome.message}`
  }
}

/** The offsets of a batch by partition, in the order of the event. */
export function spansOf(rows: readonly KafkaRow[]): readonly Span[] {
  const spans = new Map<number, Span>()
  for (const { partition, offset } of rows) {
    const span = spans.get(partition)
    spans.set(partition, {
      partition,
      first: span?.first ?? offset,
      last: offset,
      count: (span?.count ?? 0) + 1,
    })
  }
  return [...spans.values()]
}
