// An invocation that is to be made: a batch that closed, or what a failure left of one, with when it is due and whose its partitions
// were when the batch closed. Pure data and how it is made.

import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import type { Batch } from '../batch/batcher.ts'
import type { PartitionOffsets } from '../commit/offsets.ts'
import type { SentBatch } from '../events/mapping-event.ts'
import { RecordList } from '../events/record-list.ts'
import type { BatchPart } from '../retry/retry.ts'
import type { Schedulable } from './schedule.ts'

type Assigned = ReadonlyMap<number, PartitionOffsets>

export interface PendingInvocation extends BatchPart<KafkaRow>, Schedulable {
  readonly batch: Omit<SentBatch, 'records'>
  /** The partitions as they were assigned when the batch closed: where one was assigned anew, these records are no longer its. */
  readonly owners: Assigned
  /** Attempts before this one. */
  readonly attempts: number
  /** Those of them that reached the function, for AWS's approximateInvokeCount. */
  readonly invocations: number
}

/**
 * @param filteredOut records of the batch's partitions that the filter took out since their last batch
 * @example schedule.add(pendingInvocation(batch, assigned, 0, nowMs))
 */
export function pendingInvocation(
  { records, partitions, reason, payloadBytes }: Batch<KafkaRow>,
  assigned: Assigned,
  filteredOut: number,
  nowMs: number,
): PendingInvocation {
  const owners = new Map<number, PartitionOffsets>()
  for (const partition of partitions) {
    const offsets = assigned.get(partition)
    if (offsets !== undefined) owners.set(partition, offsets)
  }
  const fresh = { countedFailures: 0, failuresInARow: 0, attempts: 0, invocations: 0, dueAtMs: nowMs }
  return { rows: records, partitions, batch: { reason, payloadBytes, filteredOut }, owners, ...fresh }
}

/** The invocation that comes after a failed one, with what was left of its records. */
export function retryOf(
  pending: PendingInvocation,
  { rows, countedFailures, failuresInARow }: BatchPart<KafkaRow>,
  dueAtMs: number,
): PendingInvocation {
  return {
    ...pending,
    ...{ rows, countedFailures, failuresInARow, dueAtMs },
    attempts: pending.attempts + 1,
    partitions: rows === pending.rows ? pending.partitions : [...new Set(rows.map(({ partition }) => partition))],
  }
}

/** Its records of partitions that were not revoked since: those of another member's are no longer this mapping's to send. */
export function stillAssigned(
  { rows, partitions, owners }: PendingInvocation,
  assigned: Assigned,
): readonly KafkaRow[] {
  const isAssigned = (partition: number) => assigned.get(partition) === owners.get(partition)
  return partitions.every(isAssigned) ? rows : rows.filter(({ partition }) => isAssigned(partition))
}

/** Some records of it, as its events name them. */
export const sentBatch = ({ batch }: PendingInvocation, rows: readonly KafkaRow[]): SentBatch => ({
  ...batch,
  records: new RecordList(rows),
})
