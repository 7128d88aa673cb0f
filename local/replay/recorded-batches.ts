// The batches of a recording, in the order in which they were delivered. What a partial answer named as failed came again in a later
// line, so it is left out of the earlier one; an attempt that failed as a whole is left out, unless it is asked for.
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import {
  handledEvent,
  type ReadInvocation,
  type RecordedHeader,
  readRecording,
} from 'serverless-offline-kafka-mapping/internal/recording/recording'
import type { ReplayedBatch, ReplaySource } from './replayed-batch.ts'

export interface RecordedBatchesOptions {
  /** Also attempts that failed. */
  readonly withFailed: boolean
  readonly onWarning: (warning: string) => void
  readonly onHeader?: (header: RecordedHeader) => void
}

/**
 * @throws LocalError RECORDING_FAILED, RECORDING_INVALID while it is read
 * @example recordedBatches('ticks.ndjson', { withFailed: false, onWarning: console.error }).batches()
 */
export function recordedBatches(file: string, options: RecordedBatchesOptions): ReplaySource {
  let bytesRead = 0
  const { onWarning, onHeader = () => undefined } = options
  async function* batches(): AsyncGenerator<ReplayedBatch> {
    const onBytes = (bytes: number) => {
      bytesRead = bytes
    }
    for await (const invocation of readRecording(file, { onWarning, onHeader, onBytes })) {
      const batch = batchOf(invocation, options.withFailed)
      if (batch !== undefined) yield batch
    }
  }
  return {
    name: basename(file),
    batches,
    fraction: () => bytesRead / (statSync(file, { throwIfNoEntry: false })?.size ?? Number.NaN),
  }
}

function batchOf(invocation: ReadInvocation, withFailed: boolean): ReplayedBatch | undefined {
  const { at, function: functionKey, reason, event, line } = invocation
  const handled = withFailed ? event : handledEvent(invocation)
  if (handled === undefined) return undefined
  return { functionKey, atMs: Date.parse(at), reason, where: `line ${line}`, event: handled }
}
