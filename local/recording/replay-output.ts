// The results of a replay as a recording: each batch with what the function returned and the rows that its query emitted. Two of them
// are what diff compares.
import { resolve } from 'node:path'
import { codeVersion } from 'serverless-offline-kafka-mapping/internal/recording/code-version'
import { openRecording, type Recording } from 'serverless-offline-kafka-mapping/internal/recording/recording'
import type { ReplayedBatch } from '../replay/replayed-batch.ts'
import type { ReplayOutcome, ReplayTarget } from '../replay/target.ts'

export interface ReplayOutput {
  append(batch: ReplayedBatch, outcome: ReplayOutcome, durationMs: number): void
  close(): Promise<void>
}

/** Lines are compressed together, some of them. */
const flushBytes = 256 * 1024

/**
 * A function's query is known when it was invoked: what it says of its rows stands in a header before its first line.
 * @throws LocalError RECORDING_FAILED
 * @example (await openOutput('a.ndjson', target, service.folder)).append(batch, outcome, 12)
 */
export async function openOutput(
  file: string,
  target: Pick<ReplayTarget, 'queries'>,
  folder = '.',
): Promise<ReplayOutput> {
  const path = resolve(file)
  const code = await codeVersion(folder)
  const header = () => ({ source: 'replay', code, mappings: [], queries: target.queries() }) as const
  const recording: Recording = await openRecording(path, header(), flushBytes)
  let numQueries = target.queries().length
  return {
    append({ functionKey, reason, event }, outcome, durationMs) {
      if (target.queries().length !== numQueries) {
        numQueries = target.queries().length
        recording.begin(header())
      }
      recording.append({
        at: new Date().toISOString(),
        function: functionKey,
        ...(reason === undefined ? {} : { reason }),
        attempt: 1,
        outcome: outcome.kind,
        durationMs: Math.round(durationMs * 1000) / 1000,
        ...(outcome.kind === 'failure'
          ? { message: outcome.message }
          : {
              ...(outcome.returned === undefined ? {} : { returned: outcome.returned }),
              ...(outcome.rows === undefined ? {} : { rows: outcome.rows }),
            }),
        event,
      })
    },
    close: () => recording.close(),
  }
}
