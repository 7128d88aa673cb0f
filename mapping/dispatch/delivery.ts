// One attempt at a pending invocation from begin to end: records that were revoked or have expired are left out, the others go to
// the function, and those that it handled or that are given up count as processed. Says what is left to be tried again.

import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import { EventPayload } from '../batch/event-payload.ts'
import { markHandled, type PartitionOffsets } from '../commit/offsets.ts'
import { type DiscardOptions, discard } from '../destination/discards.ts'
import type { InvocationFailure } from '../events/mapping-event.ts'
import { RecordList } from '../events/record-list.ts'
import { backoffMs } from '../retry/backoff.ts'
import { splitExpired } from '../retry/expiry.ts'
import * as limits from '../settings/limits.ts'
import type { MappingSettings } from '../settings/settings.ts'
import { type FailedInvocation, type InvocationOptions, invoke } from './invocation.ts'
import { type PendingInvocation, retryOf, sentBatch, stillAssigned } from './pending-invocation.ts'

export interface DeliveryOptions extends Omit<InvocationOptions, 'rules'>, DiscardOptions {
  readonly settings: MappingSettings
  /** The partitions that are assigned now. */
  readonly assigned: ReadonlyMap<number, PartitionOffsets>
  /** Where the topic's logs begin, by partition. */
  readonly logStarts: () => Promise<ReadonlyMap<number, number>>
  /** No further attempt is begun. */
  readonly stopping: AbortSignal
  /** Monotonic milliseconds. */
  readonly nowMs: () => number
  /** In [0, 1). */
  readonly random: () => number
}

export interface Delivered {
  /** The records to be tried again, in order. */
  readonly retries: readonly PendingInvocation[]
  readonly failure: InvocationFailure | undefined
}

/** @example const { retries } = await deliver(pending, options) */
export async function deliver(pending: PendingInvocation, options: DeliveryOptions): Promise<Delivered> {
  const { settings, nowMs, origin, events } = options
  const rows = await withoutExpired(stillAssigned(pending, options.assigned), pending, options)
  if (rows.length === 0) return { retries: [], failure: undefined }
  const payload = new EventPayload(origin, rows)
  const sent = { ...sentBatch(pending, rows), attempt: pending.attempts + 1 }
  events.publish({ kind: 'invocationStarted', payload, ...sent })
  const [startedAtMs, beganMs] = [options.epochMs(), nowMs()]
  const { handled, failed, answer } = await invoke({ ...pending, rows }, payload, { ...options, rules: settings })
  const answered = { ...sent, payload, answer, startedAtMs, durationMs: nowMs() - beganMs }

  markHandled(handled, pending.owners)
  const invocations = pending.invocations + (failed?.isInvoked === false ? 0 : 1)
  const retries = failed?.retries.map((part) => later({ ...pending, invocations }, part, options)) ?? []
  if (failed === undefined) events.publish({ kind: 'invocationSucceeded', ...answered })
  else events.publish({ kind: 'invocationFailed', ...answered, ...failureOf(failed, retries, options) })
  if (handled.length > 0) {
    const handledPayload = handled === rows ? payload : new EventPayload(origin, handled)
    events.publish({ kind: 'handled', payload: handledPayload })
  }
  if (failed !== undefined && failed.discarded.length > 0) {
    const { discarded, functionError } = failed
    await discard(discarded, { condition: 'RetryAttemptsExhausted', invokeCount: invocations, functionError }, options)
    markHandled(discarded, pending.owners)
  }
  return { retries, failure: failed?.kind }
}

/** The same or a part of it, after its backoff. */
export function later(
  pending: PendingInvocation,
  part: Parameters<typeof retryOf>[1],
  { nowMs, random }: Pick<DeliveryOptions, 'nowMs' | 'random'>,
): PendingInvocation {
  return retryOf(pending, part, nowMs() + backoffMs(part.failuresInARow, random()))
}

function failureOf(failed: FailedInvocation, retries: readonly PendingInvocation[], options: DeliveryOptions) {
  const nowMs = options.nowMs()
  return {
    failure: failed.kind,
    message: failed.message,
    failedCount: failed.failed.length,
    failed: new RecordList(failed.failed),
    retries: retries.map(({ rows, dueAtMs }) => ({ records: new RecordList(rows), delayMs: dueAtMs - nowMs })),
    discardedCount: failed.discarded.length,
    isStopping: options.stopping.aborted,
  }
}

async function withoutExpired(
  rows: readonly KafkaRow[],
  pending: PendingInvocation,
  options: DeliveryOptions,
): Promise<readonly KafkaRow[]> {
  const { settings, epochMs, events } = options
  const logStarts = await knownLogStarts(pending, options)
  const { expired, left, why } = splitExpired(rows, { ...settings, nowEpochMs: epochMs(), logStarts })
  if (expired.length === 0) return rows
  events.publish({ kind: 'expired', records: new RecordList(expired), message: why })
  const { invocations } = pending
  await discard(
    expired,
    { condition: 'RecordAgeExceeded', invokeCount: invocations, functionError: undefined },
    options,
  )
  markHandled(expired, pending.owners)
  return left
}

/** For a batch that has failed for long; none where Kafka does not say. */
async function knownLogStarts(
  { failuresInARow }: PendingInvocation,
  { logStarts, events }: DeliveryOptions,
): Promise<ReadonlyMap<number, number>> {
  if (failuresInARow < limits.failuresBeforeExpiryIsLookedFor) return new Map()
  try {
    return await logStarts()
  } catch (error) {
    events.publish({ kind: 'logStartsUnknown', message: String(error) })
    return new Map()
  }
}
