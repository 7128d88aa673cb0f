// One invocation: records to the function, and its answer judged by the mapping's rules. What is to be done about it (commit,
// retry, discard) is answered, not done.

import type { KafkaRow } from '../../lib/event/kafka-row.ts'
import type { EventPayload } from '../batch/event-payload.ts'
import type { InvocationFailure } from '../events/mapping-event.ts'
import type { InvokeOutcome, Invoker } from '../invoke/invoker.ts'
import { readBatchResponse } from '../retry/batch-response.ts'
import { type AfterFailure, afterFailure, type BatchPart, type Failure, type RetryRules } from '../retry/retry.ts'

export interface InvocationOptions {
  readonly functionName: string
  readonly invoker: Invoker
  readonly rules: RetryRules & { readonly reportsItemFailures: boolean }
  /** Aborts the invocation in flight: nobody waits for its answer. */
  readonly abort: AbortSignal
}

export interface FailedInvocation extends AfterFailure<KafkaRow> {
  readonly kind: InvocationFailure
  readonly message: string
  readonly failed: readonly KafkaRow[]
  /** The word of AWS's failure record for it; undefined where the function did not fail as a whole. */
  readonly functionError: string | undefined
  /** Whether the function had the records, as far as can be told. */
  readonly isInvoked: boolean
}

export interface InvocationResult {
  readonly handled: readonly KafkaRow[]
  readonly failed: FailedInvocation | undefined
  /** What the function returned, as JSON; empty where it did not. */
  readonly answer: string
}

/** @example const { handled, failed } = await invoke(part, new EventPayload(origin, part.rows), options) */
export async function invoke(
  part: BatchPart<KafkaRow>,
  payload: EventPayload,
  options: InvocationOptions,
): Promise<InvocationResult> {
  const { rows } = part
  const outcome = await options.invoker.invoke(options.functionName, payload, options.abort)
  const judged = judge(outcome, rows, options.rules.reportsItemFailures)
  const answer = outcome.kind === 'success' ? outcome.payload : ''
  if (judged === undefined) return { handled: rows, failed: undefined, answer }
  const { kind, message, failure } = judged
  const failedRows = failure.kind === 'itemFailures' ? failure.failed : rows
  const unhandled = new Set(failedRows)
  return {
    handled: failure.kind === 'itemFailures' ? rows.filter((row) => !unhandled.has(row)) : [],
    failed: {
      ...{ kind, message, failed: failedRows },
      ...afterFailure(part, failure, options.rules),
      functionError: kind === 'functionError' ? 'Unhandled' : undefined,
      isInvoked: failure.kind !== 'notInvoked',
    },
    answer,
  }
}

interface Judged {
  readonly kind: InvocationFailure
  readonly message: string
  readonly failure: Failure<KafkaRow>
}

/** @returns undefined where all records are handled */
function judge(outcome: InvokeOutcome, rows: readonly KafkaRow[], reportsItemFailures: boolean): Judged | undefined {
  const { kind } = outcome
  switch (kind) {
    case 'functionError':
      return { kind, message: `the function failed: ${outcome.errorType}: ${outcome.message}`, failure: { kind } }
    case 'throttled':
      return { kind, message: `throttled: ${outcome.message}`, failure: { kind: 'notInvoked' } }
    case 'unavailable':
      return {
        kind,
        message: `no answer from the Lambda endpoint: ${outcome.message}`,
        failure: { kind: 'notInvoked' },
      }
    case 'success':
      // Without ReportBatchItemFailures any normal return is success, whatever it says (local-mapping.md 4.1).
      return reportsItemFailures ? judgeResponse(outcome.payload, rows) : undefined
  }
}

function judgeResponse(payload: string, rows: readonly KafkaRow[]): Judged | undefined {
  const response = readBatchResponse(payload, rows)
  switch (response.kind) {
    case 'success':
      return undefined
    case 'itemFailures':
      return { kind: 'itemFailures', message: `${response.failed.length} reported as failed`, failure: response }
    case 'invalid':
      return {
        kind: 'invalidResponse',
        message: `an invalid batch response: ${response.why}`,
        failure: { kind: 'invalidResponse' },
      }
  }
}
