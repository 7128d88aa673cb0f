// One try of one piece of a batch: its records to the function, the answer judged by the mapping's rules. What is to be done
// about it (commit, retry, discard) is told, not done.

import type { EventOrigin } from '../../lib/event/kafka-event.ts'
import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import type { Batch } from '../batch/batcher.ts'
import { EventPayload } from '../batch/event-payload.ts'
import type { Schedulable } from '../batch/schedule.ts'
import type { PartitionOffsets } from '../commit/offsets.ts'
import type { Metrics } from '../metrics.ts'
import { readBatchResponse } from './batch-response.ts'
import type { InvokeOutcome, Invoker } from './invoker.ts'
import { afterSetback, type Piece, type RetryRules, type Setback } from './retry.ts'

/** A piece with what its batch knows. */
export interface Work extends Piece<KafkaRow>, Schedulable {
  readonly batch: Omit<Batch<KafkaRow>, 'records' | 'partitions'>
  /** How many records of these partitions were filtered out since their last batch. */
  readonly filteredOut: number
  /** The partitions as they were held when the batch was made: if one is held anew, these records are no longer its. */
  readonly owners: ReadonlyMap<number, PartitionOffsets>
  /** Invocations that had these records, for AWS's approximateInvokeCount. */
  readonly invocations: number
}

export interface DeliveryOptions {
  readonly origin: EventOrigin
  readonly functionName: string
  readonly invoker: Invoker
  readonly rules: RetryRules & { readonly reportsItemFailures: boolean }
  readonly metrics: Metrics
  /** The invocation under way is not waited for. */
  readonly hurry: AbortSignal
}

export interface Tried {
  readonly payload: EventPayload
  readonly handled: readonly KafkaRow[]
  readonly again: ReadonlyArray<Piece<KafkaRow>>
  readonly discarded: readonly KafkaRow[]
  /** Undefined where all went well. */
  readonly trouble: string | undefined
  readonly functionError: string | undefined
  /** Whether the function had the records, as far as can be told. */
  readonly isInvoked: boolean
}

/** @example const { handled, again, discarded } = await tryOnce(work, options) */
export async function tryOnce(work: Work, options: DeliveryOptions): Promise<Tried> {
  const { rows } = work
  const payload = new EventPayload(options.origin, rows)
  const outcome = await options.invoker.invoke(options.functionName, payload, options.hurry)
  const setback = setbackOf(outcome, rows, options.rules.reportsItemFailures)
  if (setback?.kind !== 'notInvoked') options.metrics.add('InvokedEventCount', rows.length)
  if (setback === undefined)
    return {
      ...{ payload, handled: rows, again: [], discarded: [] },
      ...{ trouble: undefined, functionError: undefined, isInvoked: true },
    }

  const failed = setback.kind === 'itemFailures' ? setback.failed : rows
  options.metrics.add('FailedInvokeEventCount', failed.length)
  if (setback.kind !== 'itemFailures') options.metrics.add('InvokeErrorCount', 1)
  const failedRows = new Set(failed)
  return {
    payload,
    handled: setback.kind === 'itemFailures' ? rows.filter((row) => !failedRows.has(row)) : [],
    ...afterSetback(work, setback, options.rules),
    trouble: describe(outcome, setback),
    functionError: outcome.kind === 'functionError' ? 'Unhandled' : undefined,
    isInvoked: setback.kind !== 'notInvoked',
  }
}

type Judged = Setback<KafkaRow> & { readonly why?: string }

function setbackOf(
  outcome: InvokeOutcome,
  rows: readonly KafkaRow[],
  reportsItemFailures: boolean,
): Judged | undefined {
  switch (outcome.kind) {
    case 'functionError':
      return { kind: 'functionError' }
    case 'throttled':
    case 'unavailable':
      return { kind: 'notInvoked' }
    case 'success': {
      // Without ReportBatchItemFailures any normal return is success, whatever it says (local-mapping.md 4.1).
      if (!reportsItemFailures) return undefined
      const response = readBatchResponse(outcome.payload, rows)
      if (response.kind === 'success') return undefined
      return response.kind === 'invalid' ? { kind: 'invalidResponse', why: response.why } : response
    }
  }
}

function describe(outcome: InvokeOutcome, setback: Judged): string {
  switch (outcome.kind) {
    case 'functionError':
      return `the function failed: ${outcome.errorType}: ${outcome.message}`
    case 'throttled':
      return `throttled: ${outcome.message}`
    case 'unavailable':
      return `no answer from the Lambda endpoint: ${outcome.message}`
    case 'success':
      return setback.kind === 'itemFailures'
        ? `${setback.failed.length} reported as failed`
        : `an invalid batch response: ${setback.why ?? ''}`
  }
}
